import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { learningRate, share, teacherMomentum } from '#contract/methods/option-fields.ts'

export const dss = defineMethod({
  id: 'dss',
  name: 'DSS (reconstructed)',
  paper: 'after Wang et al., WACV 2024',
  does: {
    en: 'Learns towards sure pseudo labels and away from improbable ones; the threshold moves with the stream.',
    de: 'Lernt hin zu sicheren Pseudo-Labels und weg von unwahrscheinlichen; die Schwelle wandert mit dem Datenstrom.',
  },
  footnote:
    'No code and no full text was at hand: only the idea is DSS’s, the algorithm is ours. Not to be quoted as DSS.',

  needs: ['weights'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('dss'),
    learningRate: learningRate.default(1e-3),
    teacherMomentum,
    thresholdMomentum: share
      .default(0.9)
      .describe('Share of the moving confidence threshold that stays in each batch.'),
  }),
  presets: {},
  fromPreset: null,
  labelOf: null,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: false,
  webcam: false,
  live: () => ['learningRate'],

  cost: { passes: () => 4.6, stepMemory: 1.7, state: { of: 'adaptable', times: () => 3.1 } },
})
