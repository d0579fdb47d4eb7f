import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { etaFields, integer, nonNegative, optimizerFields } from '#contract/methods/option-fields.ts'

export const eata = defineMethod({
  id: 'eata',
  name: 'EATA',
  paper: 'Niu et al., ICML 2022',
  does: {
    en: 'Entropy of sure samples that differ from what was seen, held near the source where the Fisher information says so.',
    de: 'Entropie sicherer Bilder, die sich von den gesehenen unterscheiden, bei der Quelle gehalten, wo die Fisher-Information es sagt.',
  },
  footnote: null,

  needs: ['norm', 'source-images'],
  withoutSource: {
    when: ({ fisherWeight }) => fisherWeight === 0,
    hint: 'With fisherWeight 0 it is ETA, which needs none.',
  },

  options: z.strictObject({
    method: z.literal('eata'),
    ...optimizerFields(false),
    ...etaFields(0.4),
    fisherWeight: nonNegative
      .max(1e9)
      .default(1)
      .describe(
        'Weight of the pull towards the source’s weights by the Fisher information; 0 = ETA, which needs no source images.',
      ),
    fisherImages: integer(1, 1_000_000)
      .default(2000)
      .describe('Source images for the Fisher information (as many as there are, at most).'),
    come: z.boolean().default(false).describe('The opinion’s entropy in place of the softmax’s (EATA_COME).'),
  }),
  presets: {
    cifar100: { similarity: 0.1 },
    imagenet: { optimizer: 'sgd', learningRate: 2.5e-4, similarity: 0.05, fisherWeight: 2000 },
  },
  fromPreset: null,
  labelOf: ({ fisherWeight, come }) => `${fisherWeight === 0 ? 'ETA' : 'EATA'}${come ? ' + COME' : ''}`,

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: true,
  webcam: false,
  live: () => ['learningRate'],

  cost: { passes: () => 2.8, stepMemory: 1, state: { of: 'norm', times: () => 5 } },
})
