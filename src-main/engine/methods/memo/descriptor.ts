import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { integer, learningRate, share } from '#contract/methods/option-fields.ts'

export const memo = defineMethod({
  id: 'memo',
  name: 'MEMO',
  paper: 'Zhang et al., NeurIPS 2022',
  does: {
    en: 'Adapts to each image alone over many views, then forgets. Scores after its step.',
    de: 'Passt sich jedem Bild allein über viele Ansichten an und vergisst es wieder. Zählt nach seinem Schritt.',
  },
  footnote: null,

  needs: ['norm'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('memo'),
    learningRate: learningRate.default(5e-3),
    nesterov: z.boolean().default(false).describe('The benchmark’s SGD: each step is 1.9 times as long.'),
    augmentations: integer(1, 256).default(32).describe('AugMix views of each image.'),
    alpha: share.default(0.1).describe('Share of the views’ (or the image’s) statistics; the rest is the source’s.'),
  }),
  presets: { imagenet: { augmentations: 64, learningRate: 2.5e-4, alpha: 1 / 17 } },
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'running-statistics',
  scores: 'after-update',
  answersAfterUpdate: false,
  webcam: false,
  live: () => ['learningRate'],

  cost: { passes: ({ augmentations }) => 6.5 * augmentations, stepMemory: 0.6, state: { of: 'norm', times: () => 5 } },
})
