// The common part of the methods that adapt some tensors by one optimizer: their weights, optimizer state, and the passes. A method is then
// its loss, its filters and what it remembers.
import { z } from 'zod'
import type { LaneOptions, MethodId } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { isAffine, type Model, type TensorInfo } from '#engine/models/model.ts'
import { AdaptedParameters } from './adapted-parameters.ts'
import type { JsonValue, Method, MethodState, NamedArray, StepResult } from '#engine/methods/method.ts'
import { makeOptimizer, type Optimizer, type OptimizerChoice } from './moments.ts'
import { passOf, predict, type Pass, type PassOptions } from './pass.ts'
import type { StatePart } from './state-parts.ts'

const scalarsSchema = z.object({
  method: z.string(),
  counts: z.record(z.string(), z.number().int().nonnegative()),
  memory: z.json().default(null),
})

export interface AdaptingOptions {
  readonly optimizer: OptimizerChoice
  readonly learningRate: number
  /** What adapts; by default the norm layers' scale and shift. */
  readonly adapts?: (info: TensorInfo) => boolean
  /** What else the method keeps a version of its own of: running statistics. */
  readonly tracks?: (info: TensorInfo) => boolean
}

export const isStatistic = ({ kind }: TensorInfo) => kind === 'bn-mean' || kind === 'bn-variance'
/** All weights and biases, the classifier's too. */
export const isWeight = (info: TensorInfo) => !isStatistic(info)

export abstract class AdaptingMethod implements Method {
  abstract readonly id: MethodId
  protected readonly device: Device
  protected readonly model: Model
  protected readonly names: readonly string[]
  protected readonly own: AdaptedParameters
  protected readonly optimizer: Optimizer
  protected learningRate: number
  /** Written and restored with the rest. */
  protected readonly parts: StatePart[] = []

  constructor(
    device: Device,
    model: Model,
    { optimizer, learningRate, adapts = isAffine, tracks = () => false }: AdaptingOptions,
  ) {
    this.device = device
    this.model = model
    const names = (choose: (info: TensorInfo) => boolean) => model.tensors.filter(choose).map((info) => info.name)
    this.names = names(adapts)
    this.own = new AdaptedParameters(
      device,
      model,
      names((info) => adapts(info) || tracks(info)),
    )
    this.optimizer = makeOptimizer(device, this.own, optimizer)
    this.learningRate = learningRate
  }

  abstract step(x: DeviceTensor): StepResult

  /** What the method remembers besides weights, moments and `parts`, as plain data. */
  protected abstract memory(): JsonValue
  /** Puts back what `memory` gave; null = as new. @throws Error when it does not fit */
  protected abstract remember(memory: unknown): void

  adapts(): readonly string[] {
    return this.names
  }

  /** One forward pass, `pixels` in [0, 1]; its gradients are those of what adapts. */
  protected pass(
    pixels: DeviceTensor,
    options: PassOptions = {},
    parameters: ReadonlyMap<string, DeviceTensor> = this.own.view,
  ): Pass {
    return passOf(this.device, this.model, parameters, pixels, new Set(this.names), options)
  }

  /** The same without a way back, by default with the method's own weights. */
  protected predict(
    pixels: DeviceTensor,
    options: PassOptions = {},
    parameters: ReadonlyMap<string, DeviceTensor> = this.own.view,
  ) {
    return predict(this.device, this.model, parameters, pixels, options)
  }

  /** One optimizer step; takes the gradients. */
  protected move(gradients: ReadonlyMap<string, DeviceTensor>, learningRate = this.learningRate): void {
    for (const [name, gradient] of gradients) {
      const direction = this.optimizer.direction(name, gradient)
      this.own.descend(name, direction, learningRate)
      direction.dispose()
      gradient.dispose()
    }
  }

  adjust(options: LaneOptions): void {
    if ('learningRate' in options) this.learningRate = options.learningRate
  }

  currentWeights(): ReadonlyMap<string, DeviceTensor> {
    return this.own.view
  }

  parameters(): ReadonlyMap<string, NamedArray> {
    return this.own.export()
  }

  state(): MethodState {
    const arrays = this.own.stateArrays()
    const counts = this.optimizer.export(arrays)
    for (const part of this.parts) part.export(arrays)
    return { scalars: { method: this.id, counts, memory: this.memory() }, arrays }
  }

  restore(state: MethodState): void {
    const { method, counts, memory } = scalarsSchema.parse(state.scalars)
    if (method !== this.id) throw new Error(`A state of ${method} is no state of ${this.id}`)
    this.own.restoreFrom(state.arrays)
    this.optimizer.restore(state.arrays, counts)
    for (const part of this.parts) part.restore(state.arrays)
    this.remember(memory)
  }

  reset(): void {
    this.own.reset()
    this.optimizer.clear()
    for (const part of this.parts) part.clear()
    this.remember(null)
  }

  dispose(): void {
    this.optimizer.clear()
    for (const part of this.parts) part.dispose()
    this.own.dispose()
  }
}
