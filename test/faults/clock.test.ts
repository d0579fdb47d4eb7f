// The system's clock set forwards and back by hours, and a machine that slept: the time left, the order of runs, locks, codes and the week in which a deleted run can be brought back.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { WebKeys } from '#app/hosts/web-keys.ts'
import { openRuns } from '#app/services/runs/runs.ts'
import { isRunLocked, takeRunLock } from '#app/services/runs/run-lock.ts'
import { sourceFolders } from '#app/wiring/program-files.ts'
import { tensorFlowSources } from '#engine/compute/open-device.ts'
import { ProgressMeter } from '#session/measures/progress.ts'
import { openStore } from '#store/store.ts'
import { sessionsHere } from '#test/helpers/sessions-here.ts'
import { sampleOptions } from '#test/app/rpc/tables.ts'
import { chance, times } from './chance.ts'
import { outcomeOf } from './outcome.ts'
import { tinyRun } from '#test/helpers/tiny-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-clock-'))
const hour = 3_600_000
const day = 24 * hour
afterEach(() => void vi.restoreAllMocks())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a run whose clock jumps by hours at every step ends with the same numbers and a time left that makes sense', async () => {
  const store = openStore(join(folder, 'palm.sqlite'))
  const runs = openRuns({
    program: 'test',
    store,
    dataFolder: folder,
    resourcesFolder: sourceFolders.resources,
    startSession: sessionsHere(() => ({
      ...tensorFlowSources(false),
      webgpu: () => Promise.reject(new Error('there is none')),
    })),
    workers: 1,
    preview: false,
    now: () => Date.now(),
  })
  const options = tinyRun(
    folder,
    true,
  )({ limit: 60, lanes: [{ id: 'tent', label: 'TENT', options: { method: 'tent' } }] })
  const steady = runs.sessions.start(options)
  await runs.sessions.over(steady)
  const random = chance(70)
  const real = Date.now
  let [jumps, offset] = [0, 0]
  vi.spyOn(Date, 'now').mockImplementation(() => real() + offset)
  for (let round = 0; round < times(2, 20); round++) {
    const run = runs.sessions.start(options)
    const etas: number[] = []
    const stop = runs.feeds.follow(run, {
      snapshot: () => undefined,
      event(event) {
        if (event.event !== 'step') return
        offset = random.randint(-48, 49) * hour
        jumps += 1
        if (event.progress.etaMs !== null) etas.push(event.progress.etaMs)
      },
      error: (error) => expect.fail(error.message),
    })
    await runs.sessions.over(run)
    stop()
    expect(outcomeOf(store, run)).toEqual(outcomeOf(store, steady))
    expect(Math.max(...etas)).toBeLessThan(hour)
    expect(isRunLocked(folder, run)).toBe(false)
  }
  // In the order in which they were started, whatever their times say.
  const ids = store.runs.list().map(({ id }) => id)
  expect(ids).toEqual(ids.toSorted((a, b) => b - a))
  store.close()
  console.log(`${jumps} jumps of the clock by up to two days: the same numbers, no time left above an hour`)
})

test('an hour asleep, or paused, is no part of the speed', () => {
  const meter = new ProgressMeter(0, 0)
  const total = { images: 1000, steps: 100 }
  let at = 0
  const step = (n: number, ms: number) => meter.measure((at += ms), { images: 10 * n, steps: n }, total, 0)
  for (let n = 1; n <= 20; n++) step(n, 100)
  for (const asleep of [hour, 8 * hour]) {
    const { etaMs, imagesPerSecond } = step(21, asleep)
    expect(imagesPerSecond).toBeGreaterThan(50)
    expect(etaMs).toBeLessThan(20_000)
  }
  // A model whose steps take long is no machine that sleeps.
  const slow = new ProgressMeter(0, 0)
  slow.measure(30_000, { images: 10, steps: 1 }, total, 0)
  expect(slow.measure(90_000, { images: 20, steps: 2 }, total, 0).etaMs).toBeGreaterThan(hour)
})

test('a clock that is wrong once takes no deleted run away; a week that has gone by does, at the second start', () => {
  const data = mkdtempSync(join(folder, 'undo-'))
  const store = openStore(join(data, 'palm.sqlite'))
  const startAt = (now: number) =>
    openRuns({
      program: 'test',
      store,
      dataFolder: data,
      resourcesFolder: '',
      startSession: () => expect.fail('nothing is started here'),
      workers: null,
      preview: false,
      now: () => now,
    })
  const there = () => store.runs.list({ deleted: true }).length
  const today = 2e12
  const first = startAt(today)
  first.sessions.recover()
  const run = store.runs.createRun(sampleOptions, today)
  store.runs.setStatus(run, 'done', null, today)
  first.catalogue.remove([run])
  startAt(today + 3000 * day).sessions.recover() // the clock is years ahead
  expect(there()).toBe(1)
  startAt(today + day).sessions.recover()
  startAt(today - 400 * day).sessions.recover() // and back before it was deleted
  startAt(today + 2 * day).sessions.recover()
  expect(there()).toBe(1)
  startAt(today).catalogue.restore([run])
  startAt(today).catalogue.remove([run])
  startAt(today + 8 * day).sessions.recover()
  startAt(today + 8 * day + 1).sessions.recover()
  expect(there()).toBe(0)
  store.close()
})

test('locks do not ask the clock, and a code that lets in once is good for two minutes of any clock', () => {
  const lock = takeRunLock(folder, 5)
  const keys = new WebKeys(1)
  const real = Date.now()
  for (const jump of [-48 * hour, 48 * hour, 3000 * day]) {
    vi.spyOn(Date, 'now').mockReturnValue(real + jump)
    expect(isRunLocked(folder, 5)).toBe(true)
    expect(takeRunLock(folder, 5)).toBeNull()
    const code = keys.code()
    vi.spyOn(Date, 'now').mockReturnValue(real - jump)
    expect([keys.useCode(code), keys.useCode(code)]).toEqual([true, false])
  }
  lock?.release()
})
