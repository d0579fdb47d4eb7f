// Two checkpoints of a run held against each other tensor by tensor: what is asked and what comes back. Null stands for the source model.
import { z } from 'zod'

const count = z.number().int().nonnegative()

export const compareRequestSchema = z.strictObject({
  run: z.number().int().positive(),
  a: z.number().int().positive().nullable(),
  b: z.number().int().positive().nullable(),
})
export type CompareRequest = z.output<typeof compareRequestSchema>

export const tensorDifferenceSchema = z.object({
  name: z.string(),
  kind: z.string(),
  block: z.string(),
  elements: count,
  relative: z.number().nonnegative().nullable(), // ||a - b|| / ||a||; null where a is all zeros and b is not, or where a number is none
  largest: z.number().nonnegative().nullable(), // max |a - b|
  cosine: z.number().nullable(), // null where one of them is all zeros
  changedShare: z.number().min(0).max(1), // of the elements
})
export type TensorDifference = z.output<typeof tensorDifferenceSchema>

/** In network order. `unmatched`: tensors that one side has only. */
export const compareResultSchema = z.object({ rows: z.array(tensorDifferenceSchema), unmatched: z.array(z.string()) })
export type CompareResult = z.output<typeof compareResultSchema>
