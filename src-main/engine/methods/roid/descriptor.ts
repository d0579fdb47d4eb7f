import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { optimizerFields, share } from '#contract/methods/option-fields.ts'

export const roid = defineMethod({
  id: 'roid',
  name: 'ROID',
  paper: 'Marsden et al., WACV 2024',
  does: {
    en: 'A weighted likelihood ratio with consistency; weights drawn to the source’s, predictions corrected by a prior.',
    de: 'Ein gewichtetes Likelihood-Verhältnis mit Konsistenz; Gewichte zu denen der Quelle gezogen, Vorhersagen durch einen Prior berichtigt.',
  },
  footnote: null,

  needs: ['norm'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('roid'),
    ...optimizerFields(true),
    sourceMomentum: share
      .default(0.99)
      .describe('Share of the weights that stays after each step; the rest is the source’s.'),
  }),
  presets: { imagenet: { optimizer: 'sgd', learningRate: 2.5e-4 } },
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: false,
  webcam: false,
  live: () => ['learningRate'],

  cost: { passes: () => 5.5, stepMemory: 1.7, state: { of: 'norm', times: () => 5 } },
})
