import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { integer, learningRate, positive, share } from '#contract/methods/option-fields.ts'

export const note = defineMethod({
  id: 'note',
  name: 'NOTE',
  paper: 'Gong et al., NeurIPS 2022',
  does: {
    en: 'Instance-aware normalisation and a balanced memory; predicts image by image.',
    de: 'Normalisierung je Bild und ein ausgewogenes Gedächtnis; sagt Bild für Bild vorher.',
  },
  footnote:
    'Made for models trained with its own normalisation; on others it runs, but that is not what was published.',

  needs: ['batch-norm'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('note'),
    learningRate: learningRate.default(1e-4),
    memory: integer(1, 4096).default(64).describe('Images that are remembered, and images between two updates.'),
    k: positive
      .max(1000)
      .default(4)
      .describe('How many standard errors an image’s own statistics may differ before they count.'),
    statisticsShare: share.default(0.01).describe('Share of an update’s statistics in the running ones.'),
  }),
  presets: {},
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'running-statistics',
  scores: 'before-update',
  answersAfterUpdate: false,
  webcam: false,
  live: () => ['learningRate'],

  cost: { passes: () => 9, stepMemory: 1, state: { of: 'adaptable', times: () => 3.1 } },
})
