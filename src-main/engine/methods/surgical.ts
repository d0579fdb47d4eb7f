// Surgical fine-tuning (Lee et al., ICLR 2023) in the continual form of PALM's tables: only the first block adapts, on the entropy of the
// confident samples plus the consistency with an augmented view; SGD with Nesterov momentum. Predictions are those from before the step.
import { z } from 'zod'
import type { OptionsOf } from '../../contract/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '../augment/random.ts'
import type { Device, DeviceTensor } from '../compute/device.ts'
import { forward, type Tape } from '../compute/graph.ts'
import { argMaxRows, consistency, entropies, keptEntropy, logSoftmax } from '../compute/losses.ts'
import { adaptableTensors, type Model } from '../models/model.ts'
import { AdaptedParameters, adaptedReports } from './adapted-parameters.ts'
import type { Method, MethodState, NamedArray, StepResult } from './method.ts'
import { SgdMomentum } from './moments.ts'
import { backwardThrough, viewOf } from './two-views.ts'

const scalarsSchema = z.object({ method: z.literal('surgical'), random: viewRandomStateSchema })

/** Tensors of the first block, as the published code finds it by name; the stem does not belong to it. */
export function firstBlock(model: Pick<Model, 'tensors'>): string[] {
  return adaptableTensors(model).map(({ name }) => name).filter((name) => /^(layer1|block1|stage_1)\./.test(name))
}

export class Surgical implements Method {
  readonly id = 'surgical'
  private readonly device: Device
  private readonly model: Model
  private readonly options: OptionsOf<'surgical'>
  private readonly seed: number
  private readonly names: readonly string[]
  private readonly own: AdaptedParameters
  private readonly momentum: SgdMomentum
  private random: ViewRandom

  constructor(device: Device, model: Model, options: OptionsOf<'surgical'>, seed: number) {
    this.device = device
    this.model = model
    this.options = options
    this.seed = seed
    this.names = firstBlock(model)
    this.own = new AdaptedParameters(device, model, this.names)
    this.momentum = new SgdMomentum(device, this.own, { momentum: options.momentum, nesterov: true })
    this.random = new ViewRandom(seed)
  }

  adapts(): readonly string[] {
    return this.names
  }

  step(x: DeviceTensor, augmented?: DeviceTensor): StepResult {
    const { device, model, options } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const view = viewOf(device, pixels, augmented, this.random)
    const plain = forward(device, model.graph, this.own.view, pixels, { statistics: 'batch', tape: true })
    const other = forward(device, model.graph, this.own.view, view, { statistics: 'batch', tape: true })
    const values = device.read(plain.logits)
    const log = logSoftmax(values, classes)
    const entropy = entropies(log, classes)
    const margin = options.margin ?? 0.4 * Math.log(classes)
    const kept = Array.from(entropy, (h) => h < margin)
    const confident = keptEntropy(log, classes, entropy, kept)
    const agreement = consistency(log, logSoftmax(device.read(other.logits), classes), classes)
    const sides = [
      { tape: plain.tape as Tape, gradient: confident.gradient.map((g, i) => g + options.lambda * (agreement.gradientP[i] as number)) },
      { tape: other.tape as Tape, gradient: agreement.gradientQ.map((g) => options.lambda * g) },
    ]
    for (const [name, gradient] of backwardThrough(device, sides, plain.logits.shape, new Set(this.names))) {
      const direction = this.momentum.direction(name, gradient)
      this.own.descend(name, direction, options.learningRate)
      direction.dispose()
      gradient.dispose()
    }
    for (const tensor of [pixels, view, plain.logits, other.logits]) tensor.dispose()
    return {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: { entropy: confident.value, consistency: agreement.value, total: confident.value + options.lambda * agreement.value },
      keptMask: kept,
      kept: kept.filter(Boolean).length,
      ...adaptedReports(model, this.names, options.learningRate),
    }
  }

  parameters(): ReadonlyMap<string, NamedArray> {
    return this.own.export()
  }

  state(): MethodState {
    const arrays = this.own.stateArrays()
    this.momentum.export(arrays)
    return { scalars: { method: 'surgical', random: this.random.state() }, arrays }
  }

  restore(state: MethodState): void {
    const { random } = scalarsSchema.parse(state.scalars)
    this.own.restoreFrom(state.arrays)
    this.momentum.restore(state.arrays)
    this.random.restore(random)
  }

  reset(): void {
    this.own.reset()
    this.momentum.clear()
    this.random = new ViewRandom(this.seed)
  }

  dispose(): void {
    this.reset()
    this.own.dispose()
  }
}
