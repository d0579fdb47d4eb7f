// Everything that decides what a run computes. The same options, model and images give the same numbers.
// Recorded whole with the run; nothing that changes a result may live elsewhere.
import { z } from 'zod'
import {
  benchmarkCorruptions,
  corruptionFamilySchema,
  corruptionNameSchema,
  severitySchema,
} from '#contract/inputs/corruption.ts'
import { deviceChoiceSchema } from '#contract/devices.ts'
import { inputOptionsSchema } from '#contract/inputs/input-kinds.ts'
import { laneOptionsSchema } from '#contract/methods/methods.ts'

const positive = z.number().finite().positive()

/** A lane of a run: one method with its options under an id that is unique in the run (`palm`, `palm-2`, …). */
export const laneSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  label: z.string().min(1).max(80),
  options: laneOptionsSchema,
})
export type Lane = z.output<typeof laneSchema>

const rgbTriple = z.tuple([z.number().finite(), z.number().finite(), z.number().finite()])
export const normalizationSchema = z.strictObject({ mean: rgbTriple, std: z.tuple([positive, positive, positive]) })

export const modelOptionsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sample') }),
  z.strictObject({
    kind: z.literal('file'),
    path: z.string().min(1).max(4096),
    /** What it is called on screens and in reports; null = the file's name. */
    name: z.string().min(1).max(200).nullable().default(null),
    /** Overrides what the file says or its family suggests; null = as found. */
    architecture: z.string().max(64).nullable().default(null),
    normalization: normalizationSchema.nullable().default(null),
    classNames: z.array(z.string().max(200)).max(100_000).nullable().default(null),
    /** Side in pixels to which images are scaled and centre-cropped; null = the model's own, else the images' size. */
    inputSize: z.number().int().min(8).max(1024).nullable().default(null),
    /** ONNX: the output that gives the scores; null = whichever they are. */
    output: z.string().min(1).max(1000).nullable().default(null),
    /** ONNX: a state dict of the same network, which brings back batch normalisation that was folded into its convolutions. */
    weights: z.string().min(1).max(4096).nullable().default(null),
  }),
])
export type ModelOptions = z.output<typeof modelOptionsSchema>
export type ModelOptionsInput = z.input<typeof modelOptionsSchema>

export const schedules = ['continual', 'reset-per-domain', 'gradual', 'mixed', 'correlated', 'custom'] as const
export type Schedule = (typeof schedules)[number]

/** In which order the images of a domain come: drawn by the seed, or as the input lists them (an array's rows, a list's lines), as the published numbers on CIFAR-C do. */
export const imageOrders = ['shuffled', 'file'] as const
export type ImageOrder = (typeof imageOrders)[number]

/** Schedules that order the images themselves. */
export const drawnSchedules: readonly Schedule[] = ['mixed', 'correlated']

/** One domain of a custom order; `corruption` null = the images as they are. */
export const orderedDomainSchema = z.strictObject({
  corruption: corruptionNameSchema.nullable(),
  severity: severitySchema.nullable(),
})
export type OrderedDomain = z.output<typeof orderedDomainSchema>

export const runOptionsSchema = z.strictObject({
  name: z.string().max(200).default(''),
  input: inputOptionsSchema,
  model: modelOptionsSchema,
  schedule: z.enum(schedules).default('continual'),
  /** Empty = the images as they are, one domain called `clean`. */
  corruptions: z
    .array(corruptionNameSchema)
    .max(200)
    .default([...benchmarkCorruptions]),
  /** Ignored by `gradual`, which runs 1-2-3-4-5-4-3-2-1 for each corruption. */
  severities: z.array(severitySchema).min(1).max(20).default([5]),
  /** The domains of the schedule `custom`, in order; the other schedules make theirs from `corruptions` and `severities`. */
  order: z.array(orderedDomainSchema).max(10_000).default([]),
  /** How often the whole order is gone through. */
  cycles: z.number().int().min(1).max(1000).default(1),
  /** Which published parameter set; `auto` = by image size. What was used is recorded with the run. */
  family: z.union([z.literal('auto'), corruptionFamilySchema]).default('auto'),
  batchSize: z.number().int().min(1).max(4096).default(100),
  seed: z.number().int().min(0).max(0xffffffff).default(0),
  /** Which images take part, and what noise they get, does not depend on it. */
  imageOrder: z.enum(imageOrders).default('shuffled'),
  /** Images per domain (a seeded, class-balanced choice); null = all. */
  limit: z.number().int().min(1).max(100_000_000).nullable().default(null),
  /** Concentration of the Dirichlet draw of `correlated`; smaller = more strongly ordered by label. */
  dirichletDelta: positive.max(1e6).default(0.1),
  /** Methods see the last so many images at each step, of which the newest batch is scored; null = the batch alone. For batches of one. */
  window: z.number().int().min(2).max(4096).nullable().default(null),
  /** Puts a lane that collapses back to its last good checkpoint. What was done is in the report. */
  guard: z.boolean().default(false),
  /** Clean images of the kind the model was trained on, for the methods that need them; `sample` = those that ship with the bundled model. */
  source: inputOptionsSchema.nullable().default(null),
  /** What computes it; null = as the settings say when it starts. What was used is recorded with the run. */
  device: deviceChoiceSchema.nullable().default(null),
  /** At most so many of them, drawn evenly over the classes. */
  sourceLimit: z.number().int().min(1).max(100_000).default(2000),
  lanes: z.array(laneSchema).min(1).max(32),
})
export type RunOptions = z.output<typeof runOptionsSchema>
export type RunOptionsInput = z.input<typeof runOptionsSchema>
