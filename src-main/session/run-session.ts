// One run from start to end in a process of its own. Opens the store, hands over to the session that the run's input needs, and says
// how it ended.
import { isLive } from '#contract/inputs/input-kinds.ts'
import { join } from 'node:path'
import { toWireError } from '#contract/errors.ts'
import type { FromSession } from '#contract/session-protocol.ts'
import type { DeviceSources } from '#engine/compute/open-device.ts'
import { openStore, type Store } from '#store/store.ts'
import { BatchSession } from './batch/batch-session.ts'
import { deviceToLeave, withRemedy } from './core/run-devices.ts'
import { sessionCore, type SessionCore } from './core/session-core.ts'
import type { SessionLink, StartMessage } from './core/session-link.ts'
import { WebcamSession } from './webcam/webcam-session.ts'

type Ended = Extract<FromSession, { type: 'ended' }>

/**
 * Runs to the end, a stop or a failure; everything that it has to say goes over the link. `now` in ms since the epoch; `sources`: what there
 * is to compute on, absent = what this machine offers.
 */
export async function runSession(
  start: StartMessage,
  link: SessionLink,
  now: () => number,
  version: string,
  sources?: () => Promise<DeviceSources>,
): Promise<void> {
  let store: Store | null = null
  let core: SessionCore | null = null
  let end: Pick<Ended, 'status' | 'error' | 'leaves'>
  try {
    store = openStore(join(start.dataFolder, 'palm.sqlite'))
    core = sessionCore(start, link, store, now, version, sources)
    try {
      const session = isLive(core.options.input) ? new WebcamSession(core) : new BatchSession(core)
      end = { status: await session.run(), error: null, leaves: null }
    } finally {
      core.control.close()
    }
  } catch (thrown) {
    let error = toWireError(thrown)
    try {
      if (core) error = withRemedy(core, error)
      const leaves = core && deviceToLeave(core, error)
      // What goes on is not recorded as failed: whoever started this session starts another without the device.
      end = { status: leaves === null ? 'failed' : 'interrupted', error, leaves }
      const seq = leaves === null ? store?.runs.setStatus(start.run, 'failed', error, now()) : undefined
      if (seq !== undefined)
        link.send({ type: 'event', event: { event: 'status', seq, status: 'failed', error, message: null } })
    } catch {
      // Not even that could be written: the supervisor records it.
      end = { status: 'failed', error, leaves: null }
    }
  }
  store?.close()
  link.send({ type: 'ended', ...end })
}
