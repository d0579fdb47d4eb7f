// PALM's loss, Eq. 9-11: entropy of the samples below the margin H0, plus lambda times the consistency with the augmented view.
import type { PalmOptions } from '#contract/methods/methods.ts'
import { consistency, entropies, keptEntropy, logSoftmax } from '#engine/compute/losses.ts'

interface Objective {
  /** Eq. 9, the mean over the samples kept; 0 when none is. */
  readonly entropy: number
  /** Eq. 10. */
  readonly consistency: number
  /** Eq. 11. */
  readonly total: number
  readonly kept: readonly boolean[]
  /** Of the total, by the logits of the batch and by those of its view. */
  readonly gradient: Float64Array
  readonly gradientOfView: Float64Array
}

/** `logits` of the batch and of its view. The published code has another margin, and multiplies lambda by the number of classes. */
export function objective(
  logits: Float32Array,
  logitsOfView: Float32Array,
  classes: number,
  { variant, lambda, margin }: PalmOptions,
): Objective {
  const paper = variant === 'paper'
  const limit = margin ?? (paper ? 0.4 * Math.log(classes) : 0.4)
  const log = logSoftmax(logits, classes)
  const entropy = entropies(log, classes)
  const kept = Array.from(entropy, (h) => (paper ? h <= limit : h < limit))
  const confident = keptEntropy(log, classes, entropy, kept)
  const agreement = consistency(log, logSoftmax(logitsOfView, classes), classes)
  const weight = paper ? lambda : lambda * classes
  return {
    entropy: confident.value,
    consistency: agreement.value,
    total: confident.value + weight * agreement.value,
    kept,
    gradient: confident.gradient.map((g, i) => g + weight * (agreement.gradientP[i] as number)),
    gradientOfView: agreement.gradientQ.map((g) => weight * g),
  }
}
