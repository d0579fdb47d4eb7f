// What was found in an input that is not run yet.
import { z } from 'zod'
import { inputLayoutIds } from './input-layouts.ts'
import { corruptionNameSchema, severitySchema } from './corruption.ts'

export const inputInfoSchema = z.object({
  name: z.string(),
  path: z.string().nullable(),
  kind: z.enum(inputLayoutIds),
  images: z.number().int(),
  /** `index`: the model's class that it is matched to; null = none, or left out. */
  classes: z.array(
    z.object({
      name: z.string(),
      meaning: z.string().nullable(),
      images: z.number().int(),
      index: z.number().int().nullable(),
      how: z.enum(['chosen', 'name', 'wordnet', 'number', 'one-based', 'order', 'none']),
    }),
  ),
  /** Real drift; null when the images are one domain. */
  domains: z.array(z.object({ name: z.string(), images: z.number().int() })).nullable(),
  /** What corruptions there are, when the images are corrupted already. */
  variants: z.array(z.object({ corruption: corruptionNameSchema, severity: severitySchema })).nullable(),
  splits: z.array(z.string()),
  split: z.string().nullable(),
  problems: z.array(z.string()),
})
export type InputInfo = z.output<typeof inputInfoSchema>
