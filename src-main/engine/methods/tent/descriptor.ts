import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { optimizerFields } from '#contract/methods/option-fields.ts'

export const tent = defineMethod({
  id: 'tent',
  name: 'TENT',
  paper: 'Wang et al., ICLR 2021 (continual: never reset)',
  does: {
    en: 'Lowers the predictions’ entropy by moving the norm layers’ scale and shift.',
    de: 'Senkt die Entropie der Vorhersagen, indem Skalierung und Verschiebung der Norm-Schichten bewegt werden.',
  },
  footnote: null,

  needs: ['norm'],
  withoutSource: null,

  options: z.strictObject({ method: z.literal('tent'), ...optimizerFields(false) }),
  presets: { imagenet: { optimizer: 'sgd', learningRate: 2.5e-4 } },
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
