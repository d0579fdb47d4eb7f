// What is asked of an export and what it gives back.
import { z } from 'zod'
import { descriptorOf } from '#contract/methods/methods.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'

export const exportFormats = ['safetensors', 'torch', 'onnx', 'tfjs'] as const
export type ExportFormat = (typeof exportFormats)[number]
/** The end of a file's name; a TensorFlow.js model is a folder. */
export const formatEndings: Readonly<Record<ExportFormat, readonly string[]>> = {
  safetensors: ['.safetensors'],
  torch: ['.pth', '.pt'],
  onnx: ['.onnx'],
  tfjs: [],
}

/** Unless somebody says otherwise, an export estimates statistics from so many batches, of the checkpoint's own domain. */
export const usualBatches = 5

/** Which statistics of batch normalisation a file got, and why not others. */
export const exportStatisticsSchema = z.discriminatedUnion('from', [
  z.object({
    from: z.literal('source'),
    /** `asked`: somebody wants them; `running`: the method predicts with them, or keeps its own; `no-batch-norm`; `images-gone`: there is nothing left to estimate others from. */
    why: z.enum(['asked', 'running', 'no-batch-norm', 'images-gone']),
  }),
  /** Of a webcam's window. */
  z.object({ from: z.literal('frames'), count: z.number().int() }),
  z.object({ from: z.literal('batches'), count: z.number().int() }),
])
export type ExportStatistics = z.output<typeof exportStatisticsSchema>

/** Whether the adapted model predicted with each batch's own statistics, so that a file with the source's loses most of the gain. */
export function losesBySourceStatistics({ lanes }: Pick<RunOptions, 'lanes'>, lane: string): boolean {
  const found = lanes.find(({ id }) => id === lane)
  return found !== undefined && descriptorOf(found.options.method).predictsWith === 'batch-statistics'
}

export const exportRequestSchema = z.strictObject({
  run: z.number().int().positive(),
  checkpoint: z.number().int().nonnegative(),
  path: z.string().min(1).max(4096),
  /** null = by the path's ending; without one a folder for TensorFlow.js. */
  format: z.enum(exportFormats).nullable().default(null),
  /** Only the tensors that differ from the source model's; for .safetensors and .pth. */
  delta: z.boolean().default(false),
  /** Batch norm's running statistics: the source model's (or the method's own, where it has some), or estimated from so many batches before the checkpoint. */
  statisticsFrom: z.number().int().min(1).max(1000).nullable().default(null),
  /** In the place of `statisticsFrom`: what keeps the gain. Estimated from `usualBatches` where the method predicts with a batch's own and images are there, else as null. */
  usualStatistics: z.boolean().default(false),
  /** Whether the model card says where input and model lie on this machine; else only what they are called. */
  withPaths: z.boolean().default(false),
})
export type ExportRequest = z.output<typeof exportRequestSchema>

export const exportResultSchema = z.object({
  path: z.string(),
  cardPath: z.string(),
  format: z.enum(exportFormats),
  sizeBytes: z.number(),
  tensors: z.number().int(),
  statistics: exportStatisticsSchema,
  /** Reopened with our reader and held against the live model: over how many images, and the largest difference of a logit, in units of the logits' root mean square. */
  verified: z.object({ images: z.number().int(), difference: z.number() }),
})
export type ExportResult = z.output<typeof exportResultSchema>
