import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { optimizerFields, positive, share } from '#contract/methods/option-fields.ts'

export const cmf = defineMethod({
  id: 'cmf',
  name: 'CMF',
  paper: 'Lee, Chang, ICLR 2024',
  does: {
    en: 'ROID’s losses, drawn to a filtered average of the weights.',
    de: 'Die Verluste von ROID, zu einem gefilterten Mittel der Gewichte gezogen.',
  },
  footnote: null,

  needs: ['norm'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('cmf'),
    ...optimizerFields(true),
    alpha: share
      .default(0.99)
      .describe('Share of the hidden weights that stays in each prediction; the rest is the source’s.'),
    gamma: share
      .default(0.99)
      .describe('Share of the weights that stays after each step; the rest is the hidden ones’.'),
    q: positive.max(100).default(0.005).describe('Noise of the filter, for 38,400 adapted parameters.'),
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
