// The session process: takes one order over the channel it was born with, carries it out, ends.
import { toWireError } from '#contract/errors.ts'
import { toSessionSchema, type ToSession } from '#contract/session-protocol.ts'
import { runExport } from './export/run-export.ts'
import { runSession } from './run-session.ts'
import { misfitOf, type SessionLink } from './core/session-link.ts'
import { runCheck } from './tasks/run-check.ts'
import { runLook } from './tasks/run-look.ts'
import { runTask } from './tasks/run-task.ts'

/** The way to whoever started the process. */
export interface SessionChannel {
  readonly send: (message: unknown) => void
  readonly onMessage: (listener: (message: unknown) => void) => void
  readonly onGone: (listener: () => void) => void
  readonly leave: () => void
}

/** `version` is the program's, which a run records. */
export function serveSession(channel: SessionChannel, version: string): void {
  const listeners: ((message: ToSession) => void)[] = []
  /** What came before anybody listened: a Stop or a frame that was quicker than the start. */
  const early: ToSession[] = []
  const link: SessionLink = {
    send: (message) => channel.send(message),
    onMessage(listener) {
      listeners.push(listener)
      for (const message of early.splice(0)) listener(message)
    },
  }

  let started = false
  function receive(data: unknown): void {
    const parsed = toSessionSchema.safeParse(data)
    if (!parsed.success) return link.send(misfitOf(data, parsed.error.message))
    const work = workOf(parsed.data, link, version)
    if (listeners.length === 0 && !work) early.push(parsed.data)
    for (const listener of listeners) listener(parsed.data)
    if (started || !work) return
    started = true
    void work().then(channel.leave)
  }

  function fail(thrown: unknown): void {
    link.send({ type: 'ended', status: 'failed', error: toWireError(thrown) })
    setTimeout(() => process.exit(1), 100)
  }

  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  // Whoever started it is gone: end after the current step, leaving the run resumable.
  channel.onGone(() => {
    for (const listener of listeners) listener({ type: 'stop' })
  })
  channel.onMessage(receive)
  link.send({ type: 'ready' })
}

/** What an order asks for; null for a message to work that is under way. */
function workOf(message: ToSession, link: SessionLink, version: string): (() => Promise<void>) | null {
  switch (message.type) {
    case 'start':
      return () => runSession(message, link, Date.now, version)
    case 'export':
      return () => runExport(message, link, Date.now, version)
    case 'check':
      return () => runCheck(message, link, version)
    case 'look':
      return () => runLook(message, link, version)
    case 'compare':
    case 'tensors':
    case 'rewrite':
      return () => runTask(message, link)
    case 'frame':
    case 'control':
    case 'pause':
    case 'continue':
    case 'step':
    case 'adjust':
    case 'stop':
      return null
  }
}
