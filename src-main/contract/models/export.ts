// What is asked of an export and what it gives back.
import { z } from 'zod'

export const exportFormats = ['safetensors', 'torch', 'onnx', 'tfjs'] as const
export type ExportFormat = (typeof exportFormats)[number]
/** The end of a file's name; a TensorFlow.js model is a folder. */
export const formatEndings: Readonly<Record<ExportFormat, readonly string[]>> = {
  safetensors: ['.safetensors'],
  torch: ['.pth', '.pt'],
  onnx: ['.onnx'],
  tfjs: [],
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
  /** Reopened with our reader and held against the live model: over how many images, and the largest difference of a logit, in units of the logits' root mean square. */
  verified: z.object({ images: z.number().int(), difference: z.number() }),
})
export type ExportResult = z.output<typeof exportResultSchema>
