import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { learningRate, nonNegative, positive } from '#contract/methods/option-fields.ts'

export const law = defineMethod({
  id: 'law',
  name: 'LAW',
  paper: 'Park et al., WACV 2024',
  does: {
    en: 'Learning rates per tensor from accumulated squared gradients of the likelihood.',
    de: 'Lernraten je Tensor aus angesammelten quadrierten Gradienten der Likelihood.',
  },
  footnote: null,

  needs: ['weights'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('law'),
    learningRate: learningRate.default(1e-3),
    tau: positive.max(10).default(1).describe('Exponent of the layers’ weights.'),
    weight: nonNegative
      .max(1e5)
      .nullable()
      .default(null)
      .describe(
        'Weight of the consistency; null = 0.01 C, as LAW’s own code has it (PALM’s copy multiplies by C once more).',
      ),
    clean: z
      .boolean()
      .default(false)
      .describe('Clears the gradient before the likelihood’s pass; the published code leaves the last batch’s in it.'),
  }),
  presets: { cifar100: { learningRate: 0.00005, tau: 0.6 }, imagenet: { learningRate: 0.0002 } },
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: true,
  webcam: true,
  live: () => ['learningRate'],

  cost: { passes: () => 8, stepMemory: 1.7, state: { of: 'adaptable', times: () => 3.1 } },
})
