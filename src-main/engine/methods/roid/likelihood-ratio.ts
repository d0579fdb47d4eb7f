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
import {
  certaintyDiversityWeights,
  meanProbabilities,
  movedPrior,
  uniformPrior,
} from '#engine/methods/parts/certainty-diversity.ts'
import { sumOf } from '#engine/methods/parts/two-views.ts'

const memorySchema = z.object({
  mean: z.array(z.number()),
  random: viewRandomStateSchema,
  variance: z.number().default(0),
})

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
    this.mean = uniformPrior(classes)
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
    const prior = meanProbabilities(p, classes)
    const weights = certaintyDiversityWeights(this.mean, p, entropies(log, classes))
    const used = [...weights.keys()].filter((b) => (weights[b] as number) > 0)
    this.mean = movedPrior(this.mean, prior)
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
    this.mean = kept?.mean ?? uniformPrior(classes)
    this.random = new ViewRandom(this.seed)
    if (kept) this.random.restore(kept.random)
    return kept?.variance ?? 0
  }
}

/** Step 7: logits times the smoothed prior. */
function corrected(logits: Float32Array, prior: readonly number[], batch: number): Float32Array {
  const classes = prior.length
  const smooth = Math.max(1 / batch, 1 / classes) / Math.max(...prior)
  return logits.map((value, i) => (value * ((prior[i % classes] as number) + smooth)) / (1 + smooth * classes))
}
