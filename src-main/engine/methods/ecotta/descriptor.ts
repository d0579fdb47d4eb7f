import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { integer, learningRate, margin, momentum, nonNegative, positive } from '#contract/methods/option-fields.ts'

export const ecotta = defineMethod({
  id: 'ecotta',
  name: 'EcoTTA',
  paper: 'Song et al., CVPR 2023',
  does: {
    en: 'Small added networks adapt, held near the frozen ones; they are warmed up on labelled source images.',
    de: 'Kleine zusätzliche Netze passen sich an, gehalten bei den eingefrorenen; sie werden auf Quellbildern mit Labels aufgewärmt.',
  },
  footnote:
    'No official code exists: settings and details follow a public re-implementation; the cut of other networks than its own is ours.',

  needs: ['batch-norm', 'source-images', 'labels-of-source'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('ecotta'),
    parts: integer(1, 16).default(4).describe('Parts that the encoder is cut into; each gets a meta network.'),
    learningRate: learningRate.default(5e-3),
    momentum: momentum.default(0.9),
    lambda: nonNegative.max(100).default(0.25).describe('Weight of the pull towards the frozen parts’ outputs.'),
    margin: margin('0.4 ln C'),
    warmUpEpochs: integer(1, 1000)
      .default(10)
      .describe('Passes over the source images that train the meta networks before the run.'),
    warmUpLearningRate: positive.max(1).default(0.05).describe('Largest step size of the warm-up.'),
  }),
  presets: {},
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'after-update',
  answersAfterUpdate: false,
  webcam: false,
  live: () => ['learningRate'],

  cost: { passes: () => 6, stepMemory: 1.7, state: { of: 'adaptable', times: () => 3.1 } },
})
