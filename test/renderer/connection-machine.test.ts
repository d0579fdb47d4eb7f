// The connection's state machine: every event in every state.
import { describe, expect, test } from 'vitest'
import {
  nextState,
  notBegun,
  retryDelayMs,
  type ConnectionEvent,
  type ConnectionState,
} from '#renderer/state/app/connection/connection-machine.ts'

const fault = { code: 'internal', message: 'A fault of ours.' } as const
const states: Readonly<Record<ConnectionState['at'], ConnectionState>> = {
  idle: { at: 'idle', attempt: 2, misses: 1 },
  connecting: { at: 'connecting', attempt: 2, misses: 1 },
  greeting: { at: 'greeting', attempt: 2, misses: 1 },
  open: { at: 'open', attempt: 2, misses: 0 },
  waiting: { at: 'waiting', attempt: 2, misses: 1, delayMs: 500 },
  failed: { at: 'failed', attempt: 2, misses: 1, fault },
  stopped: { at: 'stopped', attempt: 2, misses: 1 },
}
const events: Readonly<Record<ConnectionEvent['type'], ConnectionEvent>> = {
  start: { type: 'start' },
  retry: { type: 'retry' },
  stop: { type: 'stop' },
  connected: { type: 'connected', attempt: 2 },
  greeted: { type: 'greeted', attempt: 2 },
  lost: { type: 'lost', attempt: 2 },
  faulted: { type: 'faulted', attempt: 2, fault },
}
/** Where each event leads; what is not named changes nothing. */
const leads: Readonly<Record<ConnectionState['at'], Partial<Record<ConnectionEvent['type'], ConnectionState['at']>>>> =
  {
    idle: { start: 'connecting', stop: 'stopped' },
    connecting: { connected: 'greeting', lost: 'waiting', faulted: 'failed', stop: 'stopped' },
    greeting: { greeted: 'open', lost: 'waiting', faulted: 'failed', stop: 'stopped' },
    open: { lost: 'waiting', faulted: 'failed', stop: 'stopped' },
    waiting: { retry: 'connecting', stop: 'stopped' },
    failed: { retry: 'connecting', lost: 'waiting', stop: 'stopped' },
    stopped: {},
  }
const all = Object.values(states).flatMap((state) =>
  Object.values(events).map((event) => ({ at: state.at, type: event.type, state, event })),
)

test.each(all)('$at, then $type', ({ at, type, state, event }) => {
  const next = nextState(state, event)
  const to = leads[at][type]
  if (to === undefined) expect(next).toBe(state)
  else expect(next.at).toBe(to)
})

test.each(all.filter(({ event }) => 'attempt' in event))(
  '$at ignores what an earlier attempt reports: $type',
  ({ state, event }) => expect(nextState(state, { ...event, attempt: 1 } as ConnectionEvent)).toBe(state),
)

describe('attempts', () => {
  test('each try has a number of its own, and a fault is kept to be shown', () => {
    expect(nextState(notBegun, events.start)).toEqual({ at: 'connecting', attempt: 1, misses: 0 })
    expect(nextState(states.waiting, events.retry)).toMatchObject({ at: 'connecting', attempt: 3 })
    expect(nextState(states.greeting, events.faulted)).toMatchObject({ at: 'failed', fault })
  })

  test('the time before the next one doubles up to a limit, and an open connection sets it back', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 100].map(retryDelayMs)).toEqual([500, 500, 1000, 2000, 4000, 8000, 8000, 8000])
    expect(nextState(states.greeting, events.greeted)).toMatchObject({ at: 'open', misses: 0 })
    expect(nextState(states.open, events.lost)).toMatchObject({ at: 'waiting', misses: 0, delayMs: 500 })
    expect(nextState({ ...states.connecting, misses: 3 }, events.lost)).toMatchObject({ misses: 4, delayMs: 4000 })
  })
})
