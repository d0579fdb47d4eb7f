import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { margin, optimizerFields } from '#contract/methods/option-fields.ts'

export const deyo = defineMethod({
  id: 'deyo',
  name: 'DeYO',
  paper: 'Lee et al., ICLR 2024',
  does: {
    en: 'Entropy of sure samples whose prediction falls when their image is cut up.',
    de: 'Entropie sicherer Bilder, deren Vorhersage fällt, wenn ihr Bild zerschnitten wird.',
  },
  footnote: null,

  needs: ['norm'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('deyo'),
    ...optimizerFields(false),
    fall: z
      .number()
      .min(-1)
      .max(1)
      .default(0.2)
      .describe('How far the class’s probability must fall when the image’s tiles are shuffled.'),
    margin: margin('0.5 ln C'),
  }),
  presets: { imagenet: { optimizer: 'sgd', learningRate: 2.5e-4, fall: 0.3 } },
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: true,
  webcam: true,
  live: () => ['learningRate'],

  cost: { passes: () => 4, stepMemory: 1.7, state: { of: 'norm', times: () => 5 } },
})
