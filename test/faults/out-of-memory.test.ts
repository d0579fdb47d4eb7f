// A device whose memory does not hold the batch: the run says so and how to go on; halved on request it goes on with the numbers of smaller batches, says so, and keeps to it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { comparisonOf } from '#app/services/runs/compare.ts'
import { openRuns, type Runs } from '#app/services/runs/runs.ts'
import { sourceFolders } from '#app/wiring/program-files.ts'
import { PalmError } from '#contract/errors.ts'
import { halvedFrom, halvingText, partsAt } from '#contract/runs/halving.ts'
import { mismatches } from '#contract/compare/compare-settings.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import type { Device } from '#engine/compute/device.ts'
import { tensorFlowSources } from '#engine/compute/open-device.ts'
import { inParts } from '#session/batch/step-in-parts.ts'
import { openStore, type Store } from '#store/store.ts'
import { sessionsHere } from '#test/helpers/sessions-here.ts'
import { chance, times } from './chance.ts'
import { outcomeOf } from './outcome.ts'
import { tinyRun } from '#test/helpers/tiny-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-memory-'))
const options = tinyRun(
  folder,
  true,
)({
  batchSize: 20,
  limit: 80,
  lanes: [
    { id: 'norm', label: 'BN-1', options: { method: 'norm' } },
    { id: 'tent', label: 'TENT', options: { method: 'tent' } },
  ],
})
/** Images that the device holds, after so many whole batches of a session; more run it out of memory. */
let holds = { images: Infinity, after: 0 }
let store: Store
let runs: Runs

beforeAll(() => {
  store = openStore(join(folder, 'palm.sqlite'))
  runs = openRuns({
    program: 'test',
    store,
    dataFolder: folder,
    resourcesFolder: sourceFolders.resources,
    startSession: sessionsHere(() => ({
      ...tensorFlowSources(false),
      cpu: () => smallDevice(),
      webgpu: () => Promise.reject(new Error('there is none')),
    })),
    workers: 1,
    preview: false,
    now: Date.now,
  })
})
afterAll(async () => {
  await runs.sessions.close()
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

function smallDevice(): Device {
  const device = loadDevice()
  let batches = 0
  return {
    ...device,
    fromBytes(data, shape) {
      // The look before a run takes other numbers of images than its batches have.
      const [images = 0] = shape
      if (images === 20 && ++batches > holds.after && images > holds.images)
        throw new PalmError('out-of-memory', 'The card is full.')
      return device.fromBytes(data, shape)
    },
  }
}

async function ran(act: () => number): Promise<number> {
  const run = act()
  await runs.sessions.over(run)
  return run
}
const steps = (run: number) => outcomeOf(store, run).steps
const answers = (run: number) =>
  outcomeOf(store, run).predictions.flatMap(({ lanes }) => Array.from(lanes.get('tent')?.classes ?? []))

describe('a batch that does not fit into the memory', () => {
  test('is said, with the way to go on; nothing is halved by itself', async () => {
    holds = { images: 10, after: 3 }
    const run = await ran(() => runs.sessions.start(options))
    expect(store.runs.get(run)).toMatchObject({
      status: 'failed',
      error: { code: 'out-of-memory', message: expect.stringMatching(/halve-batch.*others than those of whole/) },
    })
    runs.sessions.resume(run)
    await runs.sessions.over(run)
    expect(store.runs.get(run)).toMatchObject({ status: 'failed', error: { code: 'out-of-memory' } })
    expect(store.runs.plan(run)?.halvings).toBeUndefined()
  })

  test('halved on request, the run goes on, keeps what it had, and says from where on its batches are smaller', async () => {
    holds = { images: Infinity, after: 0 }
    const whole = steps(await ran(() => runs.sessions.start(options)))
    const random = chance(50)
    for (let round = 0; round < times(2, 20); round++) {
      holds = { images: 10, after: random.randint(1, 7) }
      const run = await ran(() => runs.sessions.start(options))
      const from = store.runs.get(run).step
      // What was recorded since the last state is computed again as it was.
      holds = { images: 10, after: from % 4 }
      runs.sessions.resume(run, null, true)
      await runs.sessions.over(run)
      expect(store.runs.get(run).error).toBeNull()
      const plan = store.runs.plan(run)
      expect(plan?.halvings).toEqual([{ from, parts: 2 }])
      expect(halvingText(plan?.halvings ?? [], 20)).toBe(`From step ${from + 1} on in batches of 10: memory ran out.`)
      const now = steps(run)
      const before = (all: typeof now) => all.filter(({ step }) => step < from)
      expect(before(now)).toEqual(before(whole))
      expect(now.map(({ images }) => images)).toEqual(whole.map(({ images }) => images))
      expect(now.filter(({ step }) => step >= from)).not.toEqual(whole.filter(({ step }) => step >= from))
    }
  })

  test('halved from the start, every number is that of a run with batches of half the size', async () => {
    holds = { images: 10, after: 0 }
    const run = await ran(() => runs.sessions.start(options))
    expect(store.runs.get(run).step).toBe(0)
    runs.sessions.resume(run, null, true)
    await runs.sessions.over(run)
    const small = await ran(() => runs.sessions.start({ ...options, batchSize: 10 }))
    expect(answers(run)).toEqual(answers(small))
    const sum = (of: number) => steps(of).reduce((all, { correct }) => all + correct, 0)
    expect(sum(run)).toBe(sum(small))
    const weights = (of: number) => outcomeOf(store, of).checkpoints.map(({ bytes }) => bytes)
    expect(weights(run).length).toBeGreaterThan(0)
    const rightIn = (of: number) =>
      outcomeOf(store, of).domains.map(({ lane, domain, images, correct }) => [lane, domain, images, correct])
    expect(rightIn(run)).toEqual(rightIn(small))
    // Whoever lays it beside a run of whole batches is told.
    holds = { images: Infinity, after: 0 }
    const whole = await ran(() => runs.sessions.start(options))
    expect(mismatches(comparisonOf(store, [run, whole]).runs)).toContainEqual(
      expect.objectContaining({ kind: 'stream' }),
    )
  })

  test('stopped and resumed, a halved run stays halved and ends with the same numbers', async () => {
    holds = { images: 10, after: 2 }
    const first = await ran(() => runs.sessions.start(options))
    const second = await ran(() => runs.sessions.start(options))
    const from = store.runs.get(first).step
    expect(store.runs.get(second).step).toBe(from)
    holds = { images: 10, after: from % 4 }
    runs.sessions.resume(first, null, true)
    await runs.sessions.over(first)
    runs.sessions.resume(second, null, true)
    let heard = 0
    const stop = runs.feeds.follow(second, {
      snapshot: () => undefined,
      event: (event) => event.event === 'step' && ++heard === 2 && runs.sessions.stop(second),
      error: (error) => expect.fail(error.message),
    })
    await runs.sessions.over(second)
    stop()
    expect(store.runs.get(second).status).toBe('stopped')
    runs.sessions.resume(second)
    await runs.sessions.over(second)
    expect(outcomeOf(store, second)).toEqual(outcomeOf(store, first))
    expect(store.runs.plan(second)?.halvings).toEqual([{ from, parts: 2 }])
  })

  test('that is one image, belongs to a sweep or has a window is not halved, and why is said', async () => {
    holds = { images: Infinity, after: 0 }
    const one = await ran(() => runs.sessions.start({ ...options, limit: 2, batchSize: 1 }))
    store.runs.setStatus(one, 'failed', null, 1)
    expect(() => runs.sessions.resume(one, null, true)).toThrow(/one image in each/)
    const window = await ran(() => runs.sessions.start({ ...options, limit: 20, window: 40 }))
    store.runs.setStatus(window, 'failed', null, 1)
    expect(() => runs.sessions.resume(window, null, true)).toThrow(/window of 40/)
  })
})

test('parts of a batch are as even as can be, in order, and never empty', () => {
  expect(inParts(10, 1)).toEqual([[0, 10]])
  expect(inParts(10, 4)).toEqual([
    [0, 3],
    [3, 6],
    [6, 9],
    [9, 10],
  ])
  expect(inParts(3, 8)).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ])
  expect(halvedFrom([{ from: 2, parts: 2 }], 5)).toEqual([
    { from: 2, parts: 2 },
    { from: 5, parts: 4 },
  ])
  expect(halvedFrom([{ from: 5, parts: 2 }], 5)).toEqual([{ from: 5, parts: 4 }])
  expect([0, 4, 5, 9].map((step) => partsAt([{ from: 5, parts: 2 }], step))).toEqual([1, 1, 2, 2])
})
