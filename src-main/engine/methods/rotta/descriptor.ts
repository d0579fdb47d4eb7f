import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { integer, learningRate, share } from '#contract/methods/option-fields.ts'

export const rotta = defineMethod({
  id: 'rotta',
  name: 'RoTTA',
  paper: 'Yuan et al., CVPR 2023',
  does: {
    en: 'A memory balanced over classes, moving statistics and a teacher, for streams that are ordered by class.',
    de: 'Ein nach Klassen ausgewogenes Gedächtnis, gleitende Statistik und ein Lehrer, für nach Klassen geordnete Datenströme.',
  },
  footnote: null,

  needs: ['batch-norm'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('rotta'),
    learningRate: learningRate.default(1e-3),
    memory: integer(1, 4096).default(64).describe('Images that are remembered.'),
    period: integer(1, 1_000_000).default(64).describe('Images between two updates.'),
    teacherMomentum: share.default(0.999).describe('Share of the teacher that stays in each update.'),
    statisticsShare: share.default(0.05).describe('Share of an update’s statistics in the running ones.'),
  }),
  presets: {},
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'running-statistics',
  scores: 'before-update',
  answersAfterUpdate: false,
  webcam: false,
  live: () => ['learningRate'],

  cost: { passes: () => 4, stepMemory: 0.6, state: { of: 'adaptable', times: () => 1.8 } },
})
