// The Python objects that PyTorch's files are made of: tensors as views of storages. What else may stand in such a file, and what is made of it: all that
// `torch.load(weights_only=True)` permits (torch/_weights_only_unpickler.py of PyTorch 2.9), and a few harmless things more.
import { PalmError } from '#contract/errors.ts'
import type { Dtype } from '#engine/models/formats/file-tensor.ts'
import { isKind, type PickleDict, type PickleValue } from './pickle-values.ts'
import type { PickleRules } from './unpickler.ts'

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
  'torch.ComplexFloatStorage': 'C64',
  'torch.ComplexDoubleStorage': 'C128',
  'torch.storage.UntypedStorage': 'U8',
  // Of quantised tensors, which are no weights that can be read: known by size only.
  'torch.QInt8Storage': 'I8',
  'torch.QUInt8Storage': 'U8',
  'torch.QInt32Storage': 'I32',
  'torch.QUInt4x2Storage': 'U8',
  'torch.QUInt2x4Storage': 'U8',
}
/** PyTorch's names of what a tensor's numbers are, where the storage does not say it. */
const dtypes: Readonly<Record<string, Dtype>> = {
  'torch.float64': 'F64',
  'torch.float32': 'F32',
  'torch.float16': 'F16',
  'torch.bfloat16': 'BF16',
  'torch.float8_e4m3fn': 'F8_E4M3',
  'torch.float8_e5m2': 'F8_E5M2',
  'torch.complex64': 'C64',
  'torch.complex128': 'C128',
  'torch.int64': 'I64',
  'torch.int32': 'I32',
  'torch.int16': 'I16',
  'torch.int8': 'I8',
  'torch.uint64': 'U64',
  'torch.uint32': 'U32',
  'torch.uint16': 'U16',
  'torch.uint8': 'U8',
  'torch.bool': 'BOOL',
}
/** Harmless things that stand beside weights in checkpoints; what they are is of no interest. */
const inert = new Set([
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
  'numpy.dtype',
  '_codecs.encode',
  'argparse.Namespace',
  'types.SimpleNamespace',
  'torch.device',
  'torch.serialization._get_layout',
  'torch.storage.TypedStorage',
  ...['set', 'bytearray', 'complex', 'dict', 'list', 'int', 'float', 'str', 'bool'].flatMap((name) => [
    `builtins.${name}`,
    `__builtin__.${name}`,
  ]),
])
/** Tensors whose values are no plain array. They may stand beside weights, and none of them is one. */
const foreignTensors: Readonly<Record<string, string>> = {
  'torch._utils._rebuild_qtensor': 'it is quantised',
  'torch._utils._rebuild_sparse_tensor': 'it is sparse',
  'torch._utils._rebuild_meta_tensor_no_storage': 'it was saved without values',
  'torch._utils._rebuild_nested_tensor': 'it is a nested tensor',
  'torch._utils._rebuild_wrapper_subclass': 'it was saved without values',
  'torch._utils._rebuild_device_tensor_from_numpy': 'it is an array of another device',
}
/** What gives back the tensor that it is given first. */
const passing = new Set([
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
  'torch._utils._rebuild_device_tensor_from_cpu_tensor',
  'torch.nn.parameter.Parameter',
])
const rebuilders = new Set([
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor',
  'torch._tensor._rebuild_from_type_v2',
  'torch.Size',
])
const dictionaries = new Set(['collections.OrderedDict', 'collections.Counter', 'collections.defaultdict'])
const dtypeName =
  /^torch\.(float|double|half|int|long|short|bool|uint|bfloat|bits|q?u?int|complex|channels_last|contiguous_format|preserve_format|strided|sparse_|per_tensor_|per_channel_)\w*$/
const tensorClass = /^torch\.(cuda\.)?(sparse\.)?(BFloat16|Bool|Byte|Char|Double|Float|Half|Int|Long|Short)?Tensor$/

export interface Storage {
  readonly key: string
  readonly dtype: Dtype
  /** Of the storage, in its own numbers. */
  readonly elements: number
  /** Where a part of a storage begins that was saved as one (before PyTorch 0.4). */
  readonly begin: number
}

export interface TensorView {
  readonly storage: Storage
  readonly dtype: Dtype
  /** In numbers of `dtype`, as the strides are. */
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  /** A view that turns the sign of what is stored (PyTorch's negative bit). */
  readonly negated: boolean
}

/** Raw, as its dtype says; null when the file does not have it. */
export type StorageBytes = (storage: Storage) => Uint8Array | null

export const broken = (fileName: string, reason: string) =>
  new PalmError('model-unreadable', `${fileName} is not a usable PyTorch file: ${reason}.`)

/** @throws PalmError `model-unreadable`, `model-unsupported` */
export function storageOf(id: PickleValue, fileName: string): Storage {
  const parts = isKind(id, 'list') ? id.items : []
  const [tag, type, key, , elements, part] = parts
  if (
    tag !== 'storage' ||
    !isKind(type, 'global') ||
    typeof key !== 'string' ||
    typeof elements !== 'number' ||
    !Number.isSafeInteger(elements) ||
    elements < 0
  )
    throw broken(fileName, 'a tensor refers to something that is no storage')
  const name = plainName(type.name)
  const dtype = Object.hasOwn(storages, name) ? storages[name] : undefined
  if (!dtype)
    throw new PalmError('model-unsupported', `${fileName} holds numbers of the kind ${type.name}, which is not read.`)
  const begin = isKind(part, 'list') ? part.items[1] : 0
  if (typeof begin !== 'number' || !Number.isSafeInteger(begin) || begin < 0)
    throw broken(fileName, 'a tensor refers to something that is no storage')
  return { key, dtype, elements, begin }
}

/** On whatever device it was. */
const plainName = (name: string) => name.replace(/^torch\.cuda\./, 'torch.')

/** Twenty thousand tensors' worth at least; more for a larger file, whose weights take most of it. */
const leastBudget = 48 * 2 ** 20

export function rulesFor(fileName: string, fileBytes: number): PickleRules {
  return {
    budgetBytes: leastBudget + fileBytes / 2,
    permits: (name) =>
      Object.hasOwn(storages, plainName(name)) ||
      inert.has(name) ||
      rebuilders.has(name) ||
      passing.has(name) ||
      dictionaries.has(name) ||
      Object.hasOwn(foreignTensors, name) ||
      dtypeName.test(name) ||
      tensorClass.test(name),
    persistent: (id) => ({ kind: 'object', name: 'storage', value: storageOf(id, fileName) }),
    call: (name, args) => called(name, args, fileName),
    build(target, state) {
      // The oldest files: an empty tensor that is given storage, offset, shape and strides.
      if (target.name !== 'unset tensor' || !isKind(state, 'list') || state.items.length < 4) return
      const made = target.value as { view: TensorView | null }
      made.view = viewOf(rebuilt(state.items, null, fileName))
    },
  }
}

function called(name: string, args: readonly PickleValue[], fileName: string): PickleValue | undefined {
  if (dictionaries.has(name)) return dictionaryOf(args[0])
  if (passing.has(name)) return args[0] ?? null
  if (name === 'torch.Size') return args[0] ?? null
  if (name === 'torch._utils._rebuild_tensor_v2' || name === 'torch._utils._rebuild_tensor')
    return rebuilt(args, null, fileName, args[6])
  if (name === 'torch._utils._rebuild_tensor_v3') return rebuilt(args, args[6] ?? null, fileName, args[7])
  if (name === 'torch._tensor._rebuild_from_type_v2') {
    const [rebuild, , inner] = args
    if (!isKind(rebuild, 'global') || !isKind(inner, 'list') || rebuild.name === name) return undefined
    return called(rebuild.name, inner.items, fileName)
  }
  if (Object.hasOwn(foreignTensors, name)) return foreign(foreignTensors[name] as string)
  if (tensorClass.test(name)) return { kind: 'object', name: 'unset tensor', value: { view: null } }
  return inert.has(name) ? { kind: 'object', name, value: null } : undefined
}

/** Of pairs or of another dict. */
function dictionaryOf(given: PickleValue | undefined): PickleDict {
  const dict: PickleDict = { kind: 'dict', entries: new Map() }
  if (isKind(given, 'dict')) for (const [key, value] of given.entries) dict.entries.set(key, value)
  for (const pair of isKind(given, 'list') ? given.items : []) {
    if (isKind(pair, 'list') && typeof pair.items[0] === 'string')
      dict.entries.set(pair.items[0], pair.items[1] ?? null)
  }
  return dict
}

const foreign = (reason: string): PickleValue => ({ kind: 'object', name: 'foreign tensor', value: reason })

/** `kind`: of the numbers, null = the storage's; `metadata`: the view's bits. */
function rebuilt(
  [storage, offset, shape, strides]: readonly PickleValue[],
  kind: PickleValue,
  fileName: string,
  metadata?: PickleValue,
): PickleValue {
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
  const stored = storage.value as Storage
  const named = isKind(kind, 'global') ? kind.name : null
  const dtype = named === null ? stored.dtype : Object.hasOwn(dtypes, named) ? dtypes[named] : undefined
  if (dtype === undefined) return foreign(`its numbers are of the kind ${named}`)
  const view: TensorView = {
    storage: stored,
    dtype,
    offset: offset + stored.begin,
    shape: numbers(shape),
    strides: numbers(strides),
    negated: isKind(metadata, 'dict') && metadata.entries.get('neg') === true,
  }
  if (view.shape.length !== view.strides.length) throw broken(fileName, 'a tensor has no usable shape')
  return { kind: 'object', name: 'tensor', value: view }
}

/** Of what was read in place of a tensor; null for anything else. */
export function viewOf(value: PickleValue): TensorView | null {
  if (!isKind(value, 'object')) return null
  if (value.name === 'unset tensor') return (value.value as { view: TensorView | null }).view
  return value.name === 'tensor' ? (value.value as TensorView) : null
}

/** Why a tensor cannot be read as an array; null for one that can, and for anything else. */
export const foreignReason = (value: PickleValue): string | null =>
  isKind(value, 'object') && value.name === 'foreign tensor' ? (value.value as string) : null
