// The connection to the program as a state machine: where it stands, and what each event makes of that. Pure; connection.svelte.ts drives it.
import type { WireError } from '#contract/errors.ts'

/** What every state knows. */
interface Tries {
  /** Number of the current try, from 1. What an earlier try still reports is ignored: there is one try at a time. */
  readonly attempt: number
  /** Tries that failed since the connection was open last. */
  readonly misses: number
}

/**
 * - `idle`: not begun; `stopped`: ended for good.
 * - `connecting`: the transport is being opened; `greeting`: it is open, and the program is asked what the window must know first.
 * - `open`: everything can be asked.
 * - `waiting`: lost or not answered; the next try begins after `delayMs`.
 * - `failed`: the program answered, and something of ours is at fault: another try would end the same way, so a person or the end of this connection must begin it.
 */
export type ConnectionState = Tries &
  (
    | { readonly at: 'idle' | 'connecting' | 'greeting' | 'open' | 'stopped' }
    | { readonly at: 'waiting'; readonly delayMs: number }
    | { readonly at: 'failed'; readonly fault: WireError }
  )

export type ConnectionEvent =
  | { readonly type: 'start' | 'retry' | 'stop' }
  | { readonly type: 'connected' | 'greeted' | 'lost'; readonly attempt: number }
  | { readonly type: 'faulted'; readonly attempt: number; readonly fault: WireError }

export const firstRetryMs = 500
export const longestRetryMs = 8000

export const notBegun: ConnectionState = { at: 'idle', attempt: 0, misses: 0 }

/** Before the next try: doubled with each failed one, up to a limit. */
export const retryDelayMs = (misses: number): number =>
  Math.min(longestRetryMs, firstRetryMs * 2 ** Math.max(0, misses - 1))

/** @returns the same object where the event changes nothing */
export function nextState(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  const { at, attempt, misses } = state
  if (at === 'stopped' || ('attempt' in event && event.attempt !== attempt)) return state
  switch (event.type) {
    case 'start':
      return at === 'idle' ? { at: 'connecting', attempt: attempt + 1, misses } : state
    case 'retry':
      return at === 'waiting' || at === 'failed' ? { at: 'connecting', attempt: attempt + 1, misses } : state
    case 'connected':
      return at === 'connecting' ? { at: 'greeting', attempt, misses } : state
    case 'greeted':
      return at === 'greeting' ? { at: 'open', attempt, misses: 0 } : state
    case 'lost': {
      if (at === 'idle' || at === 'waiting') return state
      const missed = at === 'open' ? 0 : misses + 1
      return { at: 'waiting', attempt, misses: missed, delayMs: retryDelayMs(missed) }
    }
    case 'faulted':
      return at === 'connecting' || at === 'greeting' || at === 'open'
        ? { at: 'failed', attempt, misses, fault: event.fault }
        : state
    case 'stop':
      return { at: 'stopped', attempt, misses }
  }
}
