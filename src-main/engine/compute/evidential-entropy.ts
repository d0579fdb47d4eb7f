// COME (Zhang et al., ICLR 2025): the entropy of the belief masses (e^z, evidence) / sum over the classes and “I do not know”, which that paper calls an
// opinion; 1e-7 is added to each mass.
// The norm of a sample's logits is held fixed, so the gradient loses its part along z.
import { entropies, logSoftmax, weightedEntropy, type LossAndGradient } from './losses.ts'

/** Belief masses of one row: C of the classes and the last one for not knowing, summing to 1; scaled by the largest logit, so that nothing overflows. */
function beliefMasses(z: Float32Array, evidence: number): number[] {
  const logEvidence = Math.log(evidence)
  const most = z.reduce((m, v) => Math.max(m, v), logEvidence)
  const masses = [...z, logEvidence].map((v) => Math.exp(v - most))
  const total = masses.reduce((sum, mass) => sum + mass, 0)
  return masses.map((mass) => mass / total)
}

/** Per row, in nats. */
function evidentialEntropies(logits: Float32Array, classes: number, evidence: number): Float64Array {
  return Float64Array.from({ length: logits.length / classes }, (_, b) =>
    beliefMasses(logits.subarray(b * classes, (b + 1) * classes), evidence).reduce(
      (sum, share) => sum - (share + 1e-7) * Math.log(share + 1e-7),
      0,
    ),
  )
}

/** sum_b w_b H_b with the weights held fixed (they already hold 1 / batch). */
export function weightedEvidentialEntropy(
  logits: Float32Array,
  classes: number,
  evidence: number,
  weights: Float64Array,
): LossAndGradient {
  const gradient = new Float64Array(logits.length)
  let value = 0
  for (const [b, weight] of weights.entries()) {
    if (weight === 0) continue
    const z = logits.subarray(b * classes, (b + 1) * classes)
    const shares = beliefMasses(z, evidence)
    const slopes = shares.map((share) => -(Math.log(share + 1e-7) + 1)) // of -o log o by o
    const mean = shares.reduce((sum, share, i) => sum + share * (slopes[i] as number), 0)
    value -= weight * shares.reduce((sum, share) => sum + (share + 1e-7) * Math.log(share + 1e-7), 0)
    const square = z.reduce((sum, v) => sum + v * v, 0)
    let along = 0
    for (let c = 0; c < classes; c++) {
      const slope = weight * (shares[c] as number) * ((slopes[c] as number) - mean)
      gradient[b * classes + c] = slope
      along += slope * (z[c] as number)
    }
    if (square > 0)
      for (let c = 0; c < classes; c++)
        gradient[b * classes + c] = (gradient[b * classes + c] as number) - (along / square) * (z[c] as number)
  }
  return { value, gradient }
}

interface Uncertainty {
  /** Per sample, nats. */
  readonly entropy: Float64Array
  /** sum_b w_b H_b and its gradient by the logits. */
  weighted(weights: Float64Array): LossAndGradient
}

/** The softmax's entropy, or with `come` that of the belief masses (evidence C): what filters and losses look at. */
export function uncertaintyOf(logits: Float32Array, classes: number, come: boolean): Uncertainty {
  if (come)
    return {
      entropy: evidentialEntropies(logits, classes, classes),
      weighted: (weights) => weightedEvidentialEntropy(logits, classes, classes, weights),
    }
  const log = logSoftmax(logits, classes)
  const entropy = entropies(log, classes)
  return { entropy, weighted: (weights) => weightedEntropy(log, classes, entropy, weights) }
}
