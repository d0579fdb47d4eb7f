// Entropy losses on logits, as several methods have them.
import { entropies, keptEntropy, logSoftmax, type LossAndGradient } from '#engine/compute/losses.ts'

/** Mean over the batch of H = -sum_c p_c log p_c, nats. */
export function meanEntropy(logits: Float32Array, classes: number): LossAndGradient {
  const log = logSoftmax(logits, classes)
  const entropy = entropies(log, classes)
  return keptEntropy(log, classes, entropy, new Array<boolean>(entropy.length).fill(true))
}
