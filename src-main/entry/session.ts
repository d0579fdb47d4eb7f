// The session process: takes one `start` over the channel it was born with (Electron's parentPort or Node's fork channel), runs, exits.
import { toWireError } from '#contract/errors.ts'
import { toSessionSchema, type FromSession, type ToSession } from '#contract/session-protocol.ts'
import { runTask } from '#session/tasks/run-task.ts'
import { runExport } from '#session/export/run-export.ts'
import { runSession } from '#session/run-session.ts'
import { misfitOf, type SessionLink } from '#session/core/session-link.ts'
import { version } from './version.ts'

interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

const parentPort = (process as { parentPort?: ParentPort }).parentPort
const listeners: ((message: ToSession) => void)[] = []
/** What came before anybody listened: a Stop or a frame that was quicker than the start. */
const early: ToSession[] = []

/** Messages that the channel has not taken yet: a busy parent leaves them waiting, and disconnecting would drop them. */
let unwritten = 0
let leaving = false

const link: SessionLink = {
  send(message: FromSession) {
    if (parentPort) parentPort.postMessage(message)
    else if (process.connected) {
      unwritten += 1
      process.send?.(message, undefined, undefined, () => {
        unwritten -= 1
        if (leaving && unwritten === 0) leave()
      })
    }
  },
  onMessage(listener) {
    listeners.push(listener)
    for (const message of early.splice(0)) listener(message)
  },
}

let started = false

function receive(data: unknown): void {
  const parsed = toSessionSchema.safeParse(data)
  if (!parsed.success) return link.send(misfitOf(data, parsed.error.message))
  if (listeners.length === 0 && !['start', 'export', 'tensors', 'compare', 'rewrite'].includes(parsed.data.type))
    early.push(parsed.data)
  for (const listener of listeners) listener(parsed.data)
  if (started) return
  if (parsed.data.type === 'start') {
    started = true
    void runSession(parsed.data, link, Date.now, version()).then(leave)
  } else if (parsed.data.type === 'export') {
    started = true
    void runExport(parsed.data, link, Date.now, version()).then(leave)
  } else if (parsed.data.type === 'compare' || parsed.data.type === 'tensors' || parsed.data.type === 'rewrite') {
    started = true
    void runTask(parsed.data, link).then(leave)
  }
}

/** The last message must be out before the process goes. */
function leave(): void {
  if (parentPort) setTimeout(() => process.exit(0), 100)
  else if (process.connected && unwritten === 0) process.disconnect()
  else leaving = true
}

function fail(thrown: unknown): void {
  link.send({ type: 'ended', status: 'failed', error: toWireError(thrown) })
  setTimeout(() => process.exit(1), 100)
}

process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)
// Whoever started it is gone: end after the current step, leaving the run resumable.
process.on('disconnect', () => {
  for (const listener of listeners) listener({ type: 'stop' })
})
if (parentPort) parentPort.on('message', (event) => receive(event.data))
else process.on('message', receive)
link.send({ type: 'ready' })
