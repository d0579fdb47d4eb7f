import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { learningRate, margin, momentum, nonNegative } from '#contract/methods/option-fields.ts'

export const surgical = defineMethod({
  id: 'surgical',
  name: 'Surgical',
  paper: 'Lee et al., ICLR 2023 (continual form of PALM’s tables)',
  does: {
    en: 'Only the first block adapts.',
    de: 'Nur der erste Block passt sich an.',
  },
  footnote: null,

  needs: ['weights'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('surgical'),
    learningRate: learningRate.default(1e-3),
    momentum: momentum.default(0.9),
    lambda: nonNegative.max(100).default(0.01).describe('Weight of the consistency with an augmented view.'),
    margin: margin('0.4 ln C'),
  }),
  // As in PALM's tables.
  presets: { imagenet: { learningRate: 0.0005 } },
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: true,
  webcam: true,
  live: () => ['learningRate'],

  cost: { passes: () => 6, stepMemory: 1.7, state: { of: 'adaptable', times: () => 3.1 } },
})
