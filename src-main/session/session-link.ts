// The channel between a session process and whoever started it.
import type { FromSession, ToSession } from '#contract/session-protocol.ts'

export type StartMessage = Extract<ToSession, { type: 'start' }>

export interface SessionLink {
  send(message: FromSession): void
  onMessage(listener: (message: ToSession) => void): void
}
