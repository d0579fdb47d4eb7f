// Pictures of one image of an input as a run would make them, for choosing corruptions before it starts. Plain data; what makes them is in stream/.
import { z } from 'zod'
import { corruptionFamilySchema, corruptionNameSchema, severitySchema } from './corruption.ts'
import { inputOptionsSchema } from './input-kinds.ts'
import { modelOptionsSchema, orderedDomainSchema } from '#contract/runs/run-options.ts'

const count = z.number().int().nonnegative()

export const previewRequestSchema = z.strictObject({
  input: inputOptionsSchema,
  /** Its input size is what the images are scaled to; null = as they are. */
  model: modelOptionsSchema.nullable(),
  family: z.union([z.literal('auto'), corruptionFamilySchema]),
  seed: z.number().int().min(0).max(0xffffffff),
  /** Which image, in the input's own order; null = the first that can be read. */
  image: count.nullable(),
  /** `corruption` null = the image as it is. */
  cells: z.array(orderedDomainSchema).min(1).max(100),
})
export type PreviewRequest = z.output<typeof previewRequestSchema>
export type PreviewRequestInput = z.input<typeof previewRequestSchema>

/** Pixels are RGB bytes, base64, width * height * 3; null with the reason where there is no such picture. */
export const previewPictureSchema = z.object({
  corruption: corruptionNameSchema.nullable(),
  severity: severitySchema.nullable(),
  width: count,
  height: count,
  pixels: z.string().nullable(),
  problem: z.string().nullable(),
})
export type PreviewPicture = z.output<typeof previewPictureSchema>

export const previewSchema = z.object({
  image: count,
  /** Of the input. */
  images: count,
  id: z.string(),
  /** The input's own class; null without one. */
  label: z.string().nullable(),
  /** As it lies there, before scaling; null where that cannot be told. */
  original: z.object({ width: count, height: count }).nullable(),
  /** As the model gets it. */
  width: count,
  height: count,
  family: corruptionFamilySchema,
  pictures: z.array(previewPictureSchema),
})
export type Preview = z.output<typeof previewSchema>
