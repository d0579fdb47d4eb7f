// Records kernels into command buffers and submits some dozens at a time; pipelines and bind groups are made once and kept. Nothing here waits: errors of
// the device come with the next read (read-back.ts), or with the next kernel if they are known by then.
import { BufferPool, usage, type Block } from './buffer-pool.ts'
import { DeviceFailures } from './failures.ts'
import { mostParameters, type Groups, type Kernel, type Parameters } from './kernel.ts'
import type { WebGpuTensor } from './tensor.ts'

/** Uniform offsets are aligned to this on every device. */
const slotBytes = 4 * mostParameters
/** Kernels of one submission: so many that submissions are few, so few that a slow card ends one before its system takes it for hung (2 s on Windows). */
const mostKernels = 64
const mostBindGroups = 8192

interface Pipeline {
  readonly pipeline: GPUComputePipeline
  readonly signature: string
  readonly layout: GPUBindGroupLayout
}

const computeStage = 4 // GPUShaderStage.COMPUTE

export class Recorder {
  readonly pool: BufferPool
  readonly failures: DeviceFailures
  private readonly device: GPUDevice
  private readonly uniforms: GPUBuffer
  private readonly numbers = new ArrayBuffer(mostKernels * slotBytes)
  private readonly as = {
    u32: new Uint32Array(this.numbers),
    i32: new Int32Array(this.numbers),
    f32: new Float32Array(this.numbers),
  }
  private readonly pipelines = new Map<Kernel, Pipeline>()
  private readonly layouts = new Map<
    string,
    { readonly group: GPUBindGroupLayout; readonly pipeline: GPUPipelineLayout }
  >()
  private readonly bindGroups = new Map<string, GPUBindGroup>()
  private encoder: GPUCommandEncoder | null = null
  private pass: GPUComputePassEncoder | null = null
  private kernels = 0
  /** Of the recording under way. */
  private serial = 0
  private launched = 0

  constructor(device: GPUDevice) {
    this.device = device
    this.pool = new BufferPool(device)
    this.failures = new DeviceFailures(device, () => this.pool.startAnew())
    this.uniforms = device.createBuffer({ size: mostKernels * slotBytes, usage: usage.uniform | usage.copyTarget })
  }

  /** Kernels since the device was opened. */
  get launches(): number {
    return this.launched
  }

  /** A part of the pool's memory, to be given back. */
  take(bytes: number, forUpload = false): Block {
    this.failures.begin()
    return this.pool.take(bytes, forUpload ? this.serial : null)
  }

  run<P extends Parameters>(
    kernel: Kernel<P>,
    inputs: readonly WebGpuTensor[],
    outputs: readonly WebGpuTensor[],
    values: Readonly<Record<keyof P, number>>,
    groups: Groups,
  ): void {
    this.failures.begin()
    const { pipeline, signature, layout } = this.pipelineOf(kernel)
    const pass = this.openPass()
    pass.setPipeline(pipeline)
    pass.setBindGroup(0, this.bindGroup(kernel, signature, layout, [...inputs, ...outputs]), [
      this.putNumbers(kernel, values),
    ])
    pass.dispatchWorkgroups(...groups)
    this.launched += 1
    this.kernels += 1
    if (this.kernels >= mostKernels) this.submit()
  }

  /** Goes ahead of what is recorded and not yet submitted: `tensor` must be new. */
  upload(tensor: WebGpuTensor, data: Float32Array | Int32Array | Uint32Array | Uint8Array): void {
    this.device.queue.writeBuffer(tensor.storage.block.buffer, tensor.offset, data as Uint8Array<ArrayBuffer>)
  }

  /** After all that is recorded; for copies to buffers that are not the pool's. */
  copyOut(tensor: WebGpuTensor, target: GPUBuffer, offset: number, bytes: number): void {
    tensor.mustLive()
    this.closePass()
    this.openEncoder().copyBufferToBuffer(tensor.storage.block.buffer, tensor.offset, target, offset, bytes)
  }

  submit(): void {
    this.closePass()
    if (this.encoder) {
      if (this.kernels > 0) this.device.queue.writeBuffer(this.uniforms, 0, this.numbers, 0, this.kernels * slotBytes)
      this.device.queue.submit([this.encoder.finish()])
      this.encoder = null
      this.kernels = 0
      this.serial += 1
    }
    this.failures.end()
    this.pool.destroyDoomed()
  }

  private putNumbers<P extends Parameters>(kernel: Kernel<P>, values: Readonly<Record<keyof P, number>>): number {
    const offset = this.kernels * slotBytes
    let place = offset / 4
    for (const name in kernel.parameters) this.as[kernel.parameters[name] as 'u32'][place++] = values[name]
    return offset
  }

  private openEncoder(): GPUCommandEncoder {
    return (this.encoder ??= this.device.createCommandEncoder())
  }

  private openPass(): GPUComputePassEncoder {
    return (this.pass ??= this.openEncoder().beginComputePass())
  }

  private closePass(): void {
    this.pass?.end()
    this.pass = null
  }

  private bindGroup(
    kernel: Kernel,
    signature: string,
    layout: GPUBindGroupLayout,
    tensors: readonly WebGpuTensor[],
  ): GPUBindGroup {
    if (tensors.length !== kernel.reads + kernel.writes) throw new RangeError(`${kernel.name} takes other tensors`)
    let key = signature
    for (const tensor of tensors) {
      tensor.mustLive()
      const { block } = tensor.storage
      block.lastUse = this.serial
      key += `|${block.id}+${tensor.offset}`
    }
    let group = this.bindGroups.get(key)
    if (!group) {
      const entries: GPUBindGroupEntry[] = tensors.map(({ storage, offset }, i) => ({
        binding: i + 1,
        resource: { buffer: storage.block.buffer, offset },
      }))
      entries.push({ binding: 0, resource: { buffer: this.uniforms, size: slotBytes } })
      group = this.device.createBindGroup({ layout, entries })
      if (this.bindGroups.size >= mostBindGroups) this.bindGroups.clear()
      this.bindGroups.set(key, group)
    }
    return group
  }

  private pipelineOf(kernel: Kernel): Pipeline {
    let found = this.pipelines.get(kernel)
    if (!found) {
      const { signature, group, pipeline: layout } = this.layoutOf(kernel)
      const module = this.device.createShaderModule({ code: kernel.code, label: kernel.name })
      const pipeline = this.device.createComputePipeline({
        label: kernel.name,
        layout,
        compute: { module, entryPoint: 'main' },
      })
      found = { pipeline, signature, layout: group }
      this.pipelines.set(kernel, found)
    }
    return found
  }

  private layoutOf({ reads, writes }: Kernel) {
    const signature = `${reads},${writes}`
    let found = this.layouts.get(signature)
    if (!found) {
      const storage = (binding: number): GPUBindGroupLayoutEntry => ({
        binding,
        visibility: computeStage,
        buffer: { type: binding <= reads ? 'read-only-storage' : 'storage' },
      })
      const group = this.device.createBindGroupLayout({
        entries: [
          { binding: 0, visibility: computeStage, buffer: { type: 'uniform', hasDynamicOffset: true } },
          ...Array.from({ length: reads + writes }, (_, i) => storage(i + 1)),
        ],
      })
      found = { group, pipeline: this.device.createPipelineLayout({ bindGroupLayouts: [group] }) }
      this.layouts.set(signature, found)
    }
    return { signature, ...found }
  }
}
