// PyTorch's .pt and .pth: the zip format (1.6 and later) and the one before it. A state dict, or a checkpoint with one inside.
import { PalmError } from '#contract/errors.ts'
import { bytesPer, elementReader, toFloat32, type FileTensor } from '#engine/models/formats/file-tensor.ts'
import { readLegacy, readZip } from './torch-containers.ts'
import { broken, viewOf, type TensorView } from './torch-objects.ts'
import { stateDictIn } from './torch-state-dict.ts'

const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04

/** Whether the bytes begin as a PyTorch file does. */
export function looksLikeTorch(bytes: Uint8Array): boolean {
  return isZip(bytes) || (bytes[0] === 0x80 && (bytes[1] ?? 9) <= 5)
}

/** Tensors under their names in the file's state dict. @throws PalmError `model-unreadable`, `model-unsupported` */
export async function readTorch(bytes: Uint8Array, fileName: string): Promise<Map<string, FileTensor>> {
  const { value, storageBytes } = isZip(bytes) ? await readZip(bytes, fileName) : readLegacy(bytes, fileName)
  const found = stateDictIn(value, 0, new Set())
  if (!found)
    throw new PalmError(
      'model-unreadable',
      `${fileName} holds no state dict: neither by itself nor under state_dict, model, net or the like. In Python: torch.save(model.state_dict(), "model.pth").`,
    )
  const tensors = new Map<string, FileTensor>()
  // Tied weights are one tensor under two names. Other views may share a storage too: what they add up to is bounded by what the storages hold.
  const same = new Map<string, FileTensor>()
  const seen = new Set<string>()
  let held = 0
  let wanted = 0
  for (const [name, entry] of found.entries) {
    const view = viewOf(entry)
    if (!view || typeof name !== 'string') continue
    const { storage, offset, shape, strides } = view
    const key = JSON.stringify([storage.key, storage.dtype, offset, shape, strides])
    const known = same.get(key)
    if (known) {
      tensors.set(name, known)
      continue
    }
    const what = `${fileName}: the tensor “${name}”`
    const raw = storageBytes(storage)
    const elements = shape.reduce((product, n) => product * n, 1)
    const inStorage = raw ? Math.floor(raw.length / bytesPer[storage.dtype]) : 0
    if (elements > inStorage)
      throw new PalmError('model-unreadable', `${what} is larger than its storage: the file may be cut short.`)
    if (!seen.has(storage.key)) held += inStorage
    seen.add(storage.key)
    wanted += elements
    if (wanted > 2 * held) throw broken(fileName, 'its tensors are larger than what it holds')
    const tensor = { shape, data: valuesOf(view, elements, raw ?? new Uint8Array(0), inStorage, what) }
    same.set(key, tensor)
    tensors.set(name, tensor)
  }
  return tensors
}

function valuesOf(
  { storage, offset, shape, strides }: TensorView,
  elements: number,
  raw: Uint8Array,
  held: number,
  what: string,
): Float32Array {
  const width = bytesPer[storage.dtype]
  const last =
    elements === 0 ? -1 : offset + shape.reduce((sum, n, axis) => sum + (n - 1) * (strides[axis] as number), 0)
  if (last >= held)
    throw new PalmError('model-unreadable', `${what} reaches beyond its storage: the file may be cut short.`)
  let expected = 1
  const contiguous = shape.every((_, i) => {
    const axis = shape.length - 1 - i
    const fits = shape[axis] === 1 || strides[axis] === expected
    expected *= shape[axis] as number
    return fits
  })
  if (contiguous) return toFloat32(raw.subarray(offset * width, (offset + elements) * width), storage.dtype)
  const read = elementReader(raw, storage.dtype)
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
