// What ROID (Marsden, Doebler, Yang, WACV 2024) and CMF (Lee, Chang, ICLR 2024) have in common: a soft likelihood ratio on samples that are confident and
// unlike what was seen, consistency with an augmented view of those, and logits corrected by a smoothed prior. Predictions are the corrected logits of the
// pass before the step.
import { z } from 'zod'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import { applyPlainView, drawView } from '#engine/augment/view.ts'
import type { DeviceTensor } from '#engine/compute/device.ts'
import {
  argMaxRows,
  entropies,
  logSoftmax,
  softLikelihoodRatio,
  symmetricCrossEntropy,
} from '#engine/compute/losses.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import type { Adaptation } from '#engine/methods/parts/adaptation.ts'
import { adaptedReports, packed } from '#engine/methods/parts/adapted-parameters.ts'
import { sumOf } from '#engine/methods/parts/two-views.ts'

const memorySchema = z.object({
  mean: z.array(z.number()),
  random: viewRandomStateSchema,
  variance: z.number().default(0),
})

const momentum = 0.9 // of the average of the predictions

/** A stored view (pixels in [0, 1], the caller's to free) of the samples of these indices: for parity. */
export type StoredView = (kept: readonly number[]) => DeviceTensor

export class LikelihoodRatio {
  private readonly adaptation: Adaptation
  private readonly seed: number
  private readonly stored: StoredView | null
  /** Moving average of the batches' mean probabilities. */
  private mean: number[]
  private random: ViewRandom

  constructor(adaptation: Adaptation, seed: number, stored: StoredView | null) {
    this.adaptation = adaptation
    this.seed = seed
    this.stored = stored
    const { classes } = adaptation.model
    this.mean = new Array<number>(classes).fill(1 / classes)
    this.random = new ViewRandom(seed)
  }

  /** `drawBack`: what is done with the weights after the optimizer's step. */
  async step(x: DeviceTensor, drawBack: () => void): Promise<StepResult> {
    const { device, model, names, learningRate } = this.adaptation
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const first = await this.adaptation.pass(pixels)
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
    this.mean = this.mean.map((m, c) => momentum * m + (1 - momentum) * (prior[c] as number))
    const ratio = softLikelihoodRatio(
      log,
      classes,
      weights.map((w) => w / batch),
    )
    const view = this.viewOf(pixels, used)
    const second = await this.adaptation.pass(view)
    const agreement = symmetricCrossEntropy(
      log,
      logSoftmax(second.values, classes),
      classes,
      used,
      used.map((b) => (weights[b] as number) / batch),
    )
    const { own } = this.adaptation
    const fromView = packed(own, second.gradients(agreement.gradientView))
    const fromBatch = packed(own, first.gradients(ratio.gradient.map((g, i) => g + (agreement.gradient[i] as number))))
    this.adaptation.moveBy(sumOf(device, fromBatch, fromView), names)
    drawBack()
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
      ...adaptedReports(model, names, learningRate),
    }
  }

  /** exp(3 diversity certainty) of the samples that differ from the average at least as much as the batch's mean; 0 for the others. */
  private weights(p: Float64Array, entropy: Float64Array): Float64Array {
    const { classes } = this.adaptation.model
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
    const { device } = this.adaptation
    const indices = device.fromArray(Int32Array.from(used), [used.length])
    const some = device.gather(pixels, indices, 0)
    const view = applyPlainView(device, some, drawView(this.random, pixels.shape[1] ?? 0, pixels.shape[2] ?? 0))
    indices.dispose()
    some.dispose()
    return view
  }

  /** `variance` is CMF's. */
  memory(variance: number): JsonValue {
    return { mean: this.mean, random: this.random.state(), variance }
  }

  /** @returns the variance that `memory` was given, 0 when it is as new */
  remember(memory: unknown): number {
    const { classes } = this.adaptation.model
    const kept = memory === null ? null : memorySchema.parse(memory)
    this.mean = kept?.mean ?? new Array<number>(classes).fill(1 / classes)
    this.random = new ViewRandom(this.seed)
    if (kept) this.random.restore(kept.random)
    return kept?.variance ?? 0
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
