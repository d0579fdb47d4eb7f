// Tensors of a generated checkpoint in the ways that PyTorch writes them: kinds of numbers, views of storages, parameters, subclasses.
import { bytesPer, type Dtype } from '#engine/models/formats/file-tensor.ts'
import type { FuzzRandom } from '#test/fuzz/fuzz-random.ts'
import type { Py } from './pickle-writer.ts'

const storageOf: Partial<Record<Dtype, string>> = {
  F64: 'DoubleStorage',
  F32: 'FloatStorage',
  F16: 'HalfStorage',
  BF16: 'BFloat16Storage',
  I64: 'LongStorage',
  I32: 'IntStorage',
  I16: 'ShortStorage',
  I8: 'CharStorage',
  U8: 'ByteStorage',
  BOOL: 'BoolStorage',
  C64: 'ComplexFloatStorage',
}
const dtypeOf = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F8_E4M3: 'float8_e4m3fn',
  F8_E5M2: 'float8_e5m2',
  C64: 'complex64',
  C128: 'complex128',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
} as const satisfies Record<Dtype, string>

export interface StorageData {
  readonly key: string
  readonly elements: number
  readonly bytes: Uint8Array
  /** What a change of byte order turns around. */
  readonly width: number
}

const emptyHooks: Py = { call: 'collections.OrderedDict', args: [] }
const product = (shape: readonly number[]) => shape.reduce((all, n) => all * n, 1)
const contiguous = (shape: readonly number[]) => shape.map((_, axis) => product(shape.slice(axis + 1)))

export class TensorWriter {
  readonly storages: StorageData[] = []
  private readonly random: FuzzRandom
  /** The format before the zip has storages of one kind of number only. */
  private readonly legacy: boolean

  constructor(random: FuzzRandom, legacy: boolean) {
    this.random = random
    this.legacy = legacy
  }

  /** A weight: any kind of number, any view. */
  weight(shape: readonly number[]): Py {
    const { random } = this
    const dtype = random.chance(0.6)
      ? 'F32'
      : random.pick([
          'F64',
          'F16',
          'BF16',
          'I64',
          'I32',
          'I16',
          'I8',
          'U8',
          ...(this.legacy ? [] : (['U16', 'U32', 'F8_E4M3', 'F8_E5M2'] as const)),
        ] as const)
    return this.tensor(shape, dtype)
  }

  tensor(shape: readonly number[], dtype: Dtype): Py {
    const { random } = this
    let strides = contiguous(shape)
    const way = random.below(6)
    if (way === 0 && shape.length > 1) {
      // Axes that lie in another order: transposed, or channels last.
      const order = shape.map((_, axis) => axis).sort(() => random.next() - 0.5)
      const turned = contiguous(order.map((axis) => shape[axis] as number))
      strides = shape.map((_, axis) => turned[order.indexOf(axis)] as number)
    } else if (way === 1 && shape.length === 1) strides = [random.pick([0, 2, 3])]
    else if (way === 2 && shape.length === 4) strides = [strides[0] as number, strides[1] as number, 1, 1] // overlapping
    const offset = random.chance(0.2) ? random.below(5) : 0
    const last = shape.reduce((sum, n, axis) => sum + (n - 1) * (strides[axis] as number), 0)
    return this.view(dtype, product(shape) === 0 ? 0 : offset + last + 1 + random.below(3), offset, shape, strides)
  }

  private view(
    dtype: Dtype,
    elements: number,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ): Py {
    const { random } = this
    const untyped = storageOf[dtype] === undefined || (!this.legacy && random.chance(0.1))
    const negative = !untyped && dtype === 'F32' && random.chance(0.1)
    const args: Py[] = [
      this.storage(dtype, elements, untyped),
      offset,
      { tuple: shape },
      { tuple: strides },
      false,
      emptyHooks,
    ]
    if (untyped)
      return this.wrapped('torch._utils._rebuild_tensor_v3', [...args, { global: `torch.${dtypeOf[dtype]}` }])
    if (negative) args.push({ dict: [['neg', true]] })
    else if (random.chance(0.05)) return { call: 'torch._utils._rebuild_tensor', args: args.slice(0, 4) }
    return this.wrapped('torch._utils._rebuild_tensor_v2', args)
  }

  private wrapped(rebuild: string, args: readonly Py[]): Py {
    const { random } = this
    const tensor: Py = { call: rebuild, args }
    if (random.chance(0.1)) return { call: 'torch._utils._rebuild_parameter', args: [tensor, false, emptyHooks] }
    if (random.chance(0.05))
      return {
        call: 'torch._utils._rebuild_parameter_with_state',
        args: [tensor, false, emptyHooks, { dict: [['tag', 'x']] }],
      }
    if (random.chance(0.05))
      return {
        call: 'torch._tensor._rebuild_from_type_v2',
        args: [{ global: rebuild }, { global: 'torch.Tensor' }, { tuple: args }, { dict: [['note', 3]] }],
      }
    return tensor
  }

  private storage(dtype: Dtype, elements: number, untyped: boolean): Py {
    const key = String(this.storages.length)
    const bytes = this.numbers(dtype, elements)
    const count = untyped ? bytes.length : elements
    this.storages.push({ key, elements: count, bytes, width: untyped ? 1 : dtype === 'C64' ? 4 : bytesPer[dtype] })
    return {
      persistent: {
        tuple: [
          'storage',
          { global: untyped ? 'torch.storage.UntypedStorage' : `torch.${storageOf[dtype]}` },
          key,
          'cpu',
          count,
        ],
      },
    }
  }

  /** Finite ones, of every pattern that the kind has. */
  private numbers(dtype: Dtype, elements: number): Uint8Array {
    const { random } = this
    const bytes = new Uint8Array(elements * bytesPer[dtype])
    const view = new DataView(bytes.buffer)
    for (let i = 0; i < elements; i++) {
      const at = i * bytesPer[dtype]
      const value = (random.next() - 0.5) * 2 ** random.below(9)
      if (dtype === 'F32' || dtype === 'C64') view.setFloat32(at, value, true)
      else if (dtype === 'F64' || dtype === 'C128') view.setFloat64(at, value, true)
      else if (dtype === 'BF16')
        view.setUint16(at, (random.below(0x4400 - 0x3000) + 0x3000) | (random.below(2) << 15), true)
      else if (dtype === 'F16') view.setUint16(at, random.below(0x7c00) | (random.below(2) << 15), true)
      else if (dtype === 'F8_E4M3') bytes[at] = random.below(0x7f) | (random.below(2) << 7)
      else if (dtype === 'F8_E5M2') bytes[at] = random.below(0x7c) | (random.below(2) << 7)
      else if (dtype === 'BOOL') bytes[at] = random.below(2)
      else bytes.set(random.bytes(Math.min(3, bytesPer[dtype])), at)
    }
    return bytes
  }

  /** Tensors that are no arrays, as they may stand beside weights. */
  foreign(): Py {
    const { random } = this
    const size: Py = { tuple: [2, 2] }
    switch (random.below(3)) {
      case 0:
        return {
          call: 'torch._utils._rebuild_meta_tensor_no_storage',
          args: [{ global: 'torch.float32' }, size, { tuple: [2, 1] }, false],
        }
      case 1: {
        const key = String(this.storages.length)
        this.storages.push({ key, elements: 4, bytes: random.bytes(4), width: 1 })
        const storage: Py = {
          persistent: { tuple: ['storage', { global: 'torch.QInt8Storage' }, key, 'cpu', 4] },
        }
        const scheme: Py = { tuple: [{ global: 'torch.per_tensor_affine' }, { float: 0.1 }, 0] }
        return {
          call: 'torch._utils._rebuild_qtensor',
          args: [storage, 0, size, { tuple: [2, 1] }, scheme, false, emptyHooks],
        }
      }
      default: {
        const layout: Py = { call: 'torch.serialization._get_layout', args: ['torch.sparse_coo'] }
        const indices = this.plain([2, 1], 'I64', new Uint8Array(16))
        const values = this.plain([1], 'F32', new Uint8Array(4))
        return {
          call: 'torch._utils._rebuild_sparse_tensor',
          args: [layout, { tuple: [indices, values, { call: 'torch.Size', args: [size] }, true] }],
        }
      }
    }
  }

  private plain(shape: readonly number[], dtype: Dtype, bytes: Uint8Array): Py {
    const key = String(this.storages.length)
    this.storages.push({ key, elements: product(shape), bytes, width: bytesPer[dtype] })
    const storage: Py = {
      persistent: { tuple: ['storage', { global: `torch.${storageOf[dtype]}` }, key, 'cpu', product(shape)] },
    }
    return {
      call: 'torch._utils._rebuild_tensor_v2',
      args: [storage, 0, { tuple: shape }, { tuple: contiguous(shape) }, false, emptyHooks],
    }
  }
}
