// The comparison without a page: its state over the program's own messages, answered by the real services and store; and the lines it draws.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from '#app/rpc/client.ts'
import { portPair } from '#app/rpc/port.ts'
import { serve } from '#app/rpc/server.ts'
import { comparisonOf, curvesOfRuns } from '#app/services/runs/compare.ts'
import type { LaneCurve } from '#contract/compare/compare.ts'
import { openStore, type Store } from '#store/store.ts'
import { addressOf, runsOfAddress } from '#renderer/lib/runs/compare-address.ts'
import { aligned, placesOf, smoothedValues, spreadRows } from '#renderer/lib/curves/compare-curves.ts'
import { Compare } from '#renderer/state/history/compare.svelte.ts'
import { tableOfHandlers, tableOfSubscribers } from '#test/app/rpc/tables.ts'
import { storeRun } from '#test/helpers/stored-runs.ts'

let folder: string
let store: Store
let compare: Compare
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-compare-'))
  store = openStore(join(folder, 'palm.sqlite'))
  const [near, far] = portPair()
  serve(
    far,
    tableOfHandlers({
      'runs.compare': ({ runs }) => comparisonOf(store, runs),
      'runs.curves': ({ runs, points }) => curvesOfRuns(store, runs, points),
    }),
    tableOfSubscribers({}),
  )
  compare = new Compare(createClient(near))
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

test('runs are opened, their lines drawn, their differing settings shown, and one is left out again', async () => {
  const runs = [
    storeRun(store),
    storeRun(store, { options: { batchSize: 50, seed: 4 } }),
    storeRun(store, { inputHash: 'ffffffffffff' }),
  ]
  expect(await compare.open(runs)).toBe(true)
  expect(compare.lines.map(({ label, index }) => [label, index])).toEqual([
    ['Source (run 1)', 0],
    ['PALM (run 1)', 1],
    ['Source (run 2)', 2],
    ['PALM (run 2)', 3],
    ['Source (run 3)', 4],
    ['PALM (run 3)', 5],
  ])
  expect(compare.lines[1]?.ys.at(-1)).toBeCloseTo(75, 9)
  expect(compare.settings.map(({ path, values }) => [path, ...values])).toEqual([
    ['input.hash', 'aaaaaaaaaaaa', 'aaaaaaaaaaaa', 'ffffffffffff'],
    ['batchSize', '100', '50', '100'],
    ['seed', '0', '4', '0'],
  ])
  compare.everything = true
  expect(compare.settings.length).toBe(compare.settingCounts.all)
  expect(compare.warnings.map(({ kind }) => kind)).toEqual(['images', 'stream'])
  compare.leaveOut(3)
  expect(compare.runs).toEqual([1, 2])
  expect(compare.warnings.map(({ kind }) => kind)).toEqual(['stream'])
  expect(compare.lines.map(({ index }) => index)).toEqual([0, 1, 2, 3])
})

test('the table turns, and is written as it stands', async () => {
  await compare.open([storeRun(store), storeRun(store, { options: { batchSize: 50 } })])
  expect(compare.table?.head).toEqual(['error %', 'Source (run 1)', 'PALM (run 1)', 'Source (run 2)', 'PALM (run 2)'])
  expect(compare.table?.rows.map(({ label }) => label)).toEqual(['fog', 'snow', 'mean', 'gain'])
  compare.turned = true
  expect(compare.table?.rows.map(({ label }) => label)).toEqual([
    'Source (run 1)',
    'PALM (run 1)',
    'Source (run 2)',
    'PALM (run 2)',
  ])
  compare.turned = false
  compare.kind = 'means'
  expect(compare.table?.rows.map(({ label }) => label)).toEqual(['run 1: EuroSAT sample', 'run 2: EuroSAT sample'])
  expect(compare.tableText('csv').split('\n')[1]).toBe('run 1: EuroSAT sample,50,25')
})

test('many runs begin with one method; a line keeps its colour; more than twenty are refused', async () => {
  const runs = Array.from({ length: 22 }, (_, i) =>
    storeRun(store, { options: { seed: i, batchSize: 10 + i }, methods: ['source', 'tent', 'palm'] }),
  )
  await compare.open(runs)
  expect(compare.runs).toHaveLength(20)
  expect(compare.lines).toHaveLength(20)
  expect(new Set(compare.choices.filter(({ index }) => index !== null).map(({ method }) => method))).toEqual(
    new Set(['palm']),
  )
  expect(compare.toggle('1 source')).toBe(false)
  expect(compare.toggle('2 palm')).toBe(true)
  expect(compare.toggle('1 source')).toBe(true)
  expect(compare.lines.find(({ key }) => key === '1 source')?.index).toBe(1)
  expect(compare.lines.find(({ key }) => key === '3 palm')?.index).toBe(2)
  compare.only('tent')
  expect(compare.lines.map(({ key }) => key.split(' ')[1])).toEqual(Array(20).fill('tent'))
})

test('runs that are gone are named, and the others are shown; a run that goes on is read again', async () => {
  const run = storeRun(store, { domains: ['fog 5'] })
  expect(await compare.open([77, run])).toBe(true)
  expect(compare.comparison?.missing).toEqual([77])
  store.runs.change(run, { name: 'Renamed' })
  compare.heard(store.runs.get(run))
  await expect.poll(() => compare.comparison?.runs[0]?.summary.name).toBe('Renamed')
})

describe('lines', () => {
  const curve: LaneCurve = {
    lane: 'palm',
    steps: [1, 2, 3, 4],
    seen: [10, 40, 50, 60],
    images: [10, 30, 10, 10],
    labelled: [10, 30, 0, 10],
    correct: [10, 15, 0, 0],
    confidence: [1, 0.5, null, 0],
    entropy: [2, 1, 0, 0],
    agreement: [null, null, null, null],
    estimate: [null, null, null, null],
    adaptedShare: [0, 0, 0, 0],
  }
  const totals = { totalSteps: 4, totalImages: 60 }

  test('are smoothed over a share of the stream, by images; a point without a value is a gap only where nothing else is in the window', () => {
    expect(smoothedValues(curve, 'accuracy', 0, totals)).toEqual([100, 50, null, 0])
    expect(smoothedValues(curve, 'accuracy', 1, totals)).toEqual([100, 62.5, 62.5, 50])
    // 20 of 60 images: the newest two small points, or the large one alone
    expect(smoothedValues(curve, 'accuracy', 20 / 60, totals).at(-1)).toBe(0)
    expect(smoothedValues(curve, 'entropy', 1, totals)[1]).toBeCloseTo((2 * 10 + 30) / 40, 12)
    expect(smoothedValues(curve, 'confidence', 0, totals)).toEqual([100, 50, null, 0])
  })

  test('lie over steps, images or the share of the stream', () => {
    expect(placesOf(curve, 'steps', totals)).toEqual([1, 2, 3, 4])
    expect(placesOf(curve, 'images', totals)).toEqual([10, 40, 50, 60])
    expect(placesOf(curve, 'share', totals)[3]).toBe(100)
  })

  test('of other lengths are brought to common places: straight between two points, nothing beyond them or beside a gap', () => {
    const { xs, rows } = aligned([
      { xs: [0, 10], ys: [0, 10] },
      { xs: [5, 10, 20, 30], ys: [1, null, 3, 4] },
    ])
    expect(xs).toEqual([0, 5, 10, 20, 30])
    expect(rows).toEqual([
      [0, 5, 10, null, null],
      [null, 1, null, 3, 4],
    ])
    const many = aligned(
      [{ xs: Array.from({ length: 5000 }, (_, i) => i), ys: Array.from({ length: 5000 }, (_, i) => i) }],
      100,
    )
    expect(many.xs).toHaveLength(100)
    expect(many.rows[0]?.every((value, i) => Math.abs((value ?? Number.NaN) - (many.xs[i] as number)) < 1e-9)).toBe(
      true,
    )
  })

  test('have a table of a few evenly spread rows, the first and the last among them', () => {
    expect(spreadRows(3, 5)).toEqual([0, 1, 2])
    expect(spreadRows(1000, 3)).toEqual([0, 500, 999])
  })
})

test('the address names the runs; others than its own are none', () => {
  expect(addressOf([3, 1])).toBe('#compare=3,1')
  expect(runsOfAddress('#compare=3,1,3')).toEqual([3, 1])
  expect(runsOfAddress('')).toBeNull()
  expect(runsOfAddress('#compare=')).toBeNull()
  expect(runsOfAddress('#compare=1,x')).toBeNull()
  expect(runsOfAddress('#compare=0')).toBeNull()
  expect(runsOfAddress(`#compare=${Array.from({ length: 50 }, (_, i) => i + 1).join(',')}`)).toHaveLength(20)
})
