// Where a model's normalisation is known from.
import { z } from 'zod'

/**
 * `given`: somebody said so; `file`: the file says so; `inside`: the network does it itself, and what comes before only brings pixels to its range;
 * `family`: as networks of its names and shapes were trained; `assumed`: as most are, for want of any sign.
 */
export const normalizationFromSchema = z.enum(['given', 'file', 'inside', 'family', 'assumed'])
export type NormalizationFrom = z.output<typeof normalizationFromSchema>

/** For people, behind the figures. */
export const normalizationWords = {
  given: 'as you said',
  file: 'as the file says',
  inside: 'the network normalises by itself',
  family: 'as its family was trained: a guess',
  assumed: 'assumed, because nothing in the file tells it: give --mean and --std if it is another',
} as const satisfies Record<NormalizationFrom, string>
