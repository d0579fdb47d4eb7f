// Exit is not crash: real child processes that end in different ways, and what the supervisor says of each.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { forkSessions } from '#app/hosts/node.ts'
import { superviseSession } from '#app/services/processes/supervisor.ts'
import type { ToSession } from '#contract/session-protocol.ts'
import { loggedSessions } from '#app/services/machine/log.ts'
import type { SessionEnd } from '#app/services/processes/supervisor.ts'
import { programFile } from '#app/wiring/program-files.ts'

async function endOf(how: string, file = 'crashing-session.ts'): Promise<{ end: SessionEnd; events: number[] }> {
  const events: number[] = []
  const start = forkSessions(join(import.meta.dirname, file), { PALM_TEST_CRASH: how })
  const supervised = superviseSession(
    start(),
    {
      type: 'start',
      run: 1,
      dataFolder: '',
      resourcesFolder: '',
      workers: null,
      preview: false,
      device: { choice: 'auto', prefer: null, without: [] },
    },
    { ready: (pid) => expect(pid).toBeGreaterThan(0), event: (event) => events.push(event.seq) },
  )
  return { end: await supervised.end, events }
}

/** A message to a real session process that has not been given a run, and what it says to it. */
async function saidTo(message: unknown): Promise<unknown> {
  const start = forkSessions(programFile('session'), {})
  const logged: string[] = []
  const session = loggedSessions(start, { info: () => undefined, warning: (_source, what) => void logged.push(what) })()
  const answers: unknown[] = []
  const answer = await new Promise((resolve) => {
    session.onMessage((data) => {
      answers.push(data)
      if (answers.length === 1) session.send(message as ToSession)
      else resolve(data)
    })
  })
  expect(logged).toEqual([expect.stringContaining('The session process did not understand a message.')])
  session.kill()
  return answer
}

describe('a session process', () => {
  const refused = (of: string | null, id: number | null) => ({
    type: 'refused',
    of,
    id,
    error: { code: 'internal', message: 'The session process did not understand a message.' },
  })
  const frame = { run: 1, width: 8, height: 8, truth: null, sketch: null }
  it.each([
    ['no message at all', 7, refused(null, null)],
    ['an unknown type', { type: 'dance' }, refused('dance', null)],
    ['a change without its option', { type: 'adjust', id: 4, change: {} }, refused('adjust', 4)],
    [
      'a frame whose bytes are too few',
      { type: 'frame', id: 5, frame: { ...frame, pixels: new Uint8Array(3) } },
      refused('frame', 5),
    ],
    ['a frame as text', { type: 'frame', id: 6, frame: { ...frame, pixels: 'AAAA' } }, refused('frame', 6)],
  ])('answers %s, and it is in the log', async (_what, message, answer) => {
    expect(await saidTo(message)).toMatchObject(answer)
  })
})

describe('the supervisor', () => {
  it('takes an end that was said for an end', async () => {
    expect(await endOf('ended')).toEqual({
      end: { kind: 'ended', status: 'stopped', error: null, leaves: null },
      events: [1],
    })
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
