// What is kept of the tensor reports of a long run: all of the newest steps; of older ones every k-th, and those at which something happened. All else of a step (its numbers, predictions,
// checkpoints) is kept whole, and a sweep's runs keep all reports, because its tables are made from them.
import { z } from 'zod'

export const keptReportsSchema = z.strictObject({
  /** Of older steps those whose number this divides. */
  every: z.number().int().min(2),
  /** Steps behind the newest one that keep theirs at least. */
  newest: z.number().int().min(0),
})
export type KeptReports = z.output<typeof keptReportsSchema>

export const reportsChoiceSchema = z.enum(['thin', 'all']).default('thin')
type ReportsChoice = z.output<typeof reportsChoiceSchema>

/** Runs of fewer steps keep all reports. */
export const longRunSteps = 10_000
const thinned: KeptReports = { every: 8, newest: 4096 }

/** What a run that begins keeps; null = all. `totalSteps` null: it is live and has no end of its own. */
export const keptReports = (choice: ReportsChoice, totalSteps: number | null): KeptReports | null =>
  choice === 'thin' && (totalSteps === null || totalSteps > longRunSteps) ? thinned : null
