// What a comparison is made from, read from a real store: reduced curves weighted by images, runs without their bulk, runs that are gone named.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { comparisonOf, curvesOfRuns } from '#app/services/runs/compare.ts'
import { comparisonSchema, runCurvesSchema } from '#contract/compare/compare.ts'
import { openStore, type Store } from '#store/store.ts'
import { reportOf, storeRun } from '#test/helpers/stored-runs.ts'

let folder: string
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-compare-'))
  store = openStore(join(folder, 'palm.sqlite'))
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a run with fewer steps than points comes whole', async () => {
  const run = storeRun(store, { accuracy: (lane, step) => (lane === 'palm' ? step / 10 : 0.5) })
  const [curves] = await curvesOfRuns(store, [run], 1000)
  expect(curves).toMatchObject({ run, totalSteps: 10, totalImages: 200 })
  const palm = curves?.lanes.find(({ lane }) => lane === 'palm')
  expect(palm?.steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(palm?.seen).toEqual([20, 40, 60, 80, 100, 120, 140, 160, 180, 200])
  expect(palm?.correct).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18])
  expect(palm?.agreement).toEqual(Array(10).fill(null))
  expect(runCurvesSchema.parse(curves)).toEqual(curves)
})

test('a point over several steps is a mean by images, of those that know the value', async () => {
  const run = storeRun(store, { methods: ['palm'], domains: [] })
  store.steps.insert(run, reportOf('palm', 0, 0, 10, { images: 10, labelled: 10, meanConfidence: 0.9, agreement: 0.5 }))
  store.steps.insert(
    run,
    reportOf('palm', 1, 0, 3, { images: 30, labelled: 6, meanConfidence: 0.5, agreement: null, seen: 40 }),
  )
  store.steps.insert(run, reportOf('palm', 2, 0, 0, { images: 10, labelled: 0, meanConfidence: 0.1, seen: 50 }))
  const [lane] = (await curvesOfRuns(store, [run], 1))[0]?.lanes ?? []
  expect(lane).toMatchObject({ steps: [3], seen: [50], images: [50], labelled: [16], correct: [13] })
  expect(lane?.confidence[0]).toBeCloseTo((10 * 0.9 + 30 * 0.5 + 10 * 0.1) / 50, 12)
  expect(lane?.agreement[0]).toBeCloseTo(0.5, 12)
})

test('ten thousand steps of four lanes are a thousand points each, with the same sums', async () => {
  const run = storeRun(store, { methods: ['source', 'norm', 'tent', 'palm'], stepsPerDomain: 5000 })
  const started = performance.now()
  const [curves] = await curvesOfRuns(store, [run], 1000)
  console.log(
    `curves of 40,000 reports: ${Math.round(performance.now() - started)} ms, ${Math.round(JSON.stringify(curves).length / 1024)} KiB`,
  )
  expect(curves?.lanes.map(({ steps }) => steps.length)).toEqual([1000, 1000, 1000, 1000])
  for (const { lane, images, correct } of curves?.lanes ?? []) {
    expect(images.reduce((sum, count) => sum + count, 0)).toBe(200_000)
    expect(correct.reduce((sum, count) => sum + count, 0)).toBe(lane === 'source' ? 100_000 : 150_000)
  }
})

test('runs come in the order asked for, without classes and tensors, and those that are gone are named', async () => {
  const [first, second] = [storeRun(store, { options: { seed: 1 } }), storeRun(store)]
  const comparison = comparisonOf(store, [second, 999, first, second])
  expect(comparison.runs.map(({ summary }) => summary.id)).toEqual([second, first])
  expect(comparison.missing).toEqual([999])
  expect(comparisonSchema.parse(comparison)).toEqual(comparison)
  expect(JSON.stringify(comparison.runs.map(({ plan }) => plan))).not.toContain('class 3')
  expect(comparison.runs[0]?.plan?.domains).toEqual(['fog 5', 'snow 5'])
  expect(await curvesOfRuns(store, [999], 10)).toEqual([])
})
