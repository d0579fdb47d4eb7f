// ROID (Marsden, Doebler, Yang, WACV 2024): a soft likelihood ratio on samples that are confident and unlike what was seen, consistency with an
// augmented view of those, the weights drawn back to the source's after each step, and logits corrected by a smoothed prior. CMF (Lee, Chang,
// ICLR 2024) draws them to a filtered average instead. Predictions are the corrected logits of the pass before the step.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import { applyPlainView, drawView } from '#engine/augment/view.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import {
  argMaxRows,
  entropies,
  logSoftmax,
  softLikelihoodRatio,
  symmetricCrossEntropy,
} from '#engine/compute/losses.ts'
import { mix } from '#engine/compute/mix.ts'
import type { Model } from '#engine/models/model.ts'
import { adaptedReports } from '#engine/methods/parts/adapted-parameters.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import { NamedTensors, optimizerOf } from '#engine/methods/parts/moments.ts'
import { sumGradients } from '#engine/methods/parts/two-views.ts'

const memorySchema = z.object({
  mean: z.array(z.number()),
  random: viewRandomStateSchema,
  variance: z.number().default(0),
})

/** A stored view (pixels in [0, 1], the caller's to free) of the samples of these indices: for parity. */
export type StoredView = (kept: readonly number[]) => DeviceTensor

abstract class RoidLike extends AdaptingMethod {
  protected readonly momentumClasses = 0.9
  private readonly seed: number
  private readonly stored: StoredView | null
  private mean: number[]
  private random: ViewRandom

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'roid'> | OptionsOf<'cmf'>,
    seed: number,
    stored: StoredView | null,
  ) {
    super(device, model, { optimizer: optimizerOf(options), learningRate: options.learningRate })
    this.seed = seed
    this.stored = stored
    this.mean = new Array<number>(model.classes).fill(1 / model.classes)
    this.random = new ViewRandom(seed)
  }

  /** After the optimizer's step. */
  protected abstract drawBack(): void
  protected variance = 0

  step(x: DeviceTensor): StepResult {
    const { device, model } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const first = this.pass(pixels)
    const log = logSoftmax(first.values, classes)
    const p = log.map(Math.exp)
    const batch = p.length / classes
    const weights = this.weights(p, entropies(log, classes))
    const used = [...weights.keys()].filter((b) => (weights[b] as number) > 0)
    const prior = Array.from({ length: classes }, (_, c) => {
      let sum = 0
      for (let b = 0; b < batch; b++) sum += p[b * classes + c] as number
      return sum / batch
    })
    this.mean = this.mean.map((m, c) => this.momentumClasses * m + (1 - this.momentumClasses) * (prior[c] as number))
    const ratio = softLikelihoodRatio(
      log,
      classes,
      weights.map((w) => w / batch),
    )
    const view = this.viewOf(pixels, used)
    const second = this.pass(view)
    const agreement = symmetricCrossEntropy(
      log,
      logSoftmax(second.values, classes),
      classes,
      used,
      used.map((b) => (weights[b] as number) / batch),
    )
    const fromView = second.gradients(agreement.gradientView)
    const gradients = sumGradients(
      device,
      first.gradients(ratio.gradient.map((g, i) => g + (agreement.gradient[i] as number))),
      fromView,
    )
    this.move(gradients)
    this.drawBack()
    pixels.dispose()
    view.dispose()
    const logits = corrected(first.values, prior, batch)
    return {
      logits,
      classes,
      predictions: argMaxRows(logits, classes),
      losses: { ratio: ratio.value, consistency: agreement.value, total: ratio.value + agreement.value },
      keptMask: Array.from(weights, (w) => w > 0),
      kept: used.length,
      ...adaptedReports(model, this.names, this.learningRate),
    }
  }

  /** exp(3 diversity certainty) of the samples that differ from the average at least as much as the batch's mean; 0 for the others. */
  private weights(p: Float64Array, entropy: Float64Array): Float64Array {
    const { classes } = this.model
    const norm = (v: ArrayLike<number>, at: number) => {
      let sum = 0
      for (let c = 0; c < classes; c++) sum += (v[at + c] as number) ** 2
      return Math.sqrt(sum)
    }
    const size = norm(this.mean, 0)
    const distance = Float64Array.from(entropy, (_, b) => {
      let product = 0
      for (let c = 0; c < classes; c++) product += (this.mean[c] as number) * (p[b * classes + c] as number)
      return 1 - product / (size * norm(p, b * classes))
    })
    const diversity = toUnitRange(distance)
    const certainty = toUnitRange(entropy.map((h) => -h))
    const threshold = diversity.reduce((sum, d) => sum + d, 0) / diversity.length
    return diversity.map((d, b) => (d >= threshold ? Math.exp(3 * d * (certainty[b] as number)) : 0))
  }

  private viewOf(pixels: DeviceTensor, used: readonly number[]): DeviceTensor {
    if (this.stored) return this.stored(used)
    const { device } = this
    const indices = device.fromArray(Int32Array.from(used), [used.length])
    const some = device.gather(pixels, indices, 0)
    const view = applyPlainView(device, some, drawView(this.random, pixels.shape[1] ?? 0, pixels.shape[2] ?? 0))
    indices.dispose()
    some.dispose()
    return view
  }

  protected memory(): JsonValue {
    return { mean: this.mean, random: this.random.state(), variance: this.variance }
  }

  protected remember(memory: unknown): void {
    const { classes } = this.model
    const kept = memory === null ? null : memorySchema.parse(memory)
    this.mean = kept?.mean ?? new Array<number>(classes).fill(1 / classes)
    this.variance = kept?.variance ?? 0
    this.random = new ViewRandom(this.seed)
    if (kept) this.random.restore(kept.random)
  }
}

export class Roid extends RoidLike {
  readonly id = 'roid'
  private readonly keep: number

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'roid'>,
    seed: number,
    stored: StoredView | null = null,
  ) {
    super(device, model, options, seed, stored)
    this.keep = options.sourceMomentum
  }

  protected drawBack(): void {
    for (const name of this.names)
      this.own.set(
        name,
        mix(this.device, this.own.get(name), this.model.parameters.get(name) as DeviceTensor, this.keep),
      )
  }
}

export class Cmf extends RoidLike {
  readonly id = 'cmf'
  private readonly options: OptionsOf<'cmf'>
  private readonly hidden: NamedTensors

  constructor(device: Device, model: Model, options: OptionsOf<'cmf'>, seed: number, stored: StoredView | null = null) {
    super(device, model, options, seed, stored)
    this.options = options
    this.hidden = new NamedTensors(this.own, 'hidden')
    this.parts.push(this.hidden)
  }

  protected drawBack(): void {
    const { device, options } = this
    const q = Math.min(0.999, (options.q * this.names.reduce((sum, name) => sum + this.own.elements(name), 0)) / 38_400)
    this.variance = options.alpha ** 2 * this.variance + q
    const gain = Math.max(0.89, (1 - q) / (this.variance + 1 - q))
    const beta = gain >= 0.9999 ? 1 : gain
    this.variance *= beta
    for (const name of this.names) {
      const source = this.model.parameters.get(name) as DeviceTensor
      const predicted = mix(device, this.hidden.get(name) ?? source, source, options.alpha)
      this.hidden.set(name, mix(device, predicted, this.own.get(name), beta))
      predicted.dispose()
      this.own.set(name, mix(device, this.own.get(name), this.hidden.get(name) as DeviceTensor, options.gamma))
    }
  }
}

/** Min-max over the batch; all equal = all 0 (the published code divides 0 by 0). */
function toUnitRange(values: Float64Array): Float64Array {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  return values.map((value) => (high > low ? (value - low) / (high - low) : 0))
}

/** Step 7: logits times the smoothed prior. */
function corrected(logits: Float32Array, prior: readonly number[], batch: number): Float32Array {
  const classes = prior.length
  const smooth = Math.max(1 / batch, 1 / classes) / Math.max(...prior)
  return logits.map((value, i) => (value * ((prior[i % classes] as number) + smooth)) / (1 + smooth * classes))
}
