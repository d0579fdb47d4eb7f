// Watches one session process: parses what it says and tells how it ended. Exit is not crash: a process that said `ended`
// ended by itself; one that did not has died, and the reason is put in words.
import type { DeviceKind } from '#contract/devices.ts'
import type { WireError } from '#contract/errors.ts'
import type { RunEvent, RunStatus } from '#contract/tables/report.ts'
import { fromSessionSchema } from '#contract/session-protocol.ts'
import type { FromSession, ToSession } from '#contract/session-protocol.ts'
import type { SessionExit, SessionProcess } from './session-process.ts'

export type SessionEnd =
  /** The session recorded how the run ended before its process went. */
  | {
      readonly kind: 'ended'
      readonly status: RunStatus
      readonly error: WireError | null
      /** A device that failed and that the run shall go on without; null = it is over. */
      readonly leaves: DeviceKind | null
    }
  /** The process is gone and has recorded nothing about why. */
  | { readonly kind: 'died'; readonly error: WireError }

export interface Supervised {
  send(message: ToSession): void
  kill(): void
  /** Resolves when the process is gone; never rejects. */
  readonly end: Promise<SessionEnd>
}

/** How long a process that has said `ended` may take to go by itself. */
const lingerMs = 10_000

/** What the supervisor tells while the process lives. */
export interface SupervisorListener {
  /** The process is up; `pid` as the system knows it. */
  ready(pid: number | null): void
  event(event: RunEvent): void
  /** To a webcam's frame, to an option that shall change, or to a message that it could not follow. */
  answer?(answer: SessionAnswer): void
}

export type SessionAnswer = Extract<FromSession, { type: 'answer' | 'adjusted' | 'refused' }>

/** Sends `start` once the process is ready and hands every event on, in order. */
export function superviseSession(process: SessionProcess, start: ToSession, listener: SupervisorListener): Supervised {
  let said: SessionEnd | null = null
  let linger: NodeJS.Timeout | undefined
  const end = new Promise<SessionEnd>((resolve) => {
    process.onExit((exit) => {
      clearTimeout(linger)
      resolve(said ?? { kind: 'died', error: describeExit(exit) })
    })
  })
  process.onMessage((message) => {
    const parsed = fromSessionSchema.safeParse(message)
    if (!parsed.success) {
      said ??= { kind: 'died', error: notUnderstood(parsed.error.message) }
      process.kill()
      return
    }
    switch (parsed.data.type) {
      case 'ready':
        listener.ready(process.pid)
        process.send(start)
        return
      case 'answer':
      case 'adjusted':
      case 'refused':
        listener.answer?.(parsed.data)
        return
      case 'exported':
      case 'compared':
      case 'tensors':
      case 'looked':
      case 'content':
      case 'copying':
      case 'checking':
      case 'checked':
        return // of tasks
      case 'idle':
        return // heard by who keeps processes
      case 'event':
        listener.event(parsed.data.event)
        return
      case 'ended':
        said = {
          kind: 'ended',
          status: parsed.data.status,
          error: parsed.data.error,
          leaves: parsed.data.leaves ?? null,
        }
        linger = setTimeout(() => process.kill(), lingerMs)
    }
  })
  return { send: (message) => process.send(message), kill: () => process.kill(), end }
}

/** A message that does not parse: whoever sent it is not the program that we started. */
export function notUnderstood(detail: string): WireError {
  return {
    code: 'internal',
    message: 'The session process sent a message that this program does not understand.',
    detail,
  }
}

export const resumeAdvice = 'What was recorded is kept: resume the run to go on.'

/** Why a process went that had not said it would. */
export function describeExit(exit: SessionExit): WireError {
  const tail = exit.stderrTail.trim()
  const detail = `signal ${exit.signal ?? 'none'}, exit code ${exit.code ?? 'none'}${tail === '' ? '' : `\n${tail}`}`
  const outOfMemory = /bad_alloc|out of memory|\bOOM\b|RESOURCE_EXHAUSTED/i.test(tail)
  if (outOfMemory) {
    return {
      code: 'out-of-memory',
      message: `The session process ran out of memory. Use a smaller batch or fewer lanes, or close other programs. ${resumeAdvice}`,
      detail,
    }
  }
  if (exit.signal === 'SIGKILL' || exit.code === 137) {
    return {
      code: 'session-died',
      message: `The session process was killed (SIGKILL): by someone, or by the system because memory ran out. ${resumeAdvice} If it happens again use a smaller batch or fewer lanes.`,
      detail,
    }
  }
  const how =
    exit.signal !== null
      ? `was ended by signal ${exit.signal}`
      : exit.code !== null
        ? `ended with exit code ${exit.code}`
        : 'could not be started'
  return { code: 'session-died', message: `The session process ${how} without saying why. ${resumeAdvice}`, detail }
}
