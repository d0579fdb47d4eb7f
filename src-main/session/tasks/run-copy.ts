// Copies a data folder in this process, which may be ended at any moment: the original is only read.
import { toWireError, type WireError } from '#contract/errors.ts'
import type { ToSession } from '#contract/session-protocol.ts'
import type { SessionLink } from '#session/core/session-link.ts'
import { copyData } from '#store/data-copy.ts'

/** Tells how far it is by `copying`; `ended` without an error says that the copy is whole. */
export async function runCopy({ order }: Extract<ToSession, { type: 'copy' }>, link: SessionLink): Promise<void> {
  const abort = new AbortController()
  // Whoever ordered it is gone.
  link.onMessage((message) => {
    if (message.type === 'stop') abort.abort()
  })
  let error: WireError | null = null
  try {
    await copyData(order, (progress) => link.send({ type: 'copying', progress }), abort.signal)
  } catch (thrown) {
    error = toWireError(thrown)
  }
  link.send({ type: 'ended', status: error ? 'failed' : 'done', error })
}
