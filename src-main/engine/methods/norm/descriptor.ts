import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'

export const norm = defineMethod({
  id: 'norm',
  name: 'BN-1',
  paper: 'Schneider et al., NeurIPS 2020',
  does: {
    en: 'Normalises with each batch’s own statistics.',
    de: 'Normalisiert mit der eigenen Statistik jedes Batches.',
  },
  footnote: null,

  needs: ['batch-norm'],
  withoutSource: null,

  options: z.strictObject({ method: z.literal('norm') }),
  presets: {},
  fromPreset: null,
  labelOf: null,

  adapts: false,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: false,
  webcam: true,
  live: () => [],

  cost: { passes: () => 1.2, stepMemory: 0.3, state: null },
})
