import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { integer, learningRate, momentum, nonNegative, positive, share } from '#contract/methods/option-fields.ts'

export const adacontrast = defineMethod({
  id: 'adacontrast',
  name: 'AdaContrast',
  paper: 'Chen et al., CVPR 2022 (online form of the benchmark)',
  does: {
    en: 'Contrastive learning with pseudo labels that remembered neighbours vote for. Scores after its step.',
    de: 'Kontrastives Lernen mit Pseudo-Labels, über die gemerkte Nachbarn abstimmen. Zählt nach seinem Schritt.',
  },
  footnote: 'The weak view’s crop is ours.',

  needs: ['norm'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('adacontrast'),
    learningRate: learningRate.default(2e-4),
    momentum: momentum.default(0.9),
    nesterov: z.boolean().default(true).describe('Nesterov’s form of the momentum.'),
    weightDecay: nonNegative.max(1).default(1e-4).describe('Added to the gradient, in proportion to the weights.'),
    temperature: positive.max(100).default(0.07).describe('Temperature of the contrastive loss.'),
    teacherMomentum: share.default(0.999).describe('Share of the momentum model that stays in each step.'),
    queue: integer(1, 1_000_000).default(16_384).describe('Keys and features that are remembered.'),
    neighbors: integer(1, 1000).default(10).describe('Remembered neighbours that vote for a pseudo label.'),
    refineAfter: integer(0, 10_000_000).default(1024).describe('Images seen before neighbours vote.'),
  }),
  presets: {},
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'running-statistics',
  scores: 'after-update',
  answersAfterUpdate: false,
  webcam: false,
  live: () => ['learningRate'],

  cost: { passes: () => 14.5, stepMemory: 1.7, state: { of: 'adaptable', times: () => 6.5 } },
})
