import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { share } from '#contract/methods/option-fields.ts'

export const bnAlpha = defineMethod({
  id: 'bn-alpha',
  name: 'BN-alpha',
  paper: 'Schneider et al., NeurIPS 2020',
  does: {
    en: 'Normalises with a mixture of the source’s and the batch’s statistics; for small batches.',
    de: 'Normalisiert mit einer Mischung aus der Statistik der Quelle und der des Batches; für kleine Batches.',
  },
  footnote: null,

  needs: ['batch-norm'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('bn-alpha'),
    alpha: share.default(0.1).describe('Share of the batch’s statistics; the rest is the source’s.'),
  }),
  presets: {},
  fromPreset: null,
  labelOf: null,

  adapts: false,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: false,
  // It is BN-1 with a share of the statistics, which a webcam sets for every method.
  webcam: false,
  live: () => [],

  cost: { passes: () => 1.4, stepMemory: 0.3, state: null },
})
