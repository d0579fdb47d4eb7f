// Tensors of the WebGPU device: a shape over a part of a buffer. Several may share one buffer, which goes back to the pool with the last of them.
import type { DeviceTensor } from '#engine/compute/device.ts'
import { elementCount, showShape } from '#engine/compute/shape.ts'
import type { Block } from './buffer-pool.ts'

export interface Storage {
  readonly block: Block
  /** Of the tensor that it was made for. */
  readonly bytes: number
  users: number
}

/** Who counts what is alive. */
export interface TensorOwner {
  added(storage: Storage): void
  released(storage: Storage): void
}

export class WebGpuTensor implements DeviceTensor {
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
  readonly storage: Storage
  /** In bytes; a multiple of what the device aligns bindings to. */
  readonly offset: number
  private readonly owner: TensorOwner
  private alive = true

  constructor(
    owner: TensorOwner,
    storage: Storage,
    shape: readonly number[],
    dtype: 'float32' | 'int32' = 'float32',
    offset = 0,
  ) {
    this.owner = owner
    this.storage = storage
    this.shape = shape
    this.dtype = dtype
    this.offset = offset
    storage.users += 1
    owner.added(storage)
  }

  get elements(): number {
    return elementCount(this.shape)
  }

  /** The same values, or some that follow each other, under another shape. */
  view(shape: readonly number[], offset = 0): WebGpuTensor {
    this.mustLive()
    return new WebGpuTensor(this.owner, this.storage, shape, this.dtype, this.offset + offset)
  }

  dispose(): void {
    if (!this.alive) throw new Error(`A tensor of shape ${showShape(this.shape)} was disposed twice`)
    this.alive = false
    this.storage.users -= 1
    this.owner.released(this.storage)
  }

  mustLive(): void {
    if (!this.alive) throw new Error(`A tensor of shape ${showShape(this.shape)} is used after it was disposed`)
  }
}
