// Newer versions of the program, where it is a package that may look for them: what a page is told.
import { z } from 'zod'
import { wireErrorSchema } from '#contract/errors.ts'

const updatePhases = [
  'idle', // nobody has looked
  'looking',
  'none', // this is the newest
  'found',
  'fetching',
  'ready', // the whole file is here, and is the one that the list names
  'installing', // the program ends now and comes again
] as const

/** Longest notes of a version that are kept. */
export const mostNotes = 20_000

export const foundUpdateSchema = z.object({
  version: z.string().max(100),
  sizeBytes: z.number().nonnegative(),
  /** What is new, as its makers wrote it; null = they did not. */
  notes: z.string().max(mostNotes).nullable(),
  /** Why this copy cannot be replaced by the program itself; null = it can. */
  byHand: z.string().nullable(),
})
export type FoundUpdate = z.output<typeof foundUpdateSchema>

export const updateStateSchema = z.object({
  installed: z.string(),
  /** Why this copy has nothing to look for; null = it may look. */
  impossible: z.string().nullable(),
  phase: z.enum(updatePhases),
  found: foundUpdateSchema.nullable(),
  doneBytes: z.number().nonnegative(),
  totalBytes: z.number().nonnegative(),
  etaMs: z.number().nonnegative().nullable(),
  /** When the last look came to an answer, milliseconds since the epoch. */
  lookedAt: z.number().nullable(),
  /** What went wrong last; null = nothing. */
  error: wireErrorSchema.nullable(),
})
export type UpdateState = z.output<typeof updateStateSchema>
