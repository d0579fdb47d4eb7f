// The channel between a session process and whoever started it, and what is said to a message that cannot be followed.
import { PalmError, toWireError } from '#contract/errors.ts'
import type { FromSession, ToSession } from '#contract/session-protocol.ts'

export type StartMessage = Extract<ToSession, { type: 'start' }>

export interface SessionLink {
  send(message: FromSession): void
  onMessage(listener: (message: ToSession) => void): void
}

/** The answer to a message that is understood but cannot be followed: whoever waits for one gets it. */
export function refusalOf(message: ToSession, reason: unknown): FromSession {
  const error = toWireError(reason)
  if (message.type === 'frame') return { type: 'answer', id: message.id, answer: null, error }
  if (message.type === 'adjust') return { type: 'adjusted', id: message.id, change: null, error }
  return { type: 'refused', of: message.type, id: null, error }
}

/** The answer to what is no message of ours, with its type and number where they can be read. */
export function misfitOf(data: unknown, detail: string): FromSession {
  const { type, id } = (typeof data === 'object' && data !== null ? data : {}) as { type?: unknown; id?: unknown }
  const reason = new PalmError('internal', 'The session process did not understand a message.', detail.slice(0, 2000))
  return {
    type: 'refused',
    of: typeof type === 'string' ? type : null,
    id: typeof id === 'number' && Number.isInteger(id) && id >= 0 ? id : null,
    error: toWireError(reason),
  }
}
