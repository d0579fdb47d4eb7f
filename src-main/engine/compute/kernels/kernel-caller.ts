// Calls native TensorFlow's kernels by name, and counts what is alive. All families of kernels go through it.
import { PalmError } from '#contract/errors.ts'
import {
  FLOAT,
  INT32,
  UINT8,
  bool,
  int,
  noAttributes,
  type,
  type Attribute,
  type Binding,
} from '#engine/compute/binding.ts'
import type { Device, DeviceCounts, DeviceTensor, HostValues } from '#engine/compute/device.ts'

class NativeTensor implements DeviceTensor {
  readonly id: number
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
  private readonly owner: KernelCaller
  private alive = true

  constructor(owner: KernelCaller, id: number, shape: readonly number[], dtype: 'float32' | 'int32') {
    this.owner = owner
    this.id = id
    this.shape = shape
    this.dtype = dtype
  }

  dispose(): void {
    if (!this.alive) throw new Error(`A tensor of shape [${this.shape.join(', ')}] was disposed twice`)
    this.alive = false
    this.owner.release(this)
  }
}

export const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

/** Small int32 arguments that are kept. */
const mostArguments = 4096
/** Float32 constants that are kept; the one that was not asked for longest goes first. */
const mostConstants = 512

export class KernelCaller {
  readonly kind: 'cpu' | 'cuda'
  readonly version: string
  private readonly binding: Binding
  private tensors = 0
  private bytes = 0
  private peak = 0
  private launches = 0
  private uploads = 0
  private reads = 0
  private readonly hostInts = new Map<string, NativeTensor>()
  private readonly kept = new Map<number, NativeTensor>()
  private readonly constants = new Map<string, NativeTensor>()

  constructor(binding: Binding) {
    this.binding = binding
    this.kind = binding.isUsingGpuDevice() ? 'cuda' : 'cpu'
    this.version = binding.TF_Version
  }

  release(tensor: NativeTensor): void {
    this.binding.deleteTensor(tensor.id)
    this.tensors -= 1
    this.bytes -= 4 * elements(tensor.shape)
  }

  /** A kernel with several outputs. @throws PalmError `out-of-memory`, `internal` naming the kernel */
  many(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly DeviceTensor[],
    outputs: number,
  ): DeviceTensor[] {
    const ids = inputs.map((input) => (input as NativeTensor).id)
    const results = this.guarded(name, () => this.binding.executeOp(name, attributes, ids, outputs))
    return results.map((result) => this.adopt(result.id, result.shape, result.dtype === INT32 ? 'int32' : 'float32'))
  }

  /** A kernel with one output. @throws PalmError `out-of-memory`, `internal` naming the kernel */
  one(name: string, attributes: readonly Attribute[], inputs: readonly DeviceTensor[]): DeviceTensor {
    return this.many(name, attributes, inputs, 1)[0] as DeviceTensor
  }

  /** A kernel of a tensor and a number. */
  withScalar(name: string, x: DeviceTensor, value: number): DeviceTensor {
    return this.one(name, noAttributes, [x, this.constant([value], [])])
  }

  /** Small float32 values as a tensor, made once and kept: lent for the next calls only, not counted as live. */
  constant(values: readonly number[], shape: readonly number[]): DeviceTensor {
    const key = `${shape.join('x')}:${values.join()}`
    const known = this.constants.get(key)
    const id =
      known?.id ??
      this.guarded('createTensor', () => this.binding.createTensor(shape, FLOAT, Float32Array.from(values)))
    const tensor = known ?? new NativeTensor(this, id, shape, 'float32')
    this.constants.delete(key)
    this.constants.set(key, tensor)
    if (this.constants.size > mostConstants) {
      const [oldest, { id: spent }] = this.constants.entries().next().value as [string, NativeTensor]
      this.constants.delete(oldest)
      this.binding.deleteTensor(spent)
    }
    return tensor
  }

  /** Small int32 arguments (axes, shapes) as tensors, made once and kept: not counted as live. */
  argument(values: readonly number[], scalar = false): DeviceTensor {
    return this.shapedArgument(values, scalar ? [] : [values.length])
  }

  shapedArgument(values: readonly number[], shape: readonly number[]): DeviceTensor {
    const key = `${shape.join('x')}:${values.join()}`
    let tensor = this.hostInts.get(key)
    if (!tensor) {
      tensor = new NativeTensor(this, this.binding.createTensor(shape, INT32, Int32Array.from(values)), shape, 'int32')
      if (this.hostInts.size < mostArguments) this.hostInts.set(key, tensor)
    }
    return tensor
  }

  /** So many zeros, made once and kept. */
  zeros(size: number): DeviceTensor {
    let tensor = this.kept.get(size)
    if (!tensor) {
      tensor = new NativeTensor(
        this,
        this.binding.createTensor([size], FLOAT, new Float32Array(size)),
        [size],
        'float32',
      )
      this.kept.set(size, tensor)
    }
    return tensor
  }

  /** What `fromArray` gives for each; they go to the device as one tensor, which is cut there. */
  fromArrays(parts: readonly HostValues[]): DeviceTensor[] {
    const sizes = parts.map(({ data }) => data.length)
    const whole = new Float32Array(sizes.reduce((sum, size) => sum + size, 0))
    let at = 0
    for (const { data } of parts) {
      // The bits, whatever they mean: a copy between devices leaves them alone.
      new Int32Array(whole.buffer).set(data instanceof Int32Array ? data : new Int32Array(data.slice().buffer), at)
      at += data.length
    }
    const flat = this.fromArray(whole, [whole.length])
    const attributes = [int('num_split', sizes.length), type('Tlen', INT32), type('T', FLOAT)]
    const pieces =
      sizes.length === 1
        ? [flat]
        : this.many('SplitV', attributes, [flat, this.argument(sizes), this.argument([0], true)], sizes.length)
    if (sizes.length > 1) flat.dispose()
    return parts.map(({ data, shape }, i) => {
      let piece = pieces[i] as DeviceTensor
      const become = (next: DeviceTensor) => {
        piece.dispose()
        piece = next
      }
      if (data instanceof Int32Array) become(this.one('Bitcast', [type('T', FLOAT), type('type', INT32)], [piece]))
      if (shape.join() !== piece.shape.join()) become(this.one('Reshape', noAttributes, [piece, this.argument(shape)]))
      return piece
    })
  }

  fromArray(data: Float32Array | Int32Array, shape: readonly number[]): DeviceTensor {
    const dtype = data instanceof Int32Array ? 'int32' : 'float32'
    // The binding shares the memory it is given, so it gets a copy that nobody else can write to.
    const id = this.guarded('createTensor', () =>
      this.binding.createTensor(shape, dtype === 'int32' ? INT32 : FLOAT, data.slice()),
    )
    return this.adopt(id, shape, dtype)
  }

  fromBytes(data: Uint8Array, shape: readonly number[]): DeviceTensor {
    const id = this.guarded('createTensor', () => this.binding.createTensor(shape, UINT8, new Uint8Array(data)))
    const bytes = new NativeTensor(this, id, shape, 'int32')
    const result = this.one('Cast', [type('SrcT', UINT8), type('DstT', FLOAT), bool('Truncate', false)], [bytes])
    this.binding.deleteTensor(id)
    return result
  }

  /** Waits for the device. */
  read(tensor: DeviceTensor): Float32Array {
    return this.guarded('read', () => this.binding.tensorDataSync((tensor as NativeTensor).id)) as Float32Array
  }

  /** Waits for the device. */
  readInts(tensor: DeviceTensor): Int32Array {
    return this.guarded('read', () => this.binding.tensorDataSync((tensor as NativeTensor).id)) as Int32Array
  }

  liveTensors(): number {
    return this.tensors
  }

  liveBytes(): number {
    return this.bytes
  }

  takePeakBytes(): number {
    const { peak } = this
    this.peak = this.bytes
    return peak
  }

  private adopt(id: number, shape: readonly number[], dtype: 'float32' | 'int32'): NativeTensor {
    this.tensors += 1
    this.bytes += 4 * elements(shape)
    this.peak = Math.max(this.peak, this.bytes)
    return new NativeTensor(this, id, shape, dtype)
  }

  counts(): DeviceCounts {
    const { launches, uploads, reads } = this
    return { launches, uploads, reads }
  }

  private guarded<T>(name: string, call: () => T): T {
    if (name === 'createTensor') this.uploads += 1
    else if (name === 'read') this.reads += 1
    else this.launches += 1
    try {
      return call()
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      if (/OOM|RESOURCE_EXHAUSTED|failed to allocate|bad_alloc/i.test(message)) {
        throw new PalmError(
          'out-of-memory',
          'The device ran out of memory. Try a smaller batch size, fewer methods in one run, or a smaller model.',
          `${name}: ${message}`,
          { cause },
        )
      }
      if (
        this.kind === 'cuda' &&
        /\bCUDA|\bcu(?:dnn|blas|fft|solver|sparse)|\bNVML|device (?:lost|unavailable)/i.test(message)
      ) {
        throw new PalmError(
          'device-lost',
          'The NVIDIA GPU, or its driver, failed in the middle of the work.',
          `${name}: ${message}`,
          { cause },
        )
      }
      throw new PalmError('internal', `The TensorFlow kernel ${name} failed.`, message, { cause })
    }
  }
}

/** Tensors in and out, and what is alive. */
export function tensorKernels(call: KernelCaller) {
  return {
    fromArray: (data, shape) => call.fromArray(data, shape),
    fromArrays: (parts) => call.fromArrays(parts),
    constant: (values, shape) => call.constant(values, shape),
    fromBytes: (data, shape) => call.fromBytes(data, shape),
    fill(shape, value) {
      return call.one('Fill', noAttributes, [call.argument(shape), call.constant([value], [])])
    },
    read: async (tensor) => call.read(tensor),
    readInts: async (tensor) => call.readInts(tensor),
    liveTensors: () => call.liveTensors(),
    liveBytes: () => call.liveBytes(),
    takePeakBytes: () => call.takePeakBytes(),
    counts: () => call.counts(),
  } satisfies Partial<Device>
}
