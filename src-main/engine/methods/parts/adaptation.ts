// What adapts by one optimizer: which tensors, their values, the optimizer's state, and the passes through them. A method has one and adds its loss, its
// filters and what it remembers.
import { z } from 'zod'
import type { LaneOptions, MethodId } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows } from '#engine/compute/losses.ts'
import type { JsonValue, Method, MethodState, NamedArray, StepResult } from '#engine/methods/method.ts'
import { isAffine, type Model, type TensorInfo } from '#engine/models/model.ts'
import { AdaptedParameters, adaptedReports, packed } from './adapted-parameters.ts'
import { makeOptimizer, type Optimizer, type OptimizerChoice } from './moments.ts'
import { passOf, predict, type Pass, type PassOptions } from './pass.ts'
import type { StatePart } from './state-parts.ts'

const scalarsSchema = z.object({
  method: z.string(),
  counts: z.record(z.string(), z.number().int().nonnegative()),
  memory: z.json().default(null),
})

export interface AdaptationOptions {
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

export class Adaptation {
  readonly device: Device
  readonly model: Model
  /** Of what adapts, network order. */
  readonly names: readonly string[]
  readonly own: AdaptedParameters
  readonly optimizer: Optimizer
  /** Written and restored with the rest. */
  readonly parts: StatePart[] = []
  private rate: number

  constructor(
    device: Device,
    model: Model,
    { optimizer, learningRate, adapts = isAffine, tracks = () => false }: AdaptationOptions,
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
    this.rate = learningRate
  }

  /** Of the next step: it may change while a run is under way. */
  get learningRate(): number {
    return this.rate
  }

  adjust(options: LaneOptions): void {
    if ('learningRate' in options) this.rate = options.learningRate
  }

  /** One forward pass, `pixels` in [0, 1]; its gradients are those of what adapts. */
  pass(
    pixels: DeviceTensor,
    options: PassOptions = {},
    parameters: ReadonlyMap<string, DeviceTensor> = this.own.view,
  ): Promise<Pass> {
    return passOf(this.device, this.model, parameters, pixels, new Set(this.names), options)
  }

  /** The same without a way back, by default with the method's own weights. */
  async predict(
    pixels: DeviceTensor,
    options: PassOptions = {},
    parameters: ReadonlyMap<string, DeviceTensor> = this.own.view,
  ) {
    return await predict(this.device, this.model, parameters, pixels, options)
  }

  /** One optimizer step; takes the gradients. What has none stays where it is. */
  move(gradients: ReadonlyMap<string, DeviceTensor>, learningRate = this.rate): void {
    this.moveBy(packed(this.own, gradients), gradients.keys(), learningRate)
  }

  /** The same with the gradients in one buffer, which it takes; `names`: whose they are. */
  moveBy(gradient: DeviceTensor, names: Iterable<string>, learningRate = this.rate): void {
    const moved = new Set(names)
    const move = this.optimizer.move(gradient, moved, learningRate)
    gradient.dispose()
    if (moved.size === this.names.length) this.own.shift(move)
    else {
      const chosen = this.own.layout.chosen(moved)
      this.own.descend(move, chosen, moved)
      chosen.dispose()
      move.dispose()
    }
  }

  /** The result of a step in which every sample counted and everything moved at one rate. */
  result(logits: Float32Array, losses: StepResult['losses']): StepResult {
    const { classes } = this.model
    return {
      logits,
      classes,
      predictions: argMaxRows(logits, classes),
      losses,
      keptMask: null,
      kept: null,
      ...adaptedReports(this.model, this.names, this.rate),
    }
  }

  parameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return this.own.export()
  }

  /** `memory`: what the method remembers besides weights, moments and `parts`, as plain data. */
  async state(method: MethodId, memory: JsonValue): Promise<MethodState> {
    const arrays = await this.own.stateArrays()
    const counts = await this.optimizer.export(arrays)
    for (const part of this.parts) await part.export(arrays)
    return { scalars: { method, counts, memory }, arrays }
  }

  /** @returns the memory that `state` was given. @throws Error when the state is of another method or model */
  restore(id: MethodId, state: MethodState): unknown {
    const { method, counts, memory } = scalarsSchema.parse(state.scalars)
    if (method !== id) throw new Error(`A state of ${method} is no state of ${id}`)
    this.own.restoreFrom(state.arrays)
    this.optimizer.restore(state.arrays, counts)
    for (const part of this.parts) part.restore(state.arrays)
    return memory
  }

  reset(): void {
    this.own.reset()
    this.optimizer.clear()
    for (const part of this.parts) part.clear()
  }

  dispose(): void {
    this.optimizer.clear()
    for (const part of this.parts) part.dispose()
    this.own.dispose()
  }
}

/** A method that remembers nothing besides its weights, its optimizer's state and its parts: its step is all that is its own. */
export function adaptingMethod(id: MethodId, adaptation: Adaptation, step: Method['step']): Method {
  return {
    id,
    step,
    adapts: () => adaptation.names,
    adjust: (options) => adaptation.adjust(options),
    currentWeights: () => adaptation.own.view,
    parameters: () => adaptation.parameters(),
    state: () => adaptation.state(id, null),
    restore: (state) => void adaptation.restore(id, state),
    reset: () => adaptation.reset(),
    dispose: () => adaptation.dispose(),
  }
}
