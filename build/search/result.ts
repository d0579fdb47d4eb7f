// A line of the search's results: one setting on one stream with one seed.
import { z } from 'zod'

export const resultSchema = z.object({
  stream: z.string(),
  setting: z.string(),
  seed: z.number(),
  /** Mean over the domains, %. */
  error: z.number(),
  domains: z.array(z.number()),
  secondsPerStep: z.number(),
})
export type Result = z.output<typeof resultSchema>
