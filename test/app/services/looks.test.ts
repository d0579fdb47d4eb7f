// Looks before a run, each in a process of its own: a newer one of the same form ends the one before, a form that goes away ends its own, others go on.
import { expect, test } from 'vitest'
import { Looks } from '#app/services/runs/looks.ts'
import type { SessionExit, SessionProcess, SessionSettings } from '#app/services/processes/session-process.ts'
import { lookRequestSchema, type ShownLook } from '#contract/runs/first-look.ts'
import type { ToSession } from '#contract/session-protocol.ts'

const shown: ShownLook = {
  look: {
    input: 'photos',
    images: 1,
    labelled: 0,
    matched: [],
    leftOut: 0,
    notes: [],
    perClass: null,
    modelClasses: 10,
    architecture: 'x',
    normalization: { mean: [0, 0, 0], std: [1, 1, 1], from: 'file' },
    size: { width: 1, height: 1 },
    seen: { corruption: null, severity: null },
    answers: [],
    check: null,
    different: { labels: 0, answers: 0 },
    remedies: [],
  },
  pictures: [],
}
const request = (by: string) => lookRequestSchema.parse({ by, input: { kind: 'sample' }, model: { kind: 'sample' } })

class Fake implements SessionProcess {
  readonly pid = 1
  readonly sent: ToSession[] = []
  killed = false
  private hear: (message: unknown) => void = () => undefined
  private leave: (exit: SessionExit) => void = () => undefined
  send(message: ToSession): void {
    this.sent.push(message)
  }
  onMessage(listener: (message: unknown) => void): void {
    this.hear = listener
    listener({ type: 'ready' })
  }
  onExit(listener: (exit: SessionExit) => void): void {
    this.leave = listener
  }
  kill(): void {
    this.killed = true
    this.leave({ code: null, signal: 'SIGKILL', stderrTail: '' })
  }
  end(message: unknown): void {
    this.hear(message)
    this.leave({ code: 0, signal: null, stderrTail: '' })
  }
}

function looksOver() {
  const started: Fake[] = []
  const settings: (SessionSettings | undefined)[] = []
  const looks = new Looks(
    (wanted) => {
      const fake = new Fake()
      started.push(fake)
      settings.push(wanted)
      return fake
    },
    { dataFolder: 'data', resourcesFolder: 'resources' },
  )
  return { started, settings, looks }
}

test('a look is what its process answers, or the reason why it could not', async () => {
  const { looks, started, settings } = looksOver()
  const look = looks.look(request('a'))
  expect(settings).toEqual([{ device: 'cpu', precision: 'float32', threads: null }]) // never on a GPU that has not proven itself
  expect(started[0]?.sent).toEqual([
    { type: 'look', request: request('a'), dataFolder: 'data', resourcesFolder: 'resources' },
  ])
  started[0]?.end({ type: 'looked', result: shown })
  expect(await look).toEqual(shown)
  const failed = looks.look(request('a'))
  started[1]?.end({ type: 'ended', status: 'failed', error: { code: 'input-empty', message: 'No images.' } })
  await expect(failed).rejects.toThrow('No images.')
})

test('a newer look of the same form ends the one before, and no other', async () => {
  const { looks, started } = looksOver()
  const first = looks.look(request('a'))
  const other = looks.look(request('b'))
  const second = looks.look(request('a'))
  await expect(first).rejects.toMatchObject({ code: 'cancelled' })
  expect(started.map(({ killed }) => killed)).toEqual([true, false, false])
  started[1]?.end({ type: 'looked', result: shown })
  started[2]?.end({ type: 'looked', result: shown })
  expect([await other, await second]).toEqual([shown, shown])
  looks.cancel('a') // over: nothing to end
  expect(started[2]?.killed).toBe(false)
})

test('a form that goes away, and an app that closes, end what is under way; too many at once are refused', async () => {
  const { looks, started } = looksOver()
  const all = ['a', 'b', 'c', 'd'].map((by) => looks.look(request(by)))
  await expect(looks.look(request('e'))).rejects.toMatchObject({ code: 'run-busy' })
  looks.cancel('a')
  looks.close()
  for (const one of all) await expect(one).rejects.toMatchObject({ code: 'cancelled' })
  expect(started.every(({ killed }) => killed)).toBe(true)
})
