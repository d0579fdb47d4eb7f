// Everything that decides what a run computes. The same options, model and images give the same numbers.
// Recorded whole with the run; nothing that changes a result may live elsewhere.
import { z } from 'zod'
import { benchmarkCorruptions, corruptionFamilySchema, corruptionNameSchema, severitySchema } from './corruption.ts'

const positive = z.number().finite().positive()
const nonNegative = z.number().finite().nonnegative()

export const sourceLaneSchema = z.strictObject({ method: z.literal('source') })

export const normLaneSchema = z.strictObject({ method: z.literal('norm') })

/** BN-alpha (Schneider et al., NeurIPS 2020): `alpha` of the batch's statistics, the rest the source's. For small batches. */
export const bnAlphaLaneSchema = z.strictObject({ method: z.literal('bn-alpha'), alpha: z.number().min(0).max(1).default(0.1) })

/** TENT (Wang et al., ICLR 2021), continual: Adam on BN scale and shift. */
export const tentLaneSchema = z.strictObject({
  method: z.literal('tent'),
  learningRate: positive.max(1).default(1e-3),
})

/**
 * PALM (Maharana, Zhang, Guo, AAAI 2025). `eta` is the threshold AS USED by the variant: for `paper` already divided by C.
 * `margin` null means the variant's own: 0.4 (`reference`), 0.4 ln C (`paper`).
 */
export const palmLaneSchema = z.strictObject({
  method: z.literal('palm'),
  variant: z.enum(['reference', 'paper']).default('reference'),
  kappa: positive.max(1).default(5e-5),
  alpha: z.number().min(0).max(1).default(0.5),
  temperature: positive.max(1e6).default(50),
  eta: nonNegative.default(1),
  lambda: nonNegative.max(100).default(0.01),
  margin: positive.nullable().default(null),
  weightDecay: nonNegative.max(1).default(0),
})

/** Surgical fine-tuning in the continual form of PALM's tables. `margin` null = 0.4 ln C. */
export const surgicalLaneSchema = z.strictObject({
  method: z.literal('surgical'),
  learningRate: positive.max(1).default(1e-3),
  momentum: z.number().min(0).lt(1).default(0.9),
  lambda: nonNegative.max(100).default(0.01),
  margin: positive.nullable().default(null),
})

/**
 * LAW (Park et al., WACV 2024). `weight` of the consistency term, null = 0.01 C as its own code has it (PALM's copy multiplies by C once more).
 * `clean` false keeps the published code's left-over gradient.
 */
export const lawLaneSchema = z.strictObject({
  method: z.literal('law'),
  learningRate: positive.max(1).default(1e-3),
  tau: positive.max(10).default(1),
  weight: nonNegative.max(1e5).nullable().default(null),
  clean: z.boolean().default(false),
})

/**
 * CoTTA (Wang et al., CVPR 2022). `threshold` (ap): below this mean confidence of the unadapted model the teacher is averaged over
 * `augmentations` views; it belongs to the model's calibration. `restore`: probability of each scalar. `symmetric`: the ImageNet loss.
 */
export const cottaLaneSchema = z.strictObject({
  method: z.literal('cotta'),
  optimizer: z.enum(['adam', 'sgd']).default('adam'),
  learningRate: positive.max(1).default(1e-3),
  teacherMomentum: z.number().min(0).max(1).default(0.999),
  restore: z.number().min(0).max(1).default(0.01),
  threshold: z.number().min(0).max(1.01).default(0.92),
  augmentations: z.number().int().min(1).max(256).default(32),
  symmetric: z.boolean().default(false),
})

/** Adam at 1e-3 (the benchmark's for CIFAR), or SGD; momentum and nesterov count for SGD only. */
const optimizerFields = (nesterov: boolean) => ({
  optimizer: z.enum(['adam', 'sgd']).default('adam'),
  learningRate: positive.max(1).default(1e-3),
  momentum: z.number().min(0).lt(1).default(0.9),
  nesterov: z.boolean().default(nesterov),
})

/** COME (Zhang et al., ICLR 2025) on TENT. `evidence` of “I do not know”, null = the number of classes (the published code has 1000 for ImageNet). */
export const comeLaneSchema = z.strictObject({
  method: z.literal('come'),
  learningRate: positive.max(1).default(1e-3),
  momentum: z.number().min(0).lt(1).default(0.9),
  evidence: positive.max(1e6).nullable().default(null),
})

/** RDumb (Press et al., NeurIPS 2023). `margin` null = 0.4 ln C; `similarity`: largest cosine with the average; `period`: batches until it starts anew. */
export const rdumbLaneSchema = z.strictObject({
  method: z.literal('rdumb'),
  ...optimizerFields(false),
  margin: positive.nullable().default(null),
  similarity: positive.max(1).default(0.4),
  period: z.number().int().min(1).max(1_000_000_000).default(1000),
})

/**
 * SAR (Niu et al., ICLR 2023). `margin` null = 0.4 ln C. `resetBelow` null = 0.2 ln C / ln 1000 (ours: the published 0.2 was chosen for 1,000 classes and
 * starts anew almost every batch with 10).
 */
export const sarLaneSchema = z.strictObject({
  method: z.literal('sar'),
  learningRate: positive.max(1).default(1e-3),
  momentum: z.number().min(0).lt(1).default(0.9),
  radius: nonNegative.max(10).default(0.05),
  margin: positive.nullable().default(null),
  resetBelow: nonNegative.nullable().default(null),
})

/** DeYO (Lee et al., ICLR 2024). `margin` on the entropy, null = 0.5 ln C; `fall`: how far the probability must fall when the image's tiles are shuffled. */
export const deyoLaneSchema = z.strictObject({
  method: z.literal('deyo'),
  ...optimizerFields(false),
  fall: z.number().min(-1).max(1).default(0.2),
  margin: positive.nullable().default(null),
})

/** ROID (Marsden, Doebler, Yang, WACV 2024). `sourceMomentum`: share of the weights that stays after each step, the rest is the source's. */
export const roidLaneSchema = z.strictObject({
  method: z.literal('roid'),
  ...optimizerFields(true),
  sourceMomentum: z.number().min(0).max(1).default(0.99),
})

/** CMF (Lee, Chang, ICLR 2024): ROID's losses; `q` is the noise of the filter for 38,400 adapted parameters. */
export const cmfLaneSchema = z.strictObject({
  method: z.literal('cmf'),
  ...optimizerFields(true),
  alpha: z.number().min(0).max(1).default(0.99),
  gamma: z.number().min(0).max(1).default(0.99),
  q: positive.max(100).default(0.005),
})

export const laneOptionsSchema = z.discriminatedUnion('method', [sourceLaneSchema, normLaneSchema, bnAlphaLaneSchema, tentLaneSchema, cottaLaneSchema, surgicalLaneSchema, lawLaneSchema, rdumbLaneSchema, sarLaneSchema, comeLaneSchema, deyoLaneSchema, roidLaneSchema, cmfLaneSchema, palmLaneSchema])
export type LaneOptions = z.output<typeof laneOptionsSchema>
export type MethodId = LaneOptions['method']
export type TentOptions = z.output<typeof tentLaneSchema>
export type PalmOptions = z.output<typeof palmLaneSchema>
export type SurgicalOptions = z.output<typeof surgicalLaneSchema>
export type LawOptions = z.output<typeof lawLaneSchema>
export type DeyoOptions = z.output<typeof deyoLaneSchema>
export type RoidOptions = z.output<typeof roidLaneSchema>
export type CmfOptions = z.output<typeof cmfLaneSchema>
export type ComeOptions = z.output<typeof comeLaneSchema>
export type RdumbOptions = z.output<typeof rdumbLaneSchema>
export type SarOptions = z.output<typeof sarLaneSchema>
export type CottaOptions = z.output<typeof cottaLaneSchema>
/** In the order of the paper's tables, then what came since, PALM last. */
export const methodIds = ['source', 'norm', 'bn-alpha', 'tent', 'cotta', 'surgical', 'law', 'rdumb', 'sar', 'come', 'deyo', 'roid', 'cmf', 'palm'] as const satisfies readonly MethodId[]
/** What runs when nobody chose: the others cost many times as much, or belong to a comparison. */
export const usualMethods: readonly MethodId[] = ['source', 'norm', 'tent', 'palm']
export const methodLabels: Readonly<Record<MethodId, string>> = { source: 'Source', norm: 'BN-1', 'bn-alpha': 'BN-alpha', tent: 'TENT', cotta: 'CoTTA', surgical: 'Surgical', law: 'LAW', rdumb: 'RDumb', sar: 'SAR', come: 'COME (TENT)', deyo: 'DeYO', roid: 'ROID', cmf: 'CMF', palm: 'PALM' }

/** A lane of a run: one method with its options under an id that is unique in the run (`palm`, `palm-2`, …). */
export const laneSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  label: z.string().min(1).max(80),
  options: laneOptionsSchema,
})
export type Lane = z.output<typeof laneSchema>

export const inputOptionsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sample') }),
  z.strictObject({ kind: z.literal('folder'), path: z.string().min(1).max(4096) }),
])
export type InputOptions = z.output<typeof inputOptionsSchema>

const rgbTriple = z.tuple([z.number().finite(), z.number().finite(), z.number().finite()])
export const normalizationSchema = z.strictObject({ mean: rgbTriple, std: z.tuple([positive, positive, positive]) })
export type Normalization = z.output<typeof normalizationSchema>

export const modelOptionsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sample') }),
  z.strictObject({
    kind: z.literal('file'),
    path: z.string().min(1).max(4096),
    /** Overrides what the file says or its family suggests; null = as found. */
    architecture: z.string().max(64).nullable().default(null),
    normalization: normalizationSchema.nullable().default(null),
    classNames: z.array(z.string().max(200)).max(100_000).nullable().default(null),
    /** Side in pixels to which images are scaled and centre-cropped; null = the model's own, else the images' size. */
    inputSize: z.number().int().min(8).max(1024).nullable().default(null),
  }),
])
export type ModelOptions = z.output<typeof modelOptionsSchema>

export const schedules = ['continual', 'reset-per-domain', 'gradual', 'mixed', 'correlated'] as const
export type Schedule = (typeof schedules)[number]

export const runOptionsSchema = z.strictObject({
  name: z.string().max(200).default(''),
  input: inputOptionsSchema,
  model: modelOptionsSchema,
  schedule: z.enum(schedules).default('continual'),
  /** Empty = the images as they are, one domain called `clean`. */
  corruptions: z.array(corruptionNameSchema).max(200).default([...benchmarkCorruptions]),
  /** Ignored by `gradual`, which runs 1-2-3-4-5-4-3-2-1 for each corruption. */
  severities: z.array(severitySchema).min(1).max(20).default([5]),
  /** Which published parameter set; `auto` = by image size. What was used is recorded with the run. */
  family: z.union([z.literal('auto'), corruptionFamilySchema]).default('auto'),
  batchSize: z.number().int().min(1).max(4096).default(100),
  seed: z.number().int().min(0).max(0xffffffff).default(0),
  /** Images per domain (a seeded, class-balanced choice); null = all. */
  limit: z.number().int().min(1).max(100_000_000).nullable().default(null),
  /** Concentration of the Dirichlet draw of `correlated`; smaller = more strongly ordered by label. */
  dirichletDelta: positive.max(1e6).default(0.1),
  lanes: z.array(laneSchema).min(1).max(16),
})
export type RunOptions = z.output<typeof runOptionsSchema>
export type RunOptionsInput = z.input<typeof runOptionsSchema>
