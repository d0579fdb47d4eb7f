// Where runs are kept, and the move of all that to another folder: what a page is told of it.
import { z } from 'zod'
import { wireErrorSchema } from '#contract/errors.ts'

export const dataInfoSchema = z.object({
  folder: z.string(),
  sizeBytes: z.number(),
  /** The folder that everything was copied from and that is still there; null = none. */
  old: z.object({ folder: z.string(), sizeBytes: z.number() }).nullable(),
})
export type DataInfo = z.output<typeof dataInfoSchema>

export const dataCheckSchema = z.object({
  neededBytes: z.number(),
  /** Null when the system does not say. */
  freeBytes: z.number().nullable(),
  /** Why it cannot be moved there; null = it can. */
  problem: z.string().nullable(),
})
export type DataCheck = z.output<typeof dataCheckSchema>

export const movePhases = ['idle', 'copying', 'checking', 'switching', 'moved', 'cancelled', 'failed'] as const

export const moveStateSchema = z.object({
  phase: z.enum(movePhases),
  /** Where to. */
  folder: z.string().nullable(),
  doneBytes: z.number(),
  totalBytes: z.number(),
  /** Of the phase under way; null while that is not known. */
  etaMs: z.number().nonnegative().nullable().default(null),
  error: wireErrorSchema.nullable(),
})
export type MoveState = z.output<typeof moveStateSchema>

export const atRest: MoveState = { phase: 'idle', folder: null, doneBytes: 0, totalBytes: 0, etaMs: null, error: null }

/** While it lasts nothing may be written. */
export const isMoving = ({ phase }: MoveState): boolean =>
  phase === 'copying' || phase === 'checking' || phase === 'switching'

/** What is copied where: `files` by their path in the folder, beside the database. */
export const copyOrderSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  database: z.string(),
  databaseBytes: z.number().nonnegative(),
  files: z.array(z.strictObject({ path: z.string(), sizeBytes: z.number().nonnegative() })),
})
export type CopyOrder = z.output<typeof copyOrderSchema>

export const copyProgressSchema = z.object({
  phase: z.enum(['copying', 'checking']),
  doneBytes: z.number().nonnegative(),
  totalBytes: z.number().nonnegative(),
})
export type CopyProgress = z.output<typeof copyProgressSchema>
