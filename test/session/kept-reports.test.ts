// What is kept of the tensor reports of a long run, as its session thins them stretch by stretch; and that nothing else of it goes.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { settingsKey } from '#contract/app/settings.ts'
import { keptReports, longRunSteps } from '#contract/runs/kept-reports.ts'
import { keptReportsNow } from '#session/core/kept-reports.ts'
import { Recorder } from '#session/core/recorder.ts'
import { openStore, type Store } from '#store/store.ts'
import { planFor, reportOf, storeRun } from '#test/helpers/stored-runs.ts'

let folder: string
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-reports-'))
  store = openStore(join(folder, 'palm.sqlite'))
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

const layers = { states: [2], scores: [1], importances: [1], learningRates: [1], changes: null }
const reports = { every: 8, newest: 512 }
const total = 1536

/** Three domains of 500 steps and one of 36; what happens in the second one keeps its reports. */
function longRun(): { run: number; ends: () => void; kept: () => number[] } {
  const run = storeRun(store, { stepsPerDomain: 0, methods: ['palm'] })
  const domains = [0, 500, 1000, 1500].map((firstStep, index) => ({
    ...(planFor(['fog'], 1, { input: 'a', model: 'b' }).domains[0] as object),
    index,
    firstStep,
    steps: Math.min(500, total - firstStep),
  }))
  const recorder = new Recorder(store, run, { send: () => undefined, onMessage: () => undefined }, () => 0)
  store.collapses.insert(run, { lane: 'palm', step: 601, kind: 'few-classes', restored: null })
  store.changes.insert(run, { lane: 'palm', option: 'eta', from: 1, to: 2, step: 603, at: 1 })
  store.checkpoints.insert(run, 'palm', 605, 1, Uint8Array.of(1), 1)
  return {
    run,
    ends: () =>
      recorder.record(() => {
        for (let step = 0; step < total; step++) {
          store.steps.insert(run, reportOf('palm', step, 0, 3, { layers }))
          if ((step + 1) % 512 === 0) recorder.stretchEnds(step, { reports }, domains as never)
        }
      }),
    kept: () => store.steps.layerBlobs(run, 'palm', 0, total).map(({ step }) => step),
  }
}

test('of old steps every 8th, and those at which something happened; of the newest all', () => {
  const { run, ends, kept } = longRun()
  ends()
  const all = Array.from({ length: total }, (_, step) => step)
  const happened = [499, 601, 603, 605, 999]
  expect(kept()).toEqual(all.filter((step) => step >= total - 512 || step % 8 === 0 || happened.includes(step)))
  expect(store.steps.all(run).map(({ step }) => step)).toEqual(all)
  expect(store.steps.columns(run)[0]?.count).toBe(total)
})

test('a run that a sweep counts on keeps all', () => {
  const { run, ends, kept } = longRun()
  store.cells.put('key', run, 'palm')
  ends()
  expect(kept()).toHaveLength(total)
})

test('short runs keep all, and so does everybody who wants that; a setting that cannot be read is the usual one', () => {
  expect(keptReports('thin', longRunSteps)).toBe(null)
  expect(keptReports('thin', longRunSteps + 1)).toEqual({ every: 8, newest: 4096 })
  expect(keptReportsNow(store, 100_000)).toEqual({ every: 8, newest: 4096 })
  expect(keptReportsNow(store, null)).not.toBe(null)
  store.settings.set(settingsKey, { theme: 'dark', tensorReports: 'all' })
  expect(keptReportsNow(store, 100_000)).toBe(null)
  store.settings.set(settingsKey, { tensorReports: 'some' })
  expect(keptReportsNow(store, 100_000)).not.toBe(null)
})
