// Optimizer state of a method's tensors: kept per tensor, checkpointed whole, freed together.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { adamInit, adamUpdate, type AdamState } from '#engine/compute/optimizers/adam.ts'
import { sgdInit, sgdUpdate, type SgdOptions } from '#engine/compute/optimizers/sgd.ts'
import type { AdaptedParameters } from './adapted-parameters.ts'
import type { NamedArray } from '#engine/methods/method.ts'
import type { Arrays, StatePart } from './state-parts.ts'

/** An optimizer with the state of all its tensors. */
export interface Optimizer {
  /** Folds the gradient in; the direction is the caller's: theta <- theta - lr * direction. */
  direction(name: string, gradient: DeviceTensor): DeviceTensor
  /** Writes the state into `arrays` and returns the step counts. */
  export(arrays: Arrays): Promise<Record<string, number>>
  restore(arrays: ReadonlyMap<string, NamedArray>, counts: Readonly<Record<string, number>>): void
  clear(): void
}

export type OptimizerChoice = { readonly kind: 'adam' } | ({ readonly kind: 'sgd' } & SgdOptions)

/** As a lane's options name it. */
export const optimizerOf = ({
  optimizer,
  momentum,
  nesterov,
}: { readonly optimizer: 'adam' | 'sgd' } & SgdOptions): OptimizerChoice =>
  optimizer === 'adam' ? { kind: 'adam' } : { kind: 'sgd', momentum, nesterov }

export const makeOptimizer = (device: Device, own: AdaptedParameters, choice: OptimizerChoice): Optimizer =>
  choice.kind === 'adam' ? new AdamMoments(device, own) : new SgdMomentum(device, own, choice)

/** Adam's moments and step counts. Arrays `adam_m/NAME`, `adam_v/NAME`. */
export class AdamMoments implements Optimizer {
  private readonly device: Device
  private readonly own: AdaptedParameters
  private readonly states = new Map<string, AdamState>()

  constructor(device: Device, own: AdaptedParameters) {
    this.device = device
    this.own = own
  }

  direction(name: string, gradient: DeviceTensor): DeviceTensor {
    const before = this.states.get(name) ?? adamInit(this.device, gradient.shape)
    const { state, direction } = adamUpdate(this.device, gradient, before)
    before.m.dispose()
    before.v.dispose()
    this.states.set(name, state)
    return direction
  }

  async export(arrays: Arrays): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const [name, { m, v, count }] of this.states) {
      arrays.set(`adam_m/${name}`, await this.own.toArray(name, m))
      arrays.set(`adam_v/${name}`, await this.own.toArray(name, v))
      counts[name] = count
    }
    return counts
  }

  restore(arrays: ReadonlyMap<string, NamedArray>, counts: Readonly<Record<string, number>>): void {
    this.clear()
    for (const [name, count] of Object.entries(counts)) {
      const m = arrays.get(`adam_m/${name}`)
      const v = arrays.get(`adam_v/${name}`)
      if (!m || !v) throw new Error(`The state has no moments of ${name}`)
      this.states.set(name, { m: this.own.fromArray(name, m), v: this.own.fromArray(name, v), count })
    }
  }

  clear(): void {
    for (const { m, v } of this.states.values()) {
      m.dispose()
      v.dispose()
    }
    this.states.clear()
  }
}

/** Named tensors that grow over a run: momentum buffers, accumulated squares, averages. Arrays `PREFIX/NAME`. `kept` survives a reset. */
export class NamedTensors implements StatePart {
  private readonly own: AdaptedParameters
  private readonly prefix: string
  private readonly kept: boolean
  private readonly tensors = new Map<string, DeviceTensor>()

  constructor(own: AdaptedParameters, prefix: string, kept = false) {
    this.own = own
    this.prefix = prefix
    this.kept = kept
  }

  get(name: string): DeviceTensor | null {
    return this.tensors.get(name) ?? null
  }

  /** Takes ownership and frees what was there. */
  set(name: string, tensor: DeviceTensor): void {
    this.tensors.get(name)?.dispose()
    this.tensors.set(name, tensor)
  }

  async export(arrays: Arrays): Promise<void> {
    for (const [name, tensor] of this.tensors)
      arrays.set(`${this.prefix}/${name}`, await this.own.toArray(name, tensor))
  }

  restore(arrays: ReadonlyMap<string, NamedArray>): void {
    this.dispose()
    for (const [key, array] of arrays) {
      if (!key.startsWith(`${this.prefix}/`)) continue
      const name = key.slice(this.prefix.length + 1)
      this.tensors.set(name, this.own.fromArray(name, array))
    }
  }

  clear(): void {
    if (!this.kept) this.dispose()
  }

  dispose(): void {
    for (const tensor of this.tensors.values()) tensor.dispose()
    this.tensors.clear()
  }
}

/** SGD's momentum buffers. Arrays `momentum/NAME`. */
export class SgdMomentum implements Optimizer {
  private readonly device: Device
  private readonly options: SgdOptions
  private readonly buffers: NamedTensors

  constructor(device: Device, own: AdaptedParameters, options: SgdOptions) {
    this.device = device
    this.options = options
    this.buffers = new NamedTensors(own, 'momentum')
  }

  direction(name: string, gradient: DeviceTensor): DeviceTensor {
    const before = this.buffers.get(name)
    const { state, direction } = sgdUpdate(this.device, gradient, before ? { buffer: before } : sgdInit(), this.options)
    this.buffers.set(name, state.buffer as DeviceTensor)
    return direction
  }

  async export(arrays: Arrays): Promise<Record<string, number>> {
    await this.buffers.export(arrays)
    return {}
  }

  restore(arrays: ReadonlyMap<string, NamedArray>): void {
    this.buffers.restore(arrays)
  }

  clear(): void {
    this.buffers.clear()
  }
}
