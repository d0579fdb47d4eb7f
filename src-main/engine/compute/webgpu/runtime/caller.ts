// Makes tensors, runs kernels on them, and reads them back. All families of kernels go through it.
import { PalmError } from '#contract/errors.ts'
import type { DeviceTensor, HostValues } from '#engine/compute/device.ts'
import { elementCount, showShape } from '#engine/compute/shape.ts'
import { mapForReading, sizeClass, usage } from './buffer-pool.ts'
import { kernel, eachElement, groupsFor, type Groups, type Kernel, type Parameters } from './kernel.ts'
import { Recorder } from './recorder.ts'
import { WebGpuTensor, type Storage, type TensorOwner } from './tensor.ts'

const unpack = kernel({
  name: 'bytes to floats',
  parameters: { count: 'u32' },
  reads: ['x: u32'],
  writes: ['y: vec4<f32>'],
  body: `${eachElement('p.count')}
  y[i] = vec4<f32>(unpack4xU8(x[i]));
}`,
})

/** Buffers to read back through that are kept. */
const mostReaders = 4

export class WebGpuCaller implements TensorOwner {
  /** Storage buffers that a kernel may name. */
  readonly mostBindings: number
  /** Of a tensor's place in its buffer. */
  readonly alignment: number
  readonly recorder: Recorder
  private readonly device: GPUDevice
  private readonly largest: number
  private readers: GPUBuffer[] = []
  private tensors = 0
  private bytes = 0
  private peak = 0
  private reads = 0
  private uploads = 0

  constructor(device: GPUDevice) {
    this.device = device
    this.recorder = new Recorder(device)
    this.mostBindings = device.limits.maxStorageBuffersPerShaderStage
    this.alignment = device.limits.minStorageBufferOffsetAlignment
    this.largest = device.limits.maxStorageBufferBindingSize
  }

  /** With undefined contents. @throws PalmError `out-of-memory` for one that no buffer of this device holds */
  empty(shape: readonly number[], dtype: 'float32' | 'int32' = 'float32', forUpload = false): WebGpuTensor {
    const bytes = 4 * elementCount(shape)
    if (bytes > this.largest)
      throw new PalmError(
        'out-of-memory',
        `A tensor of shape ${showShape(shape)} (${Math.ceil(bytes / 2 ** 20)} MiB) is larger than this graphics card’s driver allows (${Math.floor(this.largest / 2 ** 20)} MiB). Try a smaller batch size.`,
      )
    const storage: Storage = { block: this.recorder.take(bytes, forUpload), bytes, users: 0 }
    return new WebGpuTensor(this, storage, shape, dtype)
  }

  added(storage: Storage): void {
    this.tensors += 1
    if (storage.users > 1) return
    this.bytes += storage.bytes
    this.peak = Math.max(this.peak, this.bytes)
  }

  released(storage: Storage): void {
    this.tensors -= 1
    if (storage.users > 0) return
    this.bytes -= storage.bytes
    this.recorder.pool.give(storage.block)
  }

  /** Into a new tensor of `shape`. */
  make<P extends Parameters>(
    kernel: Kernel<P>,
    inputs: readonly DeviceTensor[],
    shape: readonly number[],
    values: Readonly<Record<keyof P, number>>,
    groups: Groups,
    dtype: 'float32' | 'int32' = 'float32',
  ): WebGpuTensor {
    const output = this.empty(shape, dtype)
    this.into(kernel, inputs, [output], values, groups)
    return output
  }

  into<P extends Parameters>(
    kernel: Kernel<P>,
    inputs: readonly DeviceTensor[],
    outputs: readonly WebGpuTensor[],
    values: Readonly<Record<keyof P, number>>,
    groups: Groups,
  ): void {
    this.recorder.run(kernel, inputs as readonly WebGpuTensor[], outputs, values, groups)
  }

  fromArray(data: Float32Array | Int32Array, shape: readonly number[]): WebGpuTensor {
    const tensor = this.empty(shape, data instanceof Int32Array ? 'int32' : 'float32', true)
    if (data.length !== tensor.elements) throw new RangeError(`${data.length} values are no ${showShape(shape)}`)
    this.uploads += 1
    if (data.length > 0) this.recorder.upload(tensor, data)
    return tensor
  }

  /** Each in a part of one buffer, with one upload. */
  fromArrays(parts: readonly HostValues[]): WebGpuTensor[] {
    const words = this.alignment / 4
    const places: number[] = []
    let total = 0
    for (const { data } of parts) {
      places.push(total)
      total += Math.ceil(data.length / words) * words
    }
    const all = new Uint32Array(total)
    for (const [i, { data }] of parts.entries())
      all.set(new Uint32Array(data.buffer, data.byteOffset, data.length), places[i])
    const whole = this.empty([total], 'float32', true)
    this.uploads += 1
    if (total > 0) this.recorder.upload(whole, all)
    const tensors = parts.map(({ data, shape }, i) => {
      if (data.length !== elementCount(shape)) throw new RangeError(`${data.length} values are no ${showShape(shape)}`)
      return whole.view(shape, 4 * (places[i] as number), data instanceof Int32Array ? 'int32' : 'float32')
    })
    whole.dispose()
    return tensors
  }

  /** Of the device, not of whoever asks for it: not counted as alive. */
  lent(data: Float32Array, shape: readonly number[]): WebGpuTensor {
    const storage: Storage = { block: this.recorder.take(4 * data.length, true), bytes: 0, users: 0 }
    const { pool } = this.recorder
    const owner: TensorOwner = {
      added: () => undefined,
      released: ({ users, block }) => {
        if (users === 0) pool.give(block)
      },
    }
    const tensor = new WebGpuTensor(owner, storage, shape)
    this.uploads += 1
    if (data.length > 0) this.recorder.upload(tensor, data)
    return tensor
  }

  fromBytes(data: Uint8Array, shape: readonly number[]): WebGpuTensor {
    const words = Math.ceil(data.length / 4)
    const packed = this.empty([words], 'int32', true)
    const whole = new Uint8Array(4 * words)
    whole.set(data)
    this.uploads += 1
    if (words > 0) this.recorder.upload(packed, whole)
    const result = this.make(unpack, [packed], shape, { count: words }, groupsFor(words))
    packed.dispose()
    return result
  }

  /** One wait for all. @throws PalmError of anything that went wrong since the last read */
  async read(tensors: readonly DeviceTensor[]): Promise<ArrayBuffer[]> {
    const sizes = (tensors as readonly WebGpuTensor[]).map((tensor) => 4 * tensor.elements)
    const offsets = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0))
    const total = sizes.reduce((sum, size) => sum + size, 0)
    this.recorder.failures.begin()
    this.reads += 1
    const reader = this.takeReader(total)
    for (const [i, tensor] of (tensors as readonly WebGpuTensor[]).entries())
      if (sizes[i]) this.recorder.copyOut(tensor, reader, offsets[i] as number, sizes[i])
    this.recorder.submit()
    try {
      await reader.mapAsync(mapForReading)
    } catch (cause) {
      await this.recorder.failures.settle()
      throw await this.recorder.failures.afterRefusal(cause)
    }
    try {
      await this.recorder.failures.settle()
      const all = reader.getMappedRange()
      return sizes.map((size, i) => all.slice(offsets[i], (offsets[i] as number) + size))
    } finally {
      reader.unmap()
      if (this.readers.length < mostReaders) this.readers.push(reader)
      else reader.destroy()
    }
  }

  counts() {
    return { launches: this.recorder.launches, uploads: this.uploads, reads: this.reads }
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

  private takeReader(bytes: number): GPUBuffer {
    const fits = this.readers.findIndex(({ size }) => size >= bytes && size <= 4 * sizeClass(bytes))
    const [reader] = fits < 0 ? [] : this.readers.splice(fits, 1)
    return reader ?? this.device.createBuffer({ size: sizeClass(bytes), usage: usage.mapRead | usage.copyTarget })
  }
}
