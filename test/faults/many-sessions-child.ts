// A session process in which many runs are computed at once, each by a session of its own over its own data folder: one kill cuts all of them off, each at another moment of its
// life. For session-killed.test.ts, where a process for every session that is killed would take minutes.
import { loadDevice } from '#engine/compute/backend.ts'
import type { FromSession } from '#contract/session-protocol.ts'
import { runSession } from '#session/run-session.ts'
import type { StartMessage } from '#session/core/session-link.ts'
import { moment } from './chance.ts'

export interface Order {
  readonly slot: number
  readonly start: StartMessage
  /** Before it begins, so that the runs are not all at the same place when the kill comes. */
  readonly afterMs: number
}

export type Said =
  | { readonly said: 'up' }
  /** Committed. */
  | { readonly said: 'step'; readonly slot: number; readonly step: number }
  | { readonly said: 'ended'; readonly slot: number; readonly status: string }

const say = (what: Said): void => void process.send?.(what)

function heard(slot: number, message: FromSession): void {
  if (message.type === 'event' && message.event.event === 'step')
    say({ said: 'step', slot, step: message.event.reports[0]?.step ?? -1 })
  if (message.type === 'ended') say({ said: 'ended', slot, status: message.error?.message ?? message.status })
}

loadDevice()
process.on('message', ({ slot, start, afterMs }: Order) => {
  const link = { send: (message: FromSession) => heard(slot, message), onMessage: () => undefined }
  void moment(afterMs).then(() => runSession(start, link, Date.now, 'test'))
})
process.on('disconnect', () => process.exit(0))
say({ said: 'up' })
