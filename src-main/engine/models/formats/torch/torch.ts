// PyTorch's .pt and .pth: the zip format (1.6 and later) and the one before it. A state dict, or a checkpoint with one inside.
import { PalmError } from '#contract/errors.ts'
import { bytesPer, elementReader, isWhole, toFloat32, type FileTensor } from '#engine/models/formats/file-tensor.ts'
import { isKind, type PickleValue } from './pickle-values.ts'
import { readLegacy, readZip } from './torch-containers.ts'
import { broken, foreignReason, viewOf, type StorageBytes, type TensorView } from './torch-objects.ts'
import { stateDictIn } from './torch-state-dict.ts'

const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04

/** Whether the bytes begin as a PyTorch file does. */
export function looksLikeTorch(bytes: Uint8Array): boolean {
  return isZip(bytes) || (bytes[0] === 0x80 && (bytes[1] ?? 9) <= 5)
}

export interface TorchTensors {
  /** Under their names in the file's state dict; `mean` and `std` may also stand beside it in the checkpoint. */
  readonly tensors: ReadonlyMap<string, FileTensor>
  /** Those of them that are whole numbers or truth values. */
  readonly whole: ReadonlySet<string>
  /** Tensors of the state dict that are no arrays, with the reason. */
  readonly foreign: ReadonlyMap<string, string>
  /** Keys of the checkpoint beside the state dict that have tensors. */
  readonly besides: readonly string[]
}

/** What views that repeat their values (strides of 0, overlapping rows) may add to what the file holds: sixty-four megabytes as float32. */
const repeatedElements = 2 ** 24

/** @throws PalmError `model-unreadable`, `model-unsupported` */
export async function readTorch(bytes: Uint8Array, fileName: string): Promise<TorchTensors> {
  const { value, storageBytes } = isZip(bytes) ? await readZip(bytes, fileName) : readLegacy(bytes, fileName)
  const found = stateDictIn(value, fileName)
  if (!found)
    throw new PalmError(
      'model-unreadable',
      `${fileName} holds no state dict: neither by itself nor under state_dict, model, net or the like. In Python: torch.save(model.state_dict(), "model.pth").`,
    )
  const tensors = new Map<string, FileTensor>()
  const whole = new Set<string>()
  const foreign = new Map<string, string>()
  const reader = new TensorReader(storageBytes, fileName)
  for (const [name, entry] of found.entries) {
    if (typeof name !== 'string') continue
    const view = viewOf(entry)
    const reason = foreignReason(entry)
    if (reason !== null) foreign.set(name, reason)
    if (!view) continue
    tensors.set(name, reader.read(view, name))
    if (isWhole(view.dtype)) whole.add(name)
  }
  const said = ['mean', 'std'].filter((key) => {
    const three = tensors.has(key) ? null : threeNumbers(found.beside(key), reader, key)
    if (three) tensors.set(key, three)
    return three !== null
  })
  return { tensors, whole, foreign, besides: found.besides.filter((key) => !said.includes(key)) }
}

/** What a checkpoint says of the images beside the state dict: a tensor or a list of three; null for anything else. */
function threeNumbers(value: PickleValue | undefined, reader: TensorReader, key: string): FileTensor | null {
  if (isKind(value, 'list')) {
    const numbers = value.items.filter((item) => typeof item === 'number')
    return numbers.length === 3 && value.items.length === 3 ? { shape: [3], data: Float32Array.from(numbers) } : null
  }
  const view = value === undefined ? null : viewOf(value)
  return view && view.shape.reduce((product, n) => product * n, 1) === 3 ? reader.read(view, key) : null
}

class TensorReader {
  private readonly storageBytes: StorageBytes
  private readonly fileName: string
  /** Tied weights are one tensor under two names. Other views may share a storage too: what they add up to is bounded by what the storages hold. */
  private readonly same = new Map<string, FileTensor>()
  private readonly seen = new Set<string>()
  private held = 0
  private wanted = 0

  constructor(storageBytes: StorageBytes, fileName: string) {
    this.storageBytes = storageBytes
    this.fileName = fileName
  }

  read(view: TensorView, name: string): FileTensor {
    const { storage, dtype, offset, shape, strides, negated } = view
    const key = JSON.stringify([storage.key, dtype, offset, shape, strides, negated])
    const known = this.same.get(key)
    if (known) return known
    const raw = this.storageBytes(storage) ?? new Uint8Array(0)
    const elements = shape.reduce((product, n) => product * n, 1)
    const inStorage = Math.floor(raw.length / bytesPer[dtype])
    const last = offset + shape.reduce((sum, n, axis) => sum + (n - 1) * (strides[axis] as number), 0)
    if (elements > 0 && last >= inStorage)
      throw new PalmError(
        'model-unreadable',
        `${this.fileName}: the tensor “${name}” reaches beyond its storage: the file may be cut short.`,
      )
    if (!this.seen.has(storage.key)) this.held += inStorage
    this.seen.add(storage.key)
    this.wanted += elements
    if (!(this.wanted <= 2 * this.held + (elements > inStorage ? repeatedElements : 0)))
      throw broken(this.fileName, 'its tensors are larger than what it holds')
    const data = valuesOf(view, elements, raw)
    const tensor = { shape, data: negated ? data.map((value) => -value) : data }
    this.same.set(key, tensor)
    return tensor
  }
}

function valuesOf({ dtype, offset, shape, strides }: TensorView, elements: number, raw: Uint8Array): Float32Array {
  const width = bytesPer[dtype]
  let expected = 1
  const contiguous = shape.every((_, i) => {
    const axis = shape.length - 1 - i
    const fits = shape[axis] === 1 || strides[axis] === expected
    expected *= shape[axis] as number
    return fits
  })
  if (contiguous) return toFloat32(raw.subarray(offset * width, (offset + elements) * width), dtype)
  const read = elementReader(raw, dtype)
  const out = new Float32Array(elements)
  const index = new Array<number>(shape.length).fill(0)
  let from = offset
  for (let i = 0; i < elements; i++) {
    out[i] = read(from * width)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1
      from += strides[axis] as number
      if ((index[axis] as number) < (shape[axis] as number)) break
      from -= (strides[axis] as number) * (shape[axis] as number)
      index[axis] = 0
    }
  }
  return out
}
