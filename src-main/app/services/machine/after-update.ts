// What was under way when the program was ended for an update goes on when it is there again.
import { z } from 'zod'
import { toWireError } from '#contract/errors.ts'
import type { Records } from '#app/services/runs/records.ts'
import type { RunSessions } from '#app/services/runs/run-sessions.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { Log } from './log.ts'

const key = 'go-on-after-update'
const id = z.number().int()
const schema = z.object({
  runs: z.array(id).default([]),
  sweep: id.nullable(),
  /** As versions wrote it that had one run at a time. */
  run: id.nullable().default(null),
})

interface Parts {
  readonly store: Pick<Records, 'settings'>
  readonly sessions: Pick<RunSessions, 'activeRuns' | 'resume' | 'settled'>
  readonly sweeps: Pick<SweepService, 'active' | 'holds' | 'start'>
  readonly log: Pick<Log, 'info' | 'error'>
}

export function rememberForUpdate({ store, sessions, sweeps }: Omit<Parts, 'log'>): void {
  const runs = sessions.activeRuns.filter((run) => !sweeps.holds(run))
  store.settings.set(key, { runs, sweep: sweeps.active })
}

/** Once, at the first opening after that. What cannot go on (a webcam's run) is left as it ended. Never rejects. */
export async function goOnAfterUpdate({ store, sessions, sweeps, log }: Parts): Promise<void> {
  const parsed = schema.safeParse(store.settings.get(key))
  if (!parsed.success) return
  store.settings.set(key, null)
  const { run, runs, sweep } = parsed.data
  const works = [
    ...(sweep === null ? [] : [() => sweeps.start(sweep)]),
    ...(run === null ? runs : [run]).map((one) => () => sessions.resume(one)),
  ]
  let wentOn = false
  for (const work of works) {
    try {
      await sessions.settled()
      work()
      wentOn = true
    } catch (thrown) {
      log.error('updates', toWireError(thrown), 'warning')
    }
  }
  if (wentOn) log.info('updates', 'What was under way before the update goes on.')
}
