// A worker that waits is woken by the queue, whatever it does at that moment.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LabWorker, type LabWorkerParts } from '#app/services/lab/lab-worker.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })) // nobody advances them: what waits for a time waits for ever
afterEach(() => void vi.useRealTimers())

/** `asked`: when the list of queues is asked for the n-th time, what happens in that moment. */
function waiting(asked: (time: number, woken: () => void) => void): Promise<number> {
  const stop = new AbortController()
  let woken = (): void => undefined
  let times = 0
  const parts = {
    untilEmpty: false,
    library: { forget: () => undefined },
    told: () => undefined,
    queue: {
      listen(told: () => void) {
        woken = told
        return Promise.resolve(() => Promise.resolve())
      },
      queues() {
        times += 1
        asked(times, woken)
        if (times === 3) stop.abort()
        return Promise.resolve([])
      },
      tell: () => Promise.resolve(),
    },
  }
  return new LabWorker(parts as unknown as LabWorkerParts).work(stop.signal).then(() => times)
}

test('while it rests', async () => {
  expect(await waiting((_, woken) => setImmediate(woken))).toBe(3)
})

test('while it looks: what came then is looked at before it rests', async () => {
  expect(await waiting((_, woken) => woken())).toBe(3)
})
