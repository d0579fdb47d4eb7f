import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { etaFields, integer, optimizerFields } from '#contract/methods/option-fields.ts'

export const rdumb = defineMethod({
  id: 'rdumb',
  name: 'RDumb',
  paper: 'Press et al., NeurIPS 2023',
  does: {
    en: 'ETA, reset every so many batches.',
    de: 'ETA, das alle so und so viele Batches von vorn beginnt.',
  },
  footnote: null,

  needs: ['norm'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('rdumb'),
    ...optimizerFields(false),
    ...etaFields(0.4),
    period: integer(1, 1_000_000_000).default(1000).describe('Batches between resets.'),
  }),
  presets: { imagenet: { optimizer: 'sgd', learningRate: 2.5e-4, similarity: 0.05 } },
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: true,
  webcam: true,
  live: () => ['learningRate'],

  cost: { passes: () => 2.8, stepMemory: 1, state: { of: 'norm', times: () => 5 } },
})
