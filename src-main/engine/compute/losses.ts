// Losses on logits and their gradients in closed form. Logits are small ([batch, classes]), so this runs on the host in float64:
// one read of the logits serves prediction, losses and gradients alike. `classes` is the row length; rows are samples.

export interface LossAndGradient {
  readonly value: number
  readonly gradient: Float64Array // d value / d logits
}

/** Row-wise log-softmax of logits / temperature. */
export function logSoftmax(logits: Float32Array | Float64Array, classes: number, temperature = 1): Float64Array {
  const out = new Float64Array(logits.length)
  for (let row = 0; row < logits.length; row += classes) {
    let max = Number.NEGATIVE_INFINITY
    for (let c = 0; c < classes; c++) max = Math.max(max, (logits[row + c] as number) / temperature)
    let sum = 0
    for (let c = 0; c < classes; c++) {
      out[row + c] = (logits[row + c] as number) / temperature - max
      sum += Math.exp(out[row + c] as number)
    }
    const log = Math.log(sum)
    for (let c = 0; c < classes; c++) out[row + c] = (out[row + c] as number) - log
  }
  return out
}

/** Entropy in nats of each row's softmax, from its log-softmax. 0 log 0 = 0. */
export function entropies(logProbabilities: Float64Array, classes: number): Float64Array {
  const out = new Float64Array(logProbabilities.length / classes)
  for (let b = 0; b < out.length; b++) {
    let h = 0
    for (let c = 0; c < classes; c++) {
      const log = logProbabilities[b * classes + c] as number
      const p = Math.exp(log)
      if (p > 0) h -= p * log
    }
    out[b] = h
  }
  return out
}

/**
 * Cross entropy of softmax(logits / T) against the uniform label (PALM Eq. 2), mean over the batch: summed over classes (`sum`, the
 * published code) or averaged (`mean`, the paper). Up to the constant ln C the same as KL(uniform || softmax).
 */
export function uniformCrossEntropy(
  logits: Float32Array,
  classes: number,
  temperature: number,
  scale: 'sum' | 'mean',
): LossAndGradient {
  const log = logSoftmax(logits, classes, temperature)
  const batch = logits.length / classes
  const weight = scale === 'sum' ? 1 : 1 / classes
  const gradient = new Float64Array(logits.length)
  let value = 0
  for (let i = 0; i < log.length; i++) {
    value -= log[i] as number
    gradient[i] = (weight * (classes * Math.exp(log[i] as number) - 1)) / (batch * temperature)
  }
  return { value: (weight * value) / batch, gradient }
}

/** Mean of -log p of each row's label, from its log-softmax. */
export function labelCrossEntropy(
  logProbabilities: Float64Array,
  classes: number,
  labels: ArrayLike<number>,
): LossAndGradient {
  const batch = logProbabilities.length / classes
  const gradient = logProbabilities.map((log) => Math.exp(log) / batch)
  let value = 0
  for (let b = 0; b < batch; b++) {
    const at = b * classes + (labels[b] as number)
    value -= (logProbabilities[at] as number) / batch
    gradient[at] = (gradient[at] as number) - 1 / batch
  }
  return { value, gradient }
}

/** sum_b w_b H_b with the weights held fixed (they already hold 1 / batch). */
export function weightedEntropy(
  logProbabilities: Float64Array,
  classes: number,
  entropy: Float64Array,
  weights: Float64Array,
): LossAndGradient {
  const gradient = new Float64Array(logProbabilities.length)
  let value = 0
  for (let b = 0; b < entropy.length; b++) {
    const weight = weights[b] as number
    const h = entropy[b] as number
    if (weight === 0) continue
    value += weight * h
    for (let c = 0; c < classes; c++) {
      const log = logProbabilities[b * classes + c] as number
      const p = Math.exp(log)
      gradient[b * classes + c] = p > 0 ? -weight * p * (log + h) : 0
    }
  }
  return { value, gradient }
}

/**
 * ROID's soft likelihood ratio with probabilities clipped at 0.99: sum_b w_b (-sum_c q log(q / (1 - q) + 1e-5)). Clipped entries have no gradient.
 */
export function softLikelihoodRatio(
  logProbabilities: Float64Array,
  classes: number,
  weights: Float64Array,
): LossAndGradient {
  const gradient = new Float64Array(logProbabilities.length)
  let value = 0
  for (let b = 0; b < weights.length; b++) {
    const weight = weights[b] as number
    if (weight === 0) continue
    let mean = 0
    for (let c = 0; c < classes; c++) {
      const at = b * classes + c
      const p = Math.exp(logProbabilities[at] as number)
      const q = Math.min(p, 0.99)
      const odds = q / (1 - q) + 1e-5
      value -= weight * q * Math.log(odds)
      const slope = p > 0.99 ? 0 : -(Math.log(odds) + q / (1 - q) ** 2 / odds)
      gradient[at] = slope
      mean += p * slope
    }
    for (let c = 0; c < classes; c++) {
      const at = b * classes + c
      gradient[at] = weight * Math.exp(logProbabilities[at] as number) * ((gradient[at] as number) - mean)
    }
  }
  return { value, gradient }
}

/**
 * sum_j w_j of half the cross entropies of rows[j] of P and row j of Q in both directions, with gradients to both sides' logits. `gradient` has P's
 * size, `gradientView` Q's.
 */
export function symmetricCrossEntropy(
  logP: Float64Array,
  logQ: Float64Array,
  classes: number,
  rows: readonly number[],
  weights: readonly number[],
) {
  const gradient = new Float64Array(logP.length)
  const gradientView = new Float64Array(logQ.length)
  let value = 0
  for (const [j, row] of rows.entries()) {
    const weight = (weights[j] as number) / 2
    let pq = 0
    let qp = 0
    for (let c = 0; c < classes; c++) {
      const p = logP[row * classes + c] as number
      const q = logQ[j * classes + c] as number
      pq -= Math.exp(p) * q
      qp -= Math.exp(q) * p
    }
    value += weight * (pq + qp)
    for (let c = 0; c < classes; c++) {
      const log = logP[row * classes + c] as number
      const logView = logQ[j * classes + c] as number
      const p = Math.exp(log)
      const q = Math.exp(logView)
      gradient[row * classes + c] = (gradient[row * classes + c] as number) + weight * (p * (-logView - pq) + p - q)
      gradientView[j * classes + c] = weight * (q * (-log - qp) + q - p)
    }
  }
  return { value, gradient, gradientView }
}

/** Mean entropy over the samples whose `kept` flag is set; 0 without any (the published code's NaN is not copied). */
export function keptEntropy(
  logProbabilities: Float64Array,
  classes: number,
  entropy: Float64Array,
  kept: readonly boolean[],
): LossAndGradient {
  const count = kept.filter(Boolean).length
  return weightedEntropy(
    logProbabilities,
    classes,
    entropy,
    Float64Array.from(kept, (one) => (one ? 1 / count : 0)),
  )
}

/** mean_b -sum_c p_bc log q_bc with gradients to both sides' logits (PALM Eq. 10), from their log-softmaxes. */
export function consistency(
  logP: Float64Array,
  logQ: Float64Array,
  classes: number,
): { value: number; gradientP: Float64Array; gradientQ: Float64Array } {
  const batch = logP.length / classes
  const gradientP = new Float64Array(logP.length)
  const gradientQ = new Float64Array(logP.length)
  let value = 0
  for (let b = 0; b < batch; b++) {
    let loss = 0
    for (let c = 0; c < classes; c++)
      loss -= Math.exp(logP[b * classes + c] as number) * (logQ[b * classes + c] as number)
    value += loss / batch
    for (let c = 0; c < classes; c++) {
      const i = b * classes + c
      const p = Math.exp(logP[i] as number)
      gradientP[i] = (p * (-(logQ[i] as number) - loss)) / batch
      gradientQ[i] = (Math.exp(logQ[i] as number) - p) / batch
    }
  }
  return { value, gradientP, gradientQ }
}

/** Mean cross entropy against class labels: what the sample's model is trained with. */
export function crossEntropy(logits: Float32Array, classes: number, labels: ArrayLike<number>): LossAndGradient {
  const log = logSoftmax(logits, classes)
  const batch = logits.length / classes
  const gradient = new Float64Array(logits.length)
  let value = 0
  for (let b = 0; b < batch; b++) {
    const label = labels[b] as number
    value -= (log[b * classes + label] as number) / batch
    for (let c = 0; c < classes; c++)
      gradient[b * classes + c] = (Math.exp(log[b * classes + c] as number) - (c === label ? 1 : 0)) / batch
  }
  return { value, gradient }
}

/** The index of each row's largest logit; the first of equals. */
export function argMaxRows(logits: Float32Array, classes: number): Int32Array {
  const out = new Int32Array(logits.length / classes)
  for (let b = 0; b < out.length; b++) {
    let best = 0
    for (let c = 1; c < classes; c++)
      if ((logits[b * classes + c] as number) > (logits[b * classes + best] as number)) best = c
    out[b] = best
  }
  return out
}
