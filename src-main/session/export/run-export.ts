// An export in a process of its own: it needs the device, and main never computes.
import { join } from 'node:path'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { ToSession } from '#contract/session-protocol.ts'
import { openStore } from '#store/store.ts'
import { exportCheckpoint } from './export.ts'
import { taskDevice } from '#session/core/session-device.ts'
import type { SessionLink } from '#session/core/session-link.ts'

/** Answers with `exported`, or with the reason in `ended`. */
export async function runExport(
  { request, dataFolder, resourcesFolder }: Extract<ToSession, { type: 'export' }>,
  link: SessionLink,
  now: () => number,
  version: string,
): Promise<void> {
  let error: WireError | null = null
  try {
    const store = openStore(join(dataFolder, 'palm.sqlite'))
    try {
      const device = await taskDevice(dataFolder, version)
      link.send({
        type: 'exported',
        result: await exportCheckpoint({ store, device, resourcesFolder, request, version, now }),
      })
    } finally {
      store.close()
    }
  } catch (thrown) {
    error = toWireError(thrown)
  }
  link.send({ type: 'ended', status: error ? 'failed' : 'done', error })
}
