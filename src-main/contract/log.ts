// The program's own log: what happened and what failed, one entry each. Never image content, labels or predictions.
import { z } from 'zod'

export const logLevels = ['info', 'warning', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export const logEntrySchema = z.object({
  /** ms since the epoch */
  at: z.number(),
  level: z.enum(logLevels),
  /** Which part says it: app, runs, session, sweeps, settings, data, rpc. */
  source: z.string(),
  /** Of an error (contract/errors.ts). */
  code: z.string().nullable(),
  message: z.string(),
  detail: z.string().nullable(),
})
export type LogEntry = z.output<typeof logEntrySchema>
