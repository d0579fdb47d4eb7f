// Exit is not crash: real child processes that end in different ways, and what the supervisor says of each.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { forkSessions } from '#app/hosts/node.ts'
import { superviseSession } from '#app/services/processes/supervisor.ts'
import type { SessionEnd } from '#app/services/processes/supervisor.ts'

async function endOf(how: string, file = 'crashing-session.ts'): Promise<{ end: SessionEnd; events: number[] }> {
  const events: number[] = []
  const start = forkSessions(join(import.meta.dirname, file), { PALM_TEST_CRASH: how })
  const supervised = superviseSession(
    start(),
    { type: 'start', run: 1, dataFolder: '', resourcesFolder: '', workers: null, preview: false },
    { ready: (pid) => expect(pid).toBeGreaterThan(0), event: (event) => events.push(event.seq) },
  )
  return { end: await supervised.end, events }
}

describe('the supervisor', () => {
  it('takes an end that was said for an end', async () => {
    expect(await endOf('ended')).toEqual({ end: { kind: 'ended', status: 'stopped', error: null }, events: [1] })
  })

  it('names a kill, with the hint that memory may have run out, and keeps the events before it', async () => {
    const { end, events } = await endOf('kill')
    expect(events).toEqual([1])
    expect(end).toMatchObject({
      kind: 'died',
      error: { code: 'session-died', message: expect.stringMatching(/SIGKILL.*memory.*resume/s) },
    })
  })

  it('names the exit code of a process that went without a word', async () => {
    expect((await endOf('exit')).end).toMatchObject({
      kind: 'died',
      error: { code: 'session-died', message: expect.stringContaining('exit code 3') },
    })
  })

  it('knows a failed allocation by what the process wrote', async () => {
    expect((await endOf('memory')).end).toMatchObject({
      kind: 'died',
      error: { code: 'out-of-memory', detail: expect.stringContaining('bad_alloc') },
    })
  })

  it('keeps the stack of an uncaught error as detail', async () => {
    expect((await endOf('throw')).end).toMatchObject({
      kind: 'died',
      error: { code: 'session-died', detail: expect.stringContaining('a fault in the session') },
    })
  })

  it('ends a process that it does not understand', async () => {
    expect((await endOf('nonsense')).end).toMatchObject({ kind: 'died', error: { code: 'internal' } })
  })

  it('says so when the process could not be started', async () => {
    expect((await endOf('', 'not-there.ts')).end).toMatchObject({ kind: 'died', error: { code: 'session-died' } })
  })
})
