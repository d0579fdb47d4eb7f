import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import {
  integer,
  nonNegative,
  optimizerFields,
  projectionFields,
  teacherMomentum,
} from '#contract/methods/option-fields.ts'

export const rmt = defineMethod({
  id: 'rmt',
  name: 'RMT',
  paper: 'Döbler et al., CVPR 2023',
  does: {
    en: 'A mean teacher with a symmetric loss, contrast with source prototypes and replayed source images.',
    de: 'Ein gemittelter Lehrer mit symmetrischem Verlust, Kontrast zu Prototypen der Quelle und wiederholten Quellbildern.',
  },
  footnote: 'Source images are replayed in one drawn order.',

  needs: ['norm', 'source-images', 'labels-of-source'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('rmt'),
    ...optimizerFields(true),
    ...projectionFields,
    sourceWeight: nonNegative.max(1000).default(1).describe('Weight of the replayed source images’ cross entropy.'),
    teacherMomentum,
    warmUpImages: integer(0, 10_000_000)
      .default(50_000)
      .describe('Source images (with repetition) that are seen before the run.'),
  }),
  // Fewer source images ship with the sample than the published warm-up sees: four passes over them are enough.
  presets: { imagenet: { optimizer: 'sgd', learningRate: 0.01 }, sample: { warmUpImages: 2000 } },
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: false,
  webcam: false,
  live: () => ['learningRate'],

  cost: { passes: () => 13, stepMemory: 1.7, state: { of: 'adaptable', times: () => 6.5 } },
})
