import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { integer, learningRate, share, teacherMomentum } from '#contract/methods/option-fields.ts'

export const cotta = defineMethod({
  id: 'cotta',
  name: 'CoTTA',
  paper: 'Wang et al., CVPR 2022',
  does: {
    en: 'A student learns from its own moving average over many views; some weights go back to the source’s.',
    de: 'Ein Schüler lernt von seinem eigenen gleitenden Mittel über viele Ansichten; einige Gewichte gehen auf die der Quelle zurück.',
  },
  footnote: null,

  needs: ['weights'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('cotta'),
    optimizer: z.enum(['adam', 'sgd']).default('adam').describe('Adam, or SGD with Nesterov momentum 0.9.'),
    learningRate: learningRate.default(1e-3),
    teacherMomentum,
    restore: share.default(0.01).describe('Probability of each scalar to go back to the source’s.'),
    threshold: z
      .number()
      .min(0)
      .max(1.01)
      .default(0.92)
      .describe(
        'Below this mean confidence of the unadapted model the teacher is averaged over views; belongs to the model’s calibration.',
      ),
    augmentations: integer(1, 256).default(32).describe('Views that the teacher is averaged over.'),
    symmetric: z
      .boolean()
      .default(false)
      .describe('The loss of the ImageNet form: both directions of the cross entropy.'),
  }),
  presets: {
    cifar100: { threshold: 0.72 },
    imagenet: { optimizer: 'sgd', learningRate: 0.01, restore: 0.001, threshold: 0.1, symmetric: true },
  },
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: false,
  webcam: false,
  live: () => ['learningRate'],

  cost: {
    passes: ({ augmentations }) => 6 + 0.9 * augmentations,
    stepMemory: 1,
    state: { of: 'adaptable', times: () => 4.2 },
  },
})
