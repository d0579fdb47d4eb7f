// PyTorch's .pt and .pth: the zip format (1.6 and later) and the one before it. A state dict, or a checkpoint with one inside.
import { PalmError } from '#contract/errors.ts'
import { bytesPer, elementReader, toFloat32, type Dtype, type FileTensor } from './file-tensor.ts'
import { isKind, readPickle, type PickleDict, type PickleRules, type PickleValue } from './pickle.ts'
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
const inert = new Set([
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
  'numpy.dtype',
  '_codecs.encode',
  'torch.device',
  'torch.Size',
  'collections.defaultdict',
  'builtins.set',
  '__builtin__.set',
  'torch.nn.parameter.Parameter',
])
const rebuilders = new Set([
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_parameter',
  'collections.OrderedDict',
])
const dtypeName =
  /^torch\.(float|double|half|int|long|short|bool|uint|bfloat|complex|channels_last|contiguous_format|strided)\w*$/

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

const broken = (fileName: string, reason: string) =>
  new PalmError('model-unreadable', `${fileName} is no usable PyTorch file: ${reason}.`)

type StorageBytes = (storage: Storage) => Uint8Array | null

async function readZip(
  bytes: Uint8Array,
  fileName: string,
): Promise<{ value: PickleValue; storageBytes: StorageBytes }> {
  const entries = await zipEntries(bytes, (reason) => broken(fileName, reason))
  const main = entries.names.find((name) => name.endsWith('/data.pkl') || name === 'data.pkl')
  if (main === undefined) {
    const script = entries.names.some((name) => name.includes('/code/'))
    throw broken(
      fileName,
      script ? 'it is a TorchScript archive without a state dict' : 'there is no data.pkl in the archive',
    )
  }
  const root = main.slice(0, -'data.pkl'.length)
  const order = entries.bytesOf(`${root}byteorder`)
  if (order && new TextDecoder().decode(order).trim() === 'big')
    throw new PalmError('model-unsupported', `${fileName} was written on a big-endian machine.`)
  const { value } = readPickle(entries.bytesOf(main) as Uint8Array, 0, fileName, rulesFor(fileName, bytes.length))
  // What is packed is unpacked for the tensor in hand, and kept for the next one, which mostly looks at the same storage.
  let last: { key: string; raw: Uint8Array | null } | null = null
  return {
    value,
    storageBytes: ({ key }) => {
      if (last?.key !== key) last = { key, raw: entries.bytesOf(`${root}data/${key}`) }
      return last.raw
    },
  }
}

function readLegacy(bytes: Uint8Array, fileName: string): { value: PickleValue; storageBytes: StorageBytes } {
  const rules = rulesFor(fileName, bytes.length)
  let at = 0
  const next = () => {
    const { value, end } = readPickle(bytes, at, fileName, rules)
    at = end
    return value
  }
  const first = next()
  // Of 80 bits: a double holds 53 of them.
  if (typeof first !== 'number' || Math.abs(first / magic - 1) > 1e-12)
    throw broken(fileName, 'it does not begin as a PyTorch file does')
  next() // protocol version
  const system = next()
  if (isKind(system, 'dict') && system.entries.get('little_endian') === false)
    throw new PalmError('model-unsupported', `${fileName} was written on a big-endian machine.`)
  const dtypes = new Map<string, Storage>()
  const own: PickleRules = {
    ...rules,
    persistent: (id) => {
      const storage = storageOf(id, fileName)
      dtypes.set(storage.key, storage)
      return { kind: 'object', name: 'storage', value: storage }
    },
  }
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
  if (
    tag !== 'storage' ||
    !isKind(type, 'global') ||
    typeof key !== 'string' ||
    typeof elements !== 'number' ||
    !Number.isSafeInteger(elements) ||
    elements < 0
  )
    throw broken(fileName, 'a tensor refers to something that is no storage')
  const dtype = Object.hasOwn(storages, type.name) ? storages[type.name] : undefined
  if (!dtype)
    throw new PalmError('model-unsupported', `${fileName} holds numbers of the kind ${type.name}, which is not read.`)
  return { key, dtype, elements }
}

/** Twenty thousand tensors' worth at least; more for a larger file, whose weights take most of it. */
const leastBudget = 48 * 2 ** 20

function rulesFor(fileName: string, fileBytes: number): PickleRules {
  return {
    budgetBytes: leastBudget + fileBytes / 2,
    permits: (name) => Object.hasOwn(storages, name) || inert.has(name) || rebuilders.has(name) || dtypeName.test(name),
    persistent: (id) => ({ kind: 'object', name: 'storage', value: storageOf(id, fileName) }),
    call(name, args) {
      if (name === 'collections.OrderedDict') {
        const dict: PickleDict = { kind: 'dict', entries: new Map() }
        for (const pair of isKind(args[0], 'list') ? args[0].items : []) {
          if (isKind(pair, 'list') && typeof pair.items[0] === 'string')
            dict.entries.set(pair.items[0], pair.items[1] ?? null)
        }
        return dict
      }
      if (name === 'torch._utils._rebuild_parameter') return args[0]
      if (name === 'torch._utils._rebuild_tensor_v2' || name === 'torch._utils._rebuild_tensor')
        return rebuilt(args, fileName)
      if (name === 'collections.defaultdict') return { kind: 'dict', entries: new Map() }
      return inert.has(name) ? { kind: 'object', name, value: null } : undefined
    },
  }
}

function rebuilt([storage, offset, shape, strides]: readonly PickleValue[], fileName: string): PickleValue {
  const numbers = (value: PickleValue | undefined) => {
    const items = isKind(value, 'list') ? value.items : null
    if (
      !items ||
      items.length > 8 ||
      !items.every((item): item is number => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0)
    )
      throw broken(fileName, 'a tensor has no usable shape')
    return items
  }
  if (
    !isKind(storage, 'object') ||
    storage.name !== 'storage' ||
    typeof offset !== 'number' ||
    !Number.isSafeInteger(offset) ||
    offset < 0
  )
    throw broken(fileName, 'a tensor has no storage')
  const view: TensorView = {
    storage: storage.value as Storage,
    offset,
    shape: numbers(shape),
    strides: numbers(strides),
  }
  if (view.shape.length !== view.strides.length) throw broken(fileName, 'a tensor has no usable shape')
  return { kind: 'object', name: 'tensor', value: view }
}

const viewOf = (value: PickleValue): TensorView | null =>
  isKind(value, 'object') && value.name === 'tensor' ? (value.value as TensorView) : null

const likelyKeys = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'state_dict_ema',
  'model_ema',
  'ema_state_dict',
  'ema',
  'params',
  'params_ema',
  'weights',
  'classifier',
  'module',
]
/** Moments of an optimizer are tensors too. */
const neverWeights = /optim|sched|scaler|moment|buffer|rng|random/i

/** The dict that holds tensors: this one, or one under a usual key. */
function stateDictIn(value: PickleValue, depth: number, seen: Set<PickleDict>): PickleDict | null {
  // A dict may hold itself, and be found by many ways.
  if (!isKind(value, 'dict') || depth > 4 || seen.has(value)) return null
  seen.add(value)
  const tensors = [...value.entries.values()].filter((entry) => viewOf(entry)).length
  if (tensors >= 2) return value
  for (const key of likelyKeys) {
    const inner = value.entries.get(key)
    const found = inner === undefined ? null : stateDictIn(inner, depth + 1, seen)
    if (found) return found
  }
  if (tensors > 0) return value
  for (const [key, inner] of value.entries) {
    const found =
      typeof key === 'string' && !likelyKeys.includes(key) && !neverWeights.test(key)
        ? stateDictIn(inner, depth + 1, seen)
        : null
    if (found) return found
  }
  return null
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
