import { z } from 'zod'
import { defineMethod } from '#contract/methods/descriptor.ts'
import { margin, nonNegative, positive, share } from '#contract/methods/option-fields.ts'

/** Table 6 replaces Adam and the importance by one of these. */
const optimizers = ['adam', 'lars', 'prodigy', 'adafactor'] as const
const optimizerNames = { lars: 'LARS', prodigy: 'Prodigy', adafactor: 'Adafactor' } as const

/** `eta` as the variant reads it: the paper's KL is averaged over classes (Eq. 2), so its threshold is C times smaller than the published code's. */
const etaForVariant = (variant: unknown, eta: number, classes: number) => (variant === 'paper' ? eta / classes : eta)

const isAgreement = (tuning: unknown) => tuning === 'agreement' || tuning === 'mirrored'

/** What these two read of the options. */
const readByAgreement: readonly string[] = ['tuning', 'alpha', 'temperature']

/**
 * `eta` of the options is the threshold AS USED by the variant: for `paper` already divided by C. That of the presets is on the scale of the published
 * code's KL (summed over classes). `margin` null means the variant's own: 0.4 (`reference`), 0.4 ln C (`paper`).
 */
export const palm = defineMethod({
  id: 'palm',
  name: 'PALM',
  paper: 'Maharana et al., AAAI 2025',
  does: {
    en: 'Learning rates per tensor from the gradient of a divergence to the uniform distribution.',
    de: 'Lernraten je Tensor aus dem Gradienten einer Divergenz zur Gleichverteilung.',
  },
  footnote: null,

  needs: ['weights'],
  withoutSource: null,

  options: z.strictObject({
    method: z.literal('palm'),
    variant: z
      .enum(['reference', 'paper'])
      .default('reference')
      .describe('What the published code does, or what the text says.'),
    kappa: positive.max(1).default(5e-5).describe('Scale of the learning rates (Adam’s step size at importance 1).'),
    tuning: z
      .enum(['fixed', 'auto', 'agreement', 'mirrored'])
      .default('fixed')
      .describe(
        'mirrored (ours, the preset auto): convolutions move as far as successive batches agree on where to, with ROID’s loss; an image and its mirror image answer together; norm layers remember where batches are small or ordered by class; kappa, eta, lambda and margin are not used. agreement (ours, earlier): the same without these two. auto (ours, older): kappa is set on line by how diverse the predictions stay beside BN-1’s; the given one is not used.',
      ),
    alpha: share.default(0.5).describe('Weight of the current sensitivity in its moving average.'),
    temperature: positive.max(1e6).default(50).describe('Temperature T of the softmax in the divergence.'),
    eta: nonNegative.default(1).describe('Tensors whose score is at most this adapt, the rest is frozen.'),
    lambda: nonNegative
      .max(100)
      .default(0.01)
      .describe('Weight of the consistency with an augmented view (`reference` multiplies by the number of classes).'),
    margin: margin('0.4 (`reference`), 0.4 ln C (`paper`)'),
    weightDecay: nonNegative.max(1).default(0).describe('Added to the gradient, as Adam’s L2 form does.'),
    signal: z
      .enum(['uniform', 'pseudo-label'])
      .default('uniform')
      .describe(
        'What importance is measured with: the divergence to the uniform distribution, or the likelihood of the predicted label (Table 7).',
      ),
    granularity: z
      .enum(['tensor', 'element'])
      .nullable()
      .default(null)
      .describe(
        'One learning rate per tensor or per element; null = the variant’s own (tensor in `reference`, element in `paper`).',
      ),
    optimizer: z
      .enum(optimizers)
      .default('adam')
      .describe('adam = PALM. lars, prodigy, adafactor take the place of importance and Adam (Table 6).'),
    optimizerState: z
      .enum(['kept', 'fresh'])
      .default('kept')
      .describe(
        'Whether the replacing optimizer remembers, or is created afresh for each batch, as the published code does with Adam.',
      ),
    optimizerRate: positive.max(1000).default(1).describe('Scale of the replacing optimizer’s steps (Prodigy: gamma).'),
  }),
  // Maharana, Zhang, Guo (AAAI 2025), implementation details, and the published code; `sample` is from `npm run search:preset` on training tiles that the
  // sample does not score (docs/sample-preset.md). `cautious` is a tenth of the paper's kappa: drift on mild domains costs more than slow adaptation. `auto`
  // is ours, for models that nobody tuned: docs/palm-auto.md says what it achieves and where it fails; where it does not apply, it is `cautious`.
  presets: {
    cifar10: { kappa: 5e-4, alpha: 0.5, temperature: 50, eta: 1, lambda: 0.01, weightDecay: 0 },
    cifar100: { kappa: 5e-4, alpha: 0.9, temperature: 100, eta: 0.5, lambda: 0.01, weightDecay: 5e-4 },
    imagenet: { kappa: 5e-5, alpha: 0.5, temperature: 1000, eta: 0.3, lambda: 0.01, weightDecay: 0 },
    sample: { kappa: 2e-4, alpha: 0.5, temperature: 50, eta: 0.5, lambda: 0.01, weightDecay: 0 },
    cautious: { kappa: 5e-5, alpha: 0.5, temperature: 50, eta: 1, lambda: 0.01, weightDecay: 0 },
    auto: { kappa: 5e-5, alpha: 0.5, temperature: 50, eta: 1, lambda: 0.01, weightDecay: 0, tuning: 'mirrored' },
  },
  fromPreset: ({ eta = 1, tuning = 'fixed', ...numbers }, { variant, classes, differs }) => {
    const own = differs.variant ?? variant
    const unread = own === 'paper' || Object.keys(differs).some((option) => !readByAgreement.includes(option))
    return {
      ...numbers,
      variant: own,
      eta: etaForVariant(own, eta, classes),
      // Whoever asks for what it would not read gets that instead.
      tuning: unread ? 'fixed' : tuning,
    }
  },
  labelOf: ({ variant, tuning, signal, optimizer, optimizerState }) => {
    const parts = [
      ...(variant === 'paper' ? ['paper'] : []),
      ...(tuning === 'mirrored' ? ['auto, ours'] : []),
      ...(tuning === 'agreement' ? ['auto unmirrored, ours'] : []),
      ...(tuning === 'auto' ? ['kappa on line, ours'] : []),
      ...(signal === 'pseudo-label' ? ['pseudo-labels'] : []),
      ...(optimizer === 'adam' ? [] : [`${optimizerNames[optimizer]}${optimizerState === 'fresh' ? ', fresh' : ''}`]),
    ]
    return parts.length > 0 ? `PALM (${parts.join(', ')})` : 'PALM'
  },

  adapts: true,
  predictsWith: 'batch-statistics',
  scores: 'before-update',
  answersAfterUpdate: true,
  webcam: true,
  // A kappa that tunes itself, or that a replacing optimizer does not read, would change nothing.
  live: ({ tuning, optimizer }) => {
    if (isAgreement(tuning)) return ['temperature']
    return tuning === 'auto' || optimizer !== 'adam'
      ? ['temperature', 'eta', 'lambda']
      : ['kappa', 'temperature', 'eta', 'lambda']
  },

  cost: {
    passes: ({ optimizer, tuning }) => (optimizer === 'adam' ? (tuning === 'mirrored' ? 9 : 8) : 7),
    stepMemory: 1.7,
    state: { of: 'adaptable', times: ({ tuning }) => (isAgreement(tuning) ? 4 : 1.2) },
  },
})
