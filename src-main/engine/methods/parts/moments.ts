// Optimizer state of a method's tensors: kept per tensor, checkpointed whole, freed together.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { adamStep, adamUpdate, type AdamStep } from '#engine/compute/optimizers/adam.ts'
import { sgdUpdate, type SgdOptions } from '#engine/compute/optimizers/sgd.ts'
import type { AdaptedParameters } from './adapted-parameters.ts'
import { FlatState } from './flat-state.ts'
import type { NamedArray } from '#engine/methods/method.ts'
import type { Arrays, StatePart } from './state-parts.ts'

/** An optimizer with the state of all its tensors, which lie in one buffer. */
export interface Optimizer {
  /** Folds the gradients of the tensors of these names in; the move is the caller's: theta <- theta - move. With a rate of 1 it is the direction. */
  move(gradient: DeviceTensor, names: Iterable<string>, rate: number): DeviceTensor
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
  private readonly m: FlatState
  private readonly v: FlatState
  /** How many gradients were folded into each tensor's moments. */
  private readonly counts = new Map<string, number>()

  constructor(device: Device, own: AdaptedParameters) {
    this.device = device
    this.own = own
    this.m = new FlatState(device, own, 'adam_m')
    this.v = new FlatState(device, own, 'adam_v')
  }

  move(gradient: DeviceTensor, names: Iterable<string>, rate: number): DeviceTensor {
    const folded = new Set(names)
    for (const name of folded) this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
    const step = this.step(folded, rate)
    const { m, v, move } = adamUpdate(this.device, gradient, this.m.orZeros(), this.v.orZeros(), step)
    this.m.set(m, folded)
    this.v.set(v, folded)
    return move
  }

  /** The same for all tensors, or for each row of the buffer. */
  private step(folded: ReadonlySet<string>, rate: number): AdamStep {
    const { layout } = this.own
    const steps = layout.names.map((name) => adamStep(this.counts.get(name) ?? 0, folded.has(name), rate))
    const keys = ['share1', 'share2', 'factor', 'epsilon'] as const
    const [one] = steps
    if (one && steps.every((step) => keys.every((key) => step[key] === one[key]))) {
      const [factor, epsilon] = this.device.fromArrays(
        [one.factor, one.epsilon].map((value) => ({ data: Float32Array.of(value), shape: [1] })),
      ) as [DeviceTensor, DeviceTensor]
      return { ...one, factor, epsilon }
    }
    const columns = this.device.fromArrays(
      keys.map((key) => ({ data: Float32Array.from(steps, (step) => step[key]), shape: [steps.length] })),
    )
    const [share1, share2, factor, epsilon] = columns.map((values) => {
      const rows = layout.spread(values)
      values.dispose()
      return rows
    }) as [DeviceTensor, DeviceTensor, DeviceTensor, DeviceTensor]
    return { share1, share2, factor, epsilon }
  }

  async export(arrays: Arrays): Promise<Record<string, number>> {
    await this.m.export(arrays)
    await this.v.export(arrays)
    return Object.fromEntries(this.counts)
  }

  restore(arrays: ReadonlyMap<string, NamedArray>, counts: Readonly<Record<string, number>>): void {
    this.clear()
    for (const [name, count] of Object.entries(counts)) {
      if (!arrays.has(`adam_m/${name}`) || !arrays.has(`adam_v/${name}`))
        throw new Error(`The state has no moments of ${name}`)
      this.counts.set(name, count)
    }
    const counted = new Map([...arrays].filter(([key]) => this.counts.has(key.slice(key.indexOf('/') + 1))))
    this.m.restore(counted)
    this.v.restore(counted)
  }

  clear(): void {
    this.m.dispose()
    this.v.dispose()
    this.counts.clear()
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
  private readonly own: AdaptedParameters
  private readonly buffers: FlatState

  constructor(device: Device, own: AdaptedParameters, options: SgdOptions) {
    this.device = device
    this.own = own
    this.options = options
    this.buffers = new FlatState(device, own, 'momentum')
  }

  move(gradient: DeviceTensor, names: Iterable<string>, rate: number): DeviceTensor {
    const folded = new Set(names)
    const { buffer, move } = sgdUpdate(this.device, gradient, this.buffers.get(), this.options, rate)
    if (folded.size === this.own.layout.names.length) this.buffers.set(buffer, folded)
    else {
      this.buffers.put(buffer, folded)
      buffer.dispose()
    }
    return move
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
