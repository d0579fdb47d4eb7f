// The Python objects that PyTorch's files are made of: tensors as views of storages. What else may stand in such a file, and what is made of it.
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

export interface Storage {
  readonly key: string
  readonly dtype: Dtype
  readonly elements: number
}

export interface TensorView {
  readonly storage: Storage
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

/** Raw, as its dtype says; null when the file does not have it. */
export type StorageBytes = (storage: Storage) => Uint8Array | null

export const broken = (fileName: string, reason: string) =>
  new PalmError('model-unreadable', `${fileName} is not a usable PyTorch file: ${reason}.`)

/** @throws PalmError `model-unreadable`, `model-unsupported` */
export function storageOf(id: PickleValue, fileName: string): Storage {
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

export function rulesFor(fileName: string, fileBytes: number): PickleRules {
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

/** Of what was read in place of a tensor; null for anything else. */
export const viewOf = (value: PickleValue): TensorView | null =>
  isKind(value, 'object') && value.name === 'tensor' ? (value.value as TensorView) : null
