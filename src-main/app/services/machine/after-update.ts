// What was under way when the program was ended for an update goes on when it is there again.
import { z } from 'zod'
import { toWireError } from '#contract/errors.ts'
import type { Records } from '#app/services/runs/records.ts'
import type { RunSessions } from '#app/services/runs/run-sessions.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { Log } from './log.ts'

const key = 'go-on-after-update'
const schema = z.object({ run: z.number().int().nullable(), sweep: z.number().int().nullable() })

interface Parts {
  readonly store: Pick<Records, 'settings'>
  readonly sessions: Pick<RunSessions, 'activeRun' | 'resume'>
  readonly sweeps: Pick<SweepService, 'active' | 'start'>
  readonly log: Pick<Log, 'info' | 'error'>
}

export function rememberForUpdate({ store, sessions, sweeps }: Omit<Parts, 'log'>): void {
  store.settings.set(key, { run: sweeps.active === null ? sessions.activeRun : null, sweep: sweeps.active })
}

/** Once, at the first opening after that. What cannot go on (a webcam's run) is left as it ended. */
export function goOnAfterUpdate({ store, sessions, sweeps, log }: Parts): void {
  const parsed = schema.safeParse(store.settings.get(key))
  if (!parsed.success) return
  store.settings.set(key, null)
  const { run, sweep } = parsed.data
  try {
    if (sweep !== null) sweeps.start(sweep)
    else if (run !== null) sessions.resume(run)
    if (sweep !== null || run !== null) log.info('updates', 'What was under way before the update goes on.')
  } catch (thrown) {
    log.error('updates', toWireError(thrown), 'warning')
  }
}
