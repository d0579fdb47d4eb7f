import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'

export const source = defineMethod({
  id: 'source',
  name: 'Source',
  paper: 'the unadapted model',
  does: {
    en: 'Nothing adapts: the model as it was trained.',
    de: 'Nichts passt sich an: das Modell, wie es trainiert wurde.',
  },
  footnote: null,

  needs: [],
  withoutSource: null,

  options: z.strictObject({ method: z.literal('source') }),
  presets: {},
  fromPreset: null,
  labelOf: null,

  adapts: false,
  predictsWith: 'running-statistics',
  scores: 'before-update',
  answersAfterUpdate: false,
  webcam: false,
  live: () => [],

  cost: { passes: () => 1, stepMemory: 0.3, state: null },
})
