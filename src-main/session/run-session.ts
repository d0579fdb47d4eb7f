// One run from start to end in a process of its own. Opens the store, hands over to the session that the run's input needs, and says
// how it ended.
import { isLive } from '#contract/inputs/input-kinds.ts'
import { join } from 'node:path'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { RunStatus } from '#contract/tables/report.ts'
import { openStore, type Store } from '#store/store.ts'
import { BatchSession } from './batch/batch-session.ts'
import { sessionCore } from './core/session-core.ts'
import type { SessionLink, StartMessage } from './core/session-link.ts'
import { WebcamSession } from './webcam/webcam-session.ts'

/** Runs to the end, a stop or a failure; everything that it has to say goes over the link. `now` in ms since the epoch. */
export async function runSession(
  start: StartMessage,
  link: SessionLink,
  now: () => number,
  version: string,
): Promise<void> {
  let store: Store | null = null
  let status: RunStatus = 'failed'
  let error: WireError | null = null
  try {
    store = openStore(join(start.dataFolder, 'palm.sqlite'))
    const core = sessionCore(start, link, store, now, version)
    try {
      const session = isLive(core.options.input) ? new WebcamSession(core) : new BatchSession(core)
      status = await session.run()
    } finally {
      core.control.close()
    }
  } catch (thrown) {
    error = toWireError(thrown)
    try {
      const seq = store?.runs.setStatus(start.run, 'failed', error, now())
      if (seq !== undefined)
        link.send({ type: 'event', event: { event: 'status', seq, status: 'failed', error, message: null } })
    } catch {
      // Not even that could be written: the supervisor records it.
    }
  }
  store?.close()
  link.send({ type: 'ended', status, error })
}
