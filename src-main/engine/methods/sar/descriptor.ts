import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { learningRate, margin, momentum, nonNegative } from '#contract/methods/option-fields.ts'

export const sar = defineMethod({
  id: 'sar',
  name: 'SAR',
  paper: 'Niu et al., ICLR 2023',
  does: {
    en: 'Entropy of sure samples, minimised where it stays low around; resets when it collapses.',
    de: 'Entropie sicherer Bilder, minimiert, wo sie ringsum niedrig bleibt; beginnt nach einem Kollaps von vorn.',
  },
  footnote: 'The reset threshold is scaled to the number of classes.',

  needs: ['norm'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('sar'),
    learningRate: learningRate.default(1e-3),
    momentum: momentum.default(0.9),
    radius: nonNegative.max(10).default(0.05).describe('How far it climbs before it looks at the gradient.'),
    margin: margin('0.4 ln C'),
    resetBelow: nonNegative
      .nullable()
      .default(null)
      .describe(
        'Resets when the average loss falls below this; null = 0.2 ln C / ln 1000 (ours: the published 0.2 was chosen for 1,000 classes).',
      ),
    come: z.boolean().default(false).describe('The opinion’s entropy in place of the softmax’s (SAR_COME).'),
  }),
  presets: { imagenet: { learningRate: 2.5e-4 } },
  fromPreset: null,
  labelOf: ({ come }) => (come ? 'SAR + COME' : 'SAR'),

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: true,
  webcam: true,
  live: () => ['learningRate'],

  cost: { passes: () => 5.5, stepMemory: 1, state: { of: 'norm', times: () => 5 } },
})
