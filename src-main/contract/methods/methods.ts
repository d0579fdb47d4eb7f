// Every method's options with their defaults (CIFAR-10-C's, as published) and what each means. The field's symbols and the sources of the numbers
// are in docs/methods/. Plain data: the command's help, the form and the sweeps all read it.
import { z } from 'zod'

const positive = z.number().finite().positive()
const nonNegative = z.number().finite().nonnegative()
const share = z.number().min(0).max(1)
const learningRate = positive.max(1).describe('Step size of the optimizer.')
const momentum = z.number().min(0).lt(1).describe('Momentum of SGD.')
const margin = (what: string) =>
  positive.nullable().default(null).describe(`Samples with an entropy (nats) below this count; null = ${what}.`)

/** Adam at 1e-3 (the benchmark's for CIFAR), or SGD. */
const optimizerFields = (nesterov: boolean, optimizer: 'adam' | 'sgd' = 'adam', rate = 1e-3) => ({
  optimizer: z.enum(['adam', 'sgd']).default(optimizer).describe('Adam, or SGD with momentum.'),
  learningRate: learningRate.default(rate),
  momentum: momentum.default(0.9),
  nesterov: z.boolean().default(nesterov).describe('Nesterov’s form of the momentum (SGD only).'),
})

export const sourceLaneSchema = z.strictObject({ method: z.literal('source') })

export const normLaneSchema = z.strictObject({ method: z.literal('norm') })

export const bnAlphaLaneSchema = z.strictObject({
  method: z.literal('bn-alpha'),
  alpha: share.default(0.1).describe('Share of the batch’s statistics; the rest is the source’s.'),
})

export const tentLaneSchema = z.strictObject({ method: z.literal('tent'), ...optimizerFields(false) })

/** Table 6 of PALM replaces Adam and the importance by one of these. */
export const palmOptimizers = ['adam', 'lars', 'prodigy', 'adafactor'] as const

/**
 * PALM (Maharana, Zhang, Guo, AAAI 2025). `eta` is the threshold AS USED by the variant: for `paper` already divided by C.
 * `margin` null means the variant's own: 0.4 (`reference`), 0.4 ln C (`paper`).
 */
export const palmLaneSchema = z.strictObject({
  method: z.literal('palm'),
  variant: z
    .enum(['reference', 'paper'])
    .default('reference')
    .describe('What the published code does, or what the text says.'),
  kappa: positive.max(1).default(5e-5).describe('Scale of the learning rates (Adam’s step size at importance 1).'),
  tuning: z
    .enum(['fixed', 'auto'])
    .default('fixed')
    .describe(
      'auto (ours): kappa is set on line by how diverse the predictions stay beside BN-1’s; the given one is not used.',
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
    .enum(palmOptimizers)
    .default('adam')
    .describe('adam = PALM. lars, prodigy, adafactor take the place of importance and Adam (Table 6).'),
  optimizerState: z
    .enum(['kept', 'fresh'])
    .default('kept')
    .describe(
      'Whether the replacing optimizer remembers, or is made anew for each batch as the published code does with Adam.',
    ),
  optimizerRate: positive.max(1000).default(1).describe('Scale of the replacing optimizer’s steps (Prodigy: gamma).'),
})

export const surgicalLaneSchema = z.strictObject({
  method: z.literal('surgical'),
  learningRate: learningRate.default(1e-3),
  momentum: momentum.default(0.9),
  lambda: nonNegative.max(100).default(0.01).describe('Weight of the consistency with an augmented view.'),
  margin: margin('0.4 ln C'),
})

export const lawLaneSchema = z.strictObject({
  method: z.literal('law'),
  learningRate: learningRate.default(1e-3),
  tau: positive.max(10).default(1).describe('Exponent of the layers’ weights.'),
  weight: nonNegative
    .max(1e5)
    .nullable()
    .default(null)
    .describe(
      'Weight of the consistency; null = 0.01 C, as LAW’s own code has it (PALM’s copy multiplies by C once more).',
    ),
  clean: z
    .boolean()
    .default(false)
    .describe('Clears the gradient before the likelihood’s pass; the published code leaves the last batch’s in it.'),
})

export const cottaLaneSchema = z.strictObject({
  method: z.literal('cotta'),
  optimizer: z.enum(['adam', 'sgd']).default('adam').describe('Adam, or SGD with Nesterov momentum 0.9.'),
  learningRate: learningRate.default(1e-3),
  teacherMomentum: share.default(0.999).describe('Share of the teacher that stays in each step.'),
  restore: share.default(0.01).describe('Probability of each scalar to go back to the source’s.'),
  threshold: z
    .number()
    .min(0)
    .max(1.01)
    .default(0.92)
    .describe(
      'Below this mean confidence of the unadapted model the teacher is averaged over views; belongs to the model’s calibration.',
    ),
  augmentations: z.number().int().min(1).max(256).default(32).describe('Views that the teacher is averaged over.'),
  symmetric: z
    .boolean()
    .default(false)
    .describe('The loss of the ImageNet form: both directions of the cross entropy.'),
})

export const ecottaLaneSchema = z.strictObject({
  method: z.literal('ecotta'),
  parts: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(4)
    .describe('Parts that the encoder is cut into; each gets a meta network.'),
  learningRate: learningRate.default(5e-3),
  momentum: momentum.default(0.9),
  lambda: nonNegative.max(100).default(0.25).describe('Weight of the pull towards the frozen parts’ outputs.'),
  margin: margin('0.4 ln C'),
  warmUpEpochs: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('Passes over the source images that train the meta networks before the run.'),
  warmUpLearningRate: positive.max(1).default(0.05).describe('Largest step size of the warm-up.'),
})

export const adacontrastLaneSchema = z.strictObject({
  method: z.literal('adacontrast'),
  learningRate: learningRate.default(2e-4),
  momentum: momentum.default(0.9),
  nesterov: z.boolean().default(true).describe('Nesterov’s form of the momentum.'),
  weightDecay: nonNegative.max(1).default(1e-4).describe('Added to the gradient, in proportion to the weights.'),
  temperature: positive.max(100).default(0.07).describe('Temperature of the contrastive loss.'),
  teacherMomentum: share.default(0.999).describe('Share of the momentum model that stays in each step.'),
  queue: z.number().int().min(1).max(1_000_000).default(16_384).describe('Keys and features that are remembered.'),
  neighbors: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('Remembered neighbours that vote for a pseudo label.'),
  refineAfter: z.number().int().min(0).max(10_000_000).default(1024).describe('Images seen before neighbours vote.'),
})

export const dssLaneSchema = z.strictObject({
  method: z.literal('dss'),
  learningRate: learningRate.default(1e-3),
  teacherMomentum: share.default(0.999).describe('Share of the teacher that stays in each step.'),
  thresholdMomentum: share.default(0.9).describe('Share of the moving confidence threshold that stays in each batch.'),
})

export const autolrLaneSchema = z.strictObject({
  method: z.literal('autolr'),
  learningRate: learningRate.default(1e-4),
  momentum: momentum.default(0.9),
  window: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(10)
    .describe('Batches between two adjustments of the blocks’ learning rates.'),
  low: positive.max(100).default(2).describe('The first block shall move so many times the least mover’s distance.'),
  high: positive
    .max(100)
    .default(0.4)
    .describe('The last block shall move so many times the largest mover’s distance.'),
})

const etaFields = (similarity: number) => ({
  margin: margin('0.4 ln C'),
  similarity: positive
    .max(1)
    .default(similarity)
    .describe('Largest cosine of a sample’s probabilities with the average of those used before.'),
})

export const eataLaneSchema = z.strictObject({
  method: z.literal('eata'),
  ...optimizerFields(false),
  ...etaFields(0.4),
  fisherWeight: nonNegative
    .max(1e9)
    .default(1)
    .describe(
      'Weight of the pull towards the source’s weights by the Fisher information; 0 = ETA, which needs no source images.',
    ),
  fisherImages: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(2000)
    .describe('Source images for the Fisher information (as many as there are, at most).'),
  come: z.boolean().default(false).describe('The opinion’s entropy in place of the softmax’s (EATA_COME).'),
})

export const rdumbLaneSchema = z.strictObject({
  method: z.literal('rdumb'),
  ...optimizerFields(false),
  ...etaFields(0.4),
  period: z.number().int().min(1).max(1_000_000_000).default(1000).describe('Batches until it starts anew.'),
})

export const sarLaneSchema = z.strictObject({
  method: z.literal('sar'),
  learningRate: learningRate.default(1e-3),
  momentum: momentum.default(0.9),
  radius: nonNegative.max(10).default(0.05).describe('How far it climbs before it looks at the gradient.'),
  margin: margin('0.4 ln C'),
  resetBelow: nonNegative
    .nullable()
    .default(null)
    .describe(
      'Starts anew when the average loss falls below this; null = 0.2 ln C / ln 1000 (ours: the published 0.2 was chosen for 1,000 classes).',
    ),
  come: z.boolean().default(false).describe('The opinion’s entropy in place of the softmax’s (SAR_COME).'),
})

export const comeLaneSchema = z.strictObject({
  method: z.literal('come'),
  learningRate: learningRate.default(1e-3),
  momentum: momentum.default(0.9),
  evidence: positive
    .max(1e6)
    .nullable()
    .default(null)
    .describe('Weight of “I do not know”; null = the number of classes (the published code has 1000, ImageNet’s).'),
})

export const rottaLaneSchema = z.strictObject({
  method: z.literal('rotta'),
  learningRate: learningRate.default(1e-3),
  memory: z.number().int().min(1).max(4096).default(64).describe('Images that are remembered.'),
  period: z.number().int().min(1).max(1_000_000).default(64).describe('Images between two updates.'),
  teacherMomentum: share.default(0.999).describe('Share of the teacher that stays in each update.'),
  statisticsShare: share.default(0.05).describe('Share of an update’s statistics in the running ones.'),
})

export const noteLaneSchema = z.strictObject({
  method: z.literal('note'),
  learningRate: learningRate.default(1e-4),
  memory: z
    .number()
    .int()
    .min(1)
    .max(4096)
    .default(64)
    .describe('Images that are remembered, and images between two updates.'),
  k: positive
    .max(1000)
    .default(4)
    .describe('How many standard errors an image’s own statistics may differ before they count.'),
  statisticsShare: share.default(0.01).describe('Share of an update’s statistics in the running ones.'),
})

const projectionFields = {
  temperature: positive.max(100).default(0.1).describe('Temperature of the contrastive loss.'),
  projection: z.number().int().min(1).max(4096).default(128).describe('Width of the projector.'),
  contrastWeight: nonNegative.max(1000).default(1).describe('Weight of the contrastive loss.'),
}

export const rmtLaneSchema = z.strictObject({
  method: z.literal('rmt'),
  ...optimizerFields(true),
  ...projectionFields,
  sourceWeight: nonNegative.max(1000).default(1).describe('Weight of the replayed source images’ cross entropy.'),
  teacherMomentum: share.default(0.999).describe('Share of the teacher that stays in each step.'),
  warmUpImages: z
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(50_000)
    .describe('Source images (with repetition) that are seen before the run.'),
})

export const santaLaneSchema = z.strictObject({
  method: z.literal('santa'),
  ...optimizerFields(true),
  ...projectionFields,
})

export const lameLaneSchema = z.strictObject({
  method: z.literal('lame'),
  affinity: z
    .enum(['rbf', 'knn'])
    .default('rbf')
    .describe('How alike two images are: a Gaussian of their features’ distance, or being among the nearest.'),
  neighbors: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('Neighbours that set the Gaussian’s width, or that are alike.'),
})

export const memoLaneSchema = z.strictObject({
  method: z.literal('memo'),
  learningRate: learningRate.default(5e-3),
  nesterov: z.boolean().default(false).describe('The benchmark’s SGD: each step is 1.9 times as long.'),
  augmentations: z.number().int().min(1).max(256).default(32).describe('AugMix views of each image.'),
  alpha: share.default(0.1).describe('Share of the views’ (or the image’s) statistics; the rest is the source’s.'),
})

export const deyoLaneSchema = z.strictObject({
  method: z.literal('deyo'),
  ...optimizerFields(false),
  fall: z
    .number()
    .min(-1)
    .max(1)
    .default(0.2)
    .describe('How far the class’s probability must fall when the image’s tiles are shuffled.'),
  margin: margin('0.5 ln C'),
})

export const roidLaneSchema = z.strictObject({
  method: z.literal('roid'),
  ...optimizerFields(true),
  sourceMomentum: share
    .default(0.99)
    .describe('Share of the weights that stays after each step; the rest is the source’s.'),
})

export const cmfLaneSchema = z.strictObject({
  method: z.literal('cmf'),
  ...optimizerFields(true),
  alpha: share
    .default(0.99)
    .describe('Share of the hidden weights that stays in each prediction; the rest is the source’s.'),
  gamma: share.default(0.99).describe('Share of the weights that stays after each step; the rest is the hidden ones’.'),
  q: positive.max(100).default(0.005).describe('Noise of the filter, for 38,400 adapted parameters.'),
})

export const laneOptionsSchema = z.discriminatedUnion('method', [
  sourceLaneSchema,
  normLaneSchema,
  bnAlphaLaneSchema,
  tentLaneSchema,
  cottaLaneSchema,
  ecottaLaneSchema,
  adacontrastLaneSchema,
  surgicalLaneSchema,
  dssLaneSchema,
  lawLaneSchema,
  autolrLaneSchema,
  eataLaneSchema,
  sarLaneSchema,
  rottaLaneSchema,
  noteLaneSchema,
  rmtLaneSchema,
  rdumbLaneSchema,
  lameLaneSchema,
  memoLaneSchema,
  deyoLaneSchema,
  santaLaneSchema,
  cmfLaneSchema,
  roidLaneSchema,
  comeLaneSchema,
  palmLaneSchema,
])
export type LaneOptions = z.output<typeof laneOptionsSchema>
export type LaneOptionsInput = z.input<typeof laneOptionsSchema>
export type MethodId = LaneOptions['method']
export type OptionsOf<M extends MethodId> = Extract<LaneOptions, { method: M }>
export type TentOptions = OptionsOf<'tent'>
export type PalmOptions = OptionsOf<'palm'>

/** The schema of one method's options. */
export const schemaOf = (method: MethodId): z.ZodObject =>
  laneOptionsSchema.options.find((schema) => schema.shape.method.value === method) as z.ZodObject

export interface OptionInfo {
  readonly name: string
  readonly kind: 'number' | 'integer' | 'switch' | 'choice'
  readonly choices: readonly string[]
  readonly nullable: boolean
  readonly initial: number | string | boolean | null
  readonly help: string
}

const propertySchema = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  anyOf: z.array(z.looseObject({ type: z.string().optional(), enum: z.array(z.string()).optional() })).optional(),
  default: z.union([z.number(), z.string(), z.boolean(), z.null()]).optional(),
  description: z.string().optional(),
})

/** What can be set of a method, read from its schema. */
export function optionsOf(method: MethodId): OptionInfo[] {
  const { properties } = z
    .looseObject({ properties: z.record(z.string(), z.unknown()) })
    .parse(z.toJSONSchema(schemaOf(method), { io: 'input' }))
  return Object.entries(properties)
    .filter(([name]) => name !== 'method')
    .map(([name, value]) => {
      const property = propertySchema.parse(value)
      const main = property.anyOf?.find(({ type }) => type !== 'null') ?? property
      return {
        name,
        kind: main.enum
          ? 'choice'
          : main.type === 'boolean'
            ? 'switch'
            : main.type === 'integer'
              ? 'integer'
              : 'number',
        choices: main.enum ?? [],
        nullable: property.anyOf?.some(({ type }) => type === 'null') ?? false,
        initial: property.default ?? null,
        help: property.description ?? '',
      }
    })
}
