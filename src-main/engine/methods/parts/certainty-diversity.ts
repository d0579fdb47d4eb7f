// How much each sample of a batch counts in ROID (Marsden, Doebler, Yang, WACV 2024, section 3.2) and in what builds on it: more where the prediction is
// sure and unlike what was predicted so far.

const momentum = 0.9 // of the average of the predictions
const sharpness = 3

/** The batch's mean probabilities, of [batch, classes]. */
export function meanProbabilities(p: Float64Array, classes: number): number[] {
  const batch = p.length / classes
  return Array.from({ length: classes }, (_, c) => {
    let sum = 0
    for (let b = 0; b < batch; b++) sum += p[b * classes + c] as number
    return sum / batch
  })
}

/** The moving average of batches' mean probabilities; it begins uniform. */
export const uniformPrior = (classes: number): number[] => new Array<number>(classes).fill(1 / classes)
export const movedPrior = (average: readonly number[], batch: readonly number[]): number[] =>
  average.map((m, c) => momentum * m + (1 - momentum) * (batch[c] as number))

/**
 * exp(3 diversity certainty) of the samples that differ from the average at least as much as the batch's mean; 0 for the others. `p`: probabilities
 * [batch, classes]; `entropy` of each row.
 */
export function certaintyDiversityWeights(
  average: readonly number[],
  p: Float64Array,
  entropy: Float64Array,
): Float64Array {
  const classes = average.length
  const norm = (v: ArrayLike<number>, at: number) => {
    let sum = 0
    for (let c = 0; c < classes; c++) sum += (v[at + c] as number) ** 2
    return Math.sqrt(sum)
  }
  const size = norm(average, 0)
  const distance = Float64Array.from(entropy, (_, b) => {
    let product = 0
    for (let c = 0; c < classes; c++) product += (average[c] as number) * (p[b * classes + c] as number)
    return 1 - product / (size * norm(p, b * classes))
  })
  const diversity = toUnitRange(distance)
  const certainty = toUnitRange(entropy.map((h) => -h))
  const threshold = diversity.reduce((sum, d) => sum + d, 0) / diversity.length
  return diversity.map((d, b) => (d >= threshold ? Math.exp(sharpness * d * (certainty[b] as number)) : 0))
}

/** Min-max over the batch; all equal = all 0 (the published code divides 0 by 0). */
function toUnitRange(values: Float64Array): Float64Array {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  return values.map((value) => (high > low ? (value - low) / (high - low) : 0))
}
