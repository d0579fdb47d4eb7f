// What a run will take of time, memory and disk, before it starts: asked with what is known of its model and stream, answered from what earlier runs took.
import { z } from 'zod'
import { laneOptionsSchema } from '#contract/methods/methods.ts'

const bytes = z.number().nonnegative()
const count = z.number().int().nonnegative()

export const estimateRequestSchema = z.strictObject({
  model: z.strictObject({
    hash: z.string().max(200),
    /** Multiplications and additions of one image's forward pass. */
    flops: z.number().nonnegative(),
    /** One step with gradients at `batchSize` images. */
    stepBytes: bytes,
    /** All tensors; those that methods may adapt; scales and shifts of the norm layers. */
    weightBytes: bytes,
    adaptableBytes: bytes,
    normBytes: bytes,
  }),
  /** Of an image as the model gets it, pixels. */
  side: count,
  lanes: z.array(laneOptionsSchema).min(1).max(32),
  /** Of the whole stream, and how it is cut. */
  images: count,
  domains: count,
  batchSize: z.number().int().min(1).max(4096),
  window: z.number().int().min(2).max(4096).nullable(),
  /** Different ones: what is kept decoded. */
  distinctImages: count,
})
export type EstimateRequest = z.output<typeof estimateRequestSchema>
export type EstimateRequestInput = z.input<typeof estimateRequestSchema>

/**
 * Where the time comes from: runs of the same model and methods; of the same model, other methods; of the bundled model, scaled by size; a short measurement
 * of this machine; or nowhere.
 */
export const estimateBases = ['same', 'like', 'other-model', 'machine', 'none'] as const
export type EstimateBasis = (typeof estimateBases)[number]

export const estimateSchema = z.object({
  ms: z.object({ low: z.number(), high: z.number() }).nullable(),
  basis: z.enum(estimateBases),
  /** How many earlier runs it rests on. */
  runs: count,
  memory: z.object({ bytes, measured: z.boolean(), freeBytes: bytes, totalBytes: bytes }),
  /** `bytes` at most: checkpoints and reports; `freeBytes` null where it cannot be told. */
  disk: z.object({ bytes, measured: z.boolean(), freeBytes: bytes.nullable() }),
})
export type Estimate = z.output<typeof estimateSchema>
