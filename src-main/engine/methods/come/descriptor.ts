import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { learningRate, momentum, positive } from '#contract/methods/option-fields.ts'

export const come = defineMethod({
  id: 'come',
  name: 'COME (TENT)',
  paper: 'Zhang et al., ICLR 2025',
  does: {
    en: 'TENT with the entropy of an opinion that may say “I do not know”.',
    de: 'TENT mit der Entropie einer Meinung, die „ich weiß es nicht“ sagen darf.',
  },
  footnote: 'No published rate for CIFAR: TENT’s is used.',

  needs: ['norm'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('come'),
    learningRate: learningRate.default(1e-3),
    momentum: momentum.default(0.9),
    evidence: positive
      .max(1e6)
      .nullable()
      .default(null)
      .describe('Weight of “I do not know”; null = the number of classes (the published code has 1000, ImageNet’s).'),
  }),
  // For CIFAR none was published: TENT's rate is the default.
  presets: { imagenet: { learningRate: 2.5e-4 } },
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
