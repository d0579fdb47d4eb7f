// What a client can follow: a snapshot first, then every later event, in order.
import { z } from 'zod'
import { settingsSchema } from './app/settings.ts'
import { updateStateSchema } from './app/updates.ts'
import { moveStateSchema } from './data/data-place.ts'
import { logEntrySchema } from './log.ts'
import { queueStateSchema } from './runs/queue.ts'
import { labViewSchema } from './sweeps/lab-view.ts'
import { sweepStateSchema } from './sweeps/sweep.ts'
import { runEventSchema, runSnapshotSchema, runSummarySchema } from './tables/report.ts'

const runId = z.strictObject({ run: z.number().int().positive() })
const nothing = z.strictObject({})

/** Events that a client subscribes to: `run` with a run's id gives the snapshot, then every later event of that run in order. */
export const subscriptions = {
  run: { request: runId, snapshot: runSnapshotSchema, event: runEventSchema },
  /** The list of runs, deleted ones among them, changed: one summary at a time. */
  runs: { request: nothing, snapshot: z.array(runSummarySchema), event: runSummarySchema },
  /** The same of the sweeps. */
  sweeps: { request: nothing, snapshot: z.array(sweepStateSchema), event: sweepStateSchema },
  /** The connection to a lab's queue and what lies in it, whole each time. */
  lab: { request: nothing, snapshot: labViewSchema, event: labViewSchema },
  /** What is lined up, whole each time. */
  queue: { request: nothing, snapshot: queueStateSchema, event: queueStateSchema },
  /** Whoever changed them. */
  settings: { request: nothing, snapshot: settingsSchema, event: settingsSchema },
  /** Of newer versions of the program. */
  updates: { request: nothing, snapshot: updateStateSchema, event: updateStateSchema },
  /** A move of the data folder. */
  data: { request: nothing, snapshot: moveStateSchema, event: moveStateSchema },
  /** The newest entries, oldest first, then each later one. */
  log: { request: nothing, snapshot: z.array(logEntrySchema), event: logEntrySchema },
} as const
export type SubscriptionName = keyof typeof subscriptions
