// PyTorch's .pt and .pth: the zip format (1.6 and later) and the one before it. A state dict, or a checkpoint with one inside. Written is the zip
// format, so that `torch.load(path, weights_only=True)` takes it.
import { zipSync } from 'fflate'
import { PalmError } from '../../../contract/errors.ts'
import { bytesPer, toFloat32, type Dtype, type FileTensor } from './file-tensor.ts'
import { deepest, isKind, readPickle, type PickleDict, type PickleRules, type PickleValue } from './pickle.ts'
import { zipEntries } from './zip-entries.ts'

const storages: Readonly<Record<string, Dtype>> = {
  'torch.FloatStorage': 'F32',
  'torch.DoubleStorage': 'F64',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
}
/** Harmless things that stand beside weights in checkpoints; what they are is of no interest. */
const inert = new Set(['numpy.core.multiarray.scalar', 'numpy._core.multiarray.scalar', 'numpy.dtype', '_codecs.encode', 'torch.device', 'torch.Size', 'collections.defaultdict', 'builtins.set', '__builtin__.set', 'torch.nn.parameter.Parameter'])
const rebuilders = new Set(['torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor', 'torch._utils._rebuild_parameter', 'collections.OrderedDict'])
const dtypeName = /^torch\.(float|double|half|int|long|short|bool|uint|bfloat|complex|channels_last|contiguous_format|strided)\w*$/

interface Storage {
  readonly key: string
  readonly dtype: Dtype
  readonly elements: number
}

interface TensorView {
  readonly storage: Storage
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

const magic = 0x1950a86a20f9469cfc6c

const isZip = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04

/** Whether the bytes begin as a PyTorch file does. */
export function looksLikeTorch(bytes: Uint8Array): boolean {
  return isZip(bytes) || (bytes[0] === 0x80 && (bytes[1] ?? 9) <= 5)
}

/** Tensors under their names in the file's state dict. @throws PalmError `model-unreadable`, `model-unsupported` */
export async function readTorch(bytes: Uint8Array, fileName: string): Promise<Map<string, FileTensor>> {
  const { value, storageBytes } = isZip(bytes) ? await readZip(bytes, fileName) : readLegacy(bytes, fileName)
  const found = stateDictIn(value, 0)
  if (!found) throw new PalmError('model-unreadable', `${fileName} holds no state dict: neither by itself nor under state_dict, model, net or the like. In Python: torch.save(model.state_dict(), "model.pth").`)
  const tensors = new Map<string, FileTensor>()
  // Views may share a storage: what they add up to is bounded all the same.
  let budget = 4 * bytes.length + 1024
  for (const [name, entry] of found.entries) {
    const view = viewOf(entry)
    if (!view || typeof name !== 'string') continue
    const elements = view.shape.reduce((product, n) => product * n, 1)
    budget -= 4 * elements
    if (budget < 0) throw broken(fileName, 'its tensors are larger than the file')
    tensors.set(name, { shape: view.shape, data: valuesOf(view, elements, storageBytes, `${fileName}: the tensor “${name}”`) })
  }
  return tensors
}

const broken = (fileName: string, reason: string) => new PalmError('model-unreadable', `${fileName} is no usable PyTorch file: ${reason}.`)

type StorageBytes = (storage: Storage) => Uint8Array | null

async function readZip(bytes: Uint8Array, fileName: string): Promise<{ value: PickleValue; storageBytes: StorageBytes }> {
  const entries = await zipEntries(bytes, (reason) => broken(fileName, reason))
  const main = [...entries.keys()].find((name) => name.endsWith('/data.pkl') || name === 'data.pkl')
  if (main === undefined) {
    const script = [...entries.keys()].some((name) => name.includes('/code/'))
    throw broken(fileName, script ? 'it is a TorchScript archive without a state dict' : 'there is no data.pkl in the archive')
  }
  const root = main.slice(0, -'data.pkl'.length)
  const order = entries.get(`${root}byteorder`)
  if (order && new TextDecoder().decode(order).trim() === 'big') throw new PalmError('model-unsupported', `${fileName} was written on a big-endian machine.`)
  const { value } = readPickle(entries.get(main) as Uint8Array, 0, fileName, rulesFor(fileName))
  return { value, storageBytes: ({ key }) => entries.get(`${root}data/${key}`) ?? null }
}

function readLegacy(bytes: Uint8Array, fileName: string): { value: PickleValue; storageBytes: StorageBytes } {
  const rules = rulesFor(fileName)
  let at = 0
  const next = () => {
    const { value, end } = readPickle(bytes, at, fileName, rules)
    at = end
    return value
  }
  const first = next()
  // Of 80 bits: a double holds 53 of them.
  if (typeof first !== 'number' || Math.abs(first / magic - 1) > 1e-12) throw broken(fileName, 'it does not begin as a PyTorch file does')
  next() // protocol version
  const system = next()
  if (isKind(system, 'dict') && system.entries.get('little_endian') === false) throw new PalmError('model-unsupported', `${fileName} was written on a big-endian machine.`)
  const dtypes = new Map<string, Storage>()
  const own: PickleRules = { ...rules, persistent: (id) => {
    const storage = storageOf(id, fileName)
    dtypes.set(storage.key, storage)
    return { kind: 'object', name: 'storage', value: storage }
  } }
  const main = readPickle(bytes, at, fileName, own)
  at = main.end
  const keys = next()
  const raw = new Map<string, Uint8Array>()
  for (const key of isKind(keys, 'list') ? keys.items : []) {
    if (at + 8 > bytes.length) throw broken(fileName, 'it is cut short')
    const elements = Number(new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigInt64(0, true))
    at += 8
    const storage = dtypes.get(String(key))
    if (!storage) continue
    const size = elements * bytesPer[storage.dtype]
    if (!(elements >= 0) || at + size > bytes.length) throw broken(fileName, 'it is cut short')
    raw.set(storage.key, bytes.subarray(at, at + size))
    at += size
  }
  return { value: main.value, storageBytes: ({ key }) => raw.get(key) ?? null }
}

function storageOf(id: PickleValue, fileName: string): Storage {
  const parts = isKind(id, 'list') ? id.items : []
  const [tag, type, key, , elements] = parts
  if (tag !== 'storage' || !isKind(type, 'global') || typeof key !== 'string' || typeof elements !== 'number') throw broken(fileName, 'a tensor refers to something that is no storage')
  const dtype = storages[type.name]
  if (!dtype) throw new PalmError('model-unsupported', `${fileName} holds numbers of the kind ${type.name}, which is not read.`)
  return { key, dtype, elements }
}

function rulesFor(fileName: string): PickleRules {
  return {
    permits: (name) => Object.hasOwn(storages, name) || inert.has(name) || rebuilders.has(name) || dtypeName.test(name),
    persistent: (id) => ({ kind: 'object', name: 'storage', value: storageOf(id, fileName) }),
    call(name, args) {
      if (name === 'collections.OrderedDict') {
        const dict: PickleDict = { kind: 'dict', entries: new Map() }
        for (const pair of isKind(args[0], 'list') ? args[0].items : []) {
          if (isKind(pair, 'list') && typeof pair.items[0] === 'string') dict.entries.set(pair.items[0], pair.items[1] ?? null)
        }
        return dict
      }
      if (name === 'torch._utils._rebuild_parameter') return args[0]
      if (name === 'torch._utils._rebuild_tensor_v2' || name === 'torch._utils._rebuild_tensor') return rebuilt(args, fileName)
      if (name === 'collections.defaultdict') return { kind: 'dict', entries: new Map() }
      return inert.has(name) ? { kind: 'object', name, value: null } : undefined
    },
  }
}

function rebuilt([storage, offset, shape, strides]: readonly PickleValue[], fileName: string): PickleValue {
  const numbers = (value: PickleValue | undefined) => {
    const items = isKind(value, 'list') ? value.items : null
    if (!items || items.length > 8 || !items.every((item): item is number => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0)) throw broken(fileName, 'a tensor has no usable shape')
    return items
  }
  if (!isKind(storage, 'object') || storage.name !== 'storage' || typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0) throw broken(fileName, 'a tensor has no storage')
  const view: TensorView = { storage: storage.value as Storage, offset, shape: numbers(shape), strides: numbers(strides) }
  if (view.shape.length !== view.strides.length) throw broken(fileName, 'a tensor has no usable shape')
  return { kind: 'object', name: 'tensor', value: view }
}

const viewOf = (value: PickleValue): TensorView | null => (isKind(value, 'object') && value.name === 'tensor' ? (value.value as TensorView) : null)

const likelyKeys = ['state_dict', 'model_state_dict', 'model', 'net', 'network', 'state_dict_ema', 'model_ema', 'ema', 'params', 'weights', 'classifier']

/** The dict that holds tensors: this one, or one under a usual key. */
function stateDictIn(value: PickleValue, depth: number): PickleDict | null {
  if (!isKind(value, 'dict') || depth > Math.min(4, deepest)) return null
  const tensors = [...value.entries.values()].filter((entry) => viewOf(entry)).length
  if (tensors >= 2) return value
  for (const key of likelyKeys) {
    const inner = value.entries.get(key)
    const found = inner === undefined ? null : stateDictIn(inner, depth + 1)
    if (found) return found
  }
  return tensors > 0 ? value : null
}

function valuesOf({ storage, offset, shape, strides }: TensorView, elements: number, storageBytes: StorageBytes, what: string): Float32Array {
  const raw = storageBytes(storage)
  const width = bytesPer[storage.dtype]
  const held = raw ? Math.floor(raw.length / width) : 0
  const last = elements === 0 ? -1 : offset + shape.reduce((sum, n, axis) => sum + (n - 1) * (strides[axis] as number), 0)
  if (!raw || last >= held) throw new PalmError('model-unreadable', `${what} reaches beyond its storage: the file may be cut short.`)
  let expected = 1
  const contiguous = shape.every((_, i) => {
    const axis = shape.length - 1 - i
    const fits = shape[axis] === 1 || strides[axis] === expected
    expected *= shape[axis] as number
    return fits
  })
  if (contiguous) return toFloat32(raw.subarray(offset * width, (offset + elements) * width), storage.dtype)
  if (elements > held) throw new PalmError('model-unreadable', `${what} repeats its storage: it is larger than what the file holds.`)
  const all = toFloat32(raw.subarray(0, held * width), storage.dtype)
  const out = new Float32Array(elements)
  const index = new Array<number>(shape.length).fill(0)
  let from = offset
  for (let i = 0; i < elements; i++) {
    out[i] = all[from] as number
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

/** A state dict of float32 tensors that `torch.load(path, weights_only=True)` gives back as an OrderedDict. */
export function writeTorch(tensors: ReadonlyMap<string, FileTensor>): Uint8Array {
  const files: Record<string, Uint8Array> = {}
  const pickle = new PickleWriter()
  pickle.begin()
  let key = 0
  for (const [name, { shape, data }] of tensors) {
    pickle.tensor(name, String(key), shape, data.length)
    files[`archive/data/${key}`] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    key += 1
  }
  return zipSync({ 'archive/data.pkl': pickle.end(), 'archive/byteorder': new TextEncoder().encode('little'), ...files, 'archive/version': new TextEncoder().encode('3\n') }, { level: 0 })
}

/** Only what a state dict needs, in protocol 2. */
class PickleWriter {
  private readonly parts: number[] = []

  begin(): void {
    this.parts.push(0x80, 2)
    this.global('collections', 'OrderedDict')
    this.parts.push(0x29, 0x52, 0x28) // ) R (
  }

  tensor(name: string, key: string, shape: readonly number[], elements: number): void {
    this.text(name)
    this.global('torch._utils', '_rebuild_tensor_v2')
    this.parts.push(0x28, 0x28) // ( (
    this.text('storage')
    this.global('torch', 'FloatStorage')
    this.text(key)
    this.text('cpu')
    this.int(elements)
    this.parts.push(0x74, 0x51) // t Q
    this.int(0)
    this.tuple(shape)
    this.tuple(shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1)))
    this.parts.push(0x89) // False: wants no gradient
    this.global('collections', 'OrderedDict')
    this.parts.push(0x29, 0x52, 0x74, 0x52) // ) R t R
  }

  end(): Uint8Array {
    this.parts.push(0x75, 0x2e) // u .
    return Uint8Array.from(this.parts)
  }

  private global(module: string, name: string): void {
    this.parts.push(0x63, ...new TextEncoder().encode(`${module}\n${name}\n`))
  }

  private text(value: string): void {
    const bytes = new TextEncoder().encode(value)
    this.parts.push(0x58, bytes.length & 255, (bytes.length >> 8) & 255, (bytes.length >> 16) & 255, bytes.length >>> 24, ...bytes)
  }

  private int(value: number): void {
    if (value < 0x7fffffff) this.parts.push(0x4a, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24)
    else {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true)
      this.parts.push(0x8a, 8, ...bytes)
    }
  }

  private tuple(values: readonly number[]): void {
    this.parts.push(0x28)
    for (const value of values) this.int(value)
    this.parts.push(0x74)
  }
}

