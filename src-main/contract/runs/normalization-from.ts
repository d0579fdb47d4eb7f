// Where a model's normalisation is known from: said by somebody, by the file, done inside the network, by its family, or assumed for want of any sign.
import { z } from 'zod'

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
