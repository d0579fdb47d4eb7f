// A line of the search's results: one setting on one stream with one seed.
import { z } from 'zod'

export const resultSchema = z.object({
  stream: z.string(),
  setting: z.string(),
  seed: z.number(),
  /** The beginning of its file's SHA-256: a network that is trained anew on another processor is another one. Empty in the first rows. */
  network: z.string().default(''),
  /** Mean over the domains, %. */
  error: z.number(),
  domains: z.array(z.number()),
  secondsPerStep: z.number(),
})
export type Result = z.output<typeof resultSchema>
