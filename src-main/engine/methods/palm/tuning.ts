// `auto`, OURS: sets kappa on line, without labels. What too bold a kappa does first is to let the model forget classes: the entropy of its mean
// prediction falls below that of BN-1 on the same batch. So kappa grows while that does not happen; where it does, kappa shrinks and the weights are
// drawn back to the source's. What it achieves and where it fails is in docs/palm-auto-history.md.
import { z } from 'zod'
import { logSoftmax } from '#engine/compute/losses.ts'
import type { JsonValue } from '#engine/methods/method.ts'

export const tuningRules = {
  start: 1e-4,
  least: 1e-5,
  most: 1e-2,
  growEarly: 1.15,
  growLate: 1.05,
  early: 10,
  shrink: 0.6,
  keep: 0.7,
  memory: 0.8,
  slack: 0.002,
}

const stateSchema = z.object({ kappa: z.number().positive(), drift: z.number(), steps: z.number().int().nonnegative() })

/** Entropy in nats of the batch's mean probabilities. */
export function meanPredictionEntropy(logits: Float32Array, classes: number): number {
  const log = logSoftmax(logits, classes)
  const mean = new Float64Array(classes)
  for (const [i, value] of log.entries())
    mean[i % classes] = (mean[i % classes] as number) + (Math.exp(value) * classes) / log.length
  return mean.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0)
}

export class KappaTuning {
  kappa = tuningRules.start
  private drift = 0
  private steps = 0

  /** Before a step. @returns how much of the way from the source's weights is kept: 1, or less where classes are being forgotten */
  observe(own: Float32Array, unadapted: Float32Array, classes: number): number {
    const { least, most, growEarly, growLate, early, shrink, keep, memory, slack } = tuningRules
    const difference =
      (meanPredictionEntropy(own, classes) - meanPredictionEntropy(unadapted, classes)) / Math.log(classes)
    this.steps += 1
    this.drift = memory * this.drift + (1 - memory) * difference
    if (this.drift / (1 - memory ** this.steps) >= -slack) {
      this.kappa = Math.min(most, this.kappa * (this.steps <= early ? growEarly : growLate))
      return 1
    }
    this.kappa = Math.max(least, this.kappa * shrink)
    return keep
  }

  state(): JsonValue {
    return { kappa: this.kappa, drift: this.drift, steps: this.steps }
  }

  restore(state: unknown): void {
    const { kappa, drift, steps } = stateSchema.parse(state)
    this.kappa = kappa
    this.drift = drift
    this.steps = steps
  }

  clear(): void {
    this.kappa = tuningRules.start
    this.drift = 0
    this.steps = 0
  }
}
