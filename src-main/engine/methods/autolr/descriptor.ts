import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { integer, learningRate, momentum, positive } from '#contract/methods/option-fields.ts'

export const autolr = defineMethod({
  id: 'autolr',
  name: 'AutoLR (online form, ours)',
  paper: 'after Ro, Choi, AAAI 2021',
  does: {
    en: 'Learning rates per block, steered so that deeper blocks move more.',
    de: 'Lernraten je Block, so gesteuert, dass tiefere Blöcke sich mehr bewegen.',
  },
  footnote: 'AutoLR is for supervised fine-tuning; this online form with TENT’s loss is ours.',

  needs: ['weights'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('autolr'),
    learningRate: learningRate.default(1e-4),
    momentum: momentum.default(0.9),
    window: integer(1, 100_000).default(10).describe('Batches between two adjustments of the blocks’ learning rates.'),
    low: positive.max(100).default(2).describe('The first block shall move so many times the least mover’s distance.'),
    high: positive
      .max(100)
      .default(0.4)
      .describe('The last block shall move so many times the largest mover’s distance.'),
  }),
  presets: {},
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: true,
  webcam: false,
  // It sets its own rates.
  live: () => [],

  cost: { passes: () => 3.7, stepMemory: 1, state: { of: 'adaptable', times: () => 3.1 } },
})
