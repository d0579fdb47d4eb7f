// Fields that the options of several methods have in common: bounds and help are written once. Numbers without a comment are CIFAR-10-C's, as published.
import { z } from 'zod'

export const positive = z.number().finite().positive()
export const nonNegative = z.number().finite().nonnegative()
export const share = z.number().min(0).max(1)
export const learningRate = positive.max(1).describe('Step size of the optimizer.')
export const momentum = z.number().min(0).lt(1).describe('Momentum of SGD.')
/** An integer within bounds, both included. */
export const integer = (least: number, most: number) => z.number().int().min(least).max(most)
/** The largest entropy of a sample that counts; `what` says in words what null stands for. */
export const margin = (what: string) =>
  positive.nullable().default(null).describe(`Samples with an entropy (nats) below this count; null = ${what}.`)

/** Adam at 1e-3 (the benchmark's for CIFAR), or SGD. */
export const optimizerFields = (nesterov: boolean) => ({
  optimizer: z.enum(['adam', 'sgd']).default('adam').describe('Adam, or SGD with momentum.'),
  learningRate: learningRate.default(1e-3),
  momentum: momentum.default(0.9),
  nesterov: z.boolean().default(nesterov).describe('Nesterov’s form of the momentum (SGD only).'),
})

/** How EATA and RDumb choose samples; `similarity` is the default of its field. */
export const etaFields = (similarity: number) => ({
  margin: margin('0.4 ln C'),
  similarity: positive
    .max(1)
    .default(similarity)
    .describe('Largest cosine of a sample’s probabilities with the average of those used before.'),
})

/** Of the contrast with source prototypes (RMT, SANTA). */
export const projectionFields = {
  temperature: positive.max(100).default(0.1).describe('Temperature of the contrastive loss.'),
  projection: integer(1, 4096).default(128).describe('Width of the projector.'),
  contrastWeight: nonNegative.max(1000).default(1).describe('Weight of the contrastive loss.'),
}

/** Of methods whose teacher is a moving average of their student. */
export const teacherMomentum = share.default(0.999).describe('Share of the teacher that stays in each step.')
