import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { integer } from '#contract/methods/option-fields.ts'

export const lame = defineMethod({
  id: 'lame',
  name: 'LAME',
  paper: 'Boudiaf et al., CVPR 2022',
  does: {
    en: 'No weight moves: the labels of a batch are assigned jointly.',
    de: 'Kein Gewicht bewegt sich: Die Labels eines Batches werden gemeinsam zugewiesen.',
  },
  footnote: null,

  needs: [],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('lame'),
    affinity: z
      .enum(['rbf', 'knn'])
      .default('rbf')
      .describe('How alike two images are: a Gaussian of their features’ distance, or being among the nearest.'),
    neighbors: integer(1, 1000).default(5).describe('Neighbours that set the Gaussian’s width, or that are alike.'),
  }),
  presets: {},
  fromPreset: null,
  labelOf: null,

  adapts: false,
  predictsWith: 'running-statistics',
  scores: 'before-update',
  answersAfterUpdate: false,
  webcam: false,
  live: () => [],

  cost: { passes: () => 1.2, stepMemory: 0.3, state: null },
})
