// Files that a browser hands over piece by piece, because it gives no path away: limits and shapes. What is done with them is in app/services/data/uploads.ts.
import { z } from 'zod'

export const uploadLimits = {
  bytes: 2 * 2 ** 30,
  files: 20_000,
  /** Of one piece, before base64; a message holds it (app/hosts/web.ts). */
  pieceBytes: 2 ** 20,
} as const

const segment = /^(?!\.{1,2}$)[^\p{Cc}/\\:*?"<>|]{1,200}$/u

/** Relative, with `/`; every part a plain name on every system. */
export const uploadPathSchema = z
  .string()
  .min(1)
  .max(1000)
  .refine(
    (path) => path.split('/').every((part) => segment.test(part) && !part.endsWith(' ') && !part.endsWith('.')),
    'is no plain relative path',
  )

export const uploadBeginSchema = z.strictObject({
  files: z.number().int().min(1).max(uploadLimits.files),
  bytes: z.number().int().min(0).max(uploadLimits.bytes),
})
export const uploadWriteSchema = z.strictObject({
  upload: z.string().regex(/^[a-z0-9-]{1,64}$/),
  path: uploadPathSchema,
  /** Where in the file the piece belongs: what is there already ends there. */
  offset: z.number().int().min(0).max(uploadLimits.bytes),
  /** Base64. */
  data: z.string().max(Math.ceil((uploadLimits.pieceBytes * 4) / 3) + 4),
})
export type UploadWrite = z.output<typeof uploadWriteSchema>
export const uploadIdSchema = z.strictObject({ upload: uploadWriteSchema.shape.upload })
