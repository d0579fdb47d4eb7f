import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { optimizerFields, projectionFields } from '#contract/methods/option-fields.ts'

export const santa = defineMethod({
  id: 'santa',
  name: 'SANTA',
  paper: 'Chakrabarty et al., TMLR 2023',
  does: {
    en: 'Follows the source model where it is sure, with contrast to source prototypes.',
    de: 'Folgt dem Quellmodell, wo es sicher ist, mit Kontrast zu Prototypen der Quelle.',
  },
  footnote: null,

  needs: ['norm', 'source-images', 'labels-of-source'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('santa'),
    ...optimizerFields(true),
    ...projectionFields,
  }),
  presets: { imagenet: { optimizer: 'sgd', learningRate: 0.01 } },
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: true,
  webcam: false,
  live: () => ['learningRate'],

  cost: { passes: () => 8, stepMemory: 1.7, state: { of: 'norm', times: () => 5 } },
})
