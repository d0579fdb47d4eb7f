// Branches and the account of disk space, over real files.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SpaceOfRun } from '#contract/data/storage.ts'
import type { RunPlan, StepReport } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { openStore, type Store } from '#store/store.ts'

const options = runOptionsSchema.parse({
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [
    { id: 'palm', label: 'PALM', options: { method: 'palm' } },
    { id: 'tent', label: 'TENT', options: { method: 'tent' } },
  ],
})
/** Piece by piece, to the end. */
function spaceOf(store: Store, run: number): SpaceOfRun {
  const measuring = store.space.ofRun(run)
  let piece = measuring.next()
  while (!piece.done) piece = measuring.next()
  return piece.value
}
const plan = {
  domains: [0, 1, 2].map((index) => ({
    index,
    name: `fog ${index + 1}`,
    corruption: 'fog',
    severity: 5,
    images: 20,
    steps: 2,
    firstStep: 2 * index,
  })),
  totalSteps: 6,
  totalImages: 60,
  family: 'cifar',
  inputName: 'sample',
  inputHash: '',
  sourceHash: null,
  look: null,
  cleanCheck: null,
  network: null,
  model: {
    name: 'm',
    path: null,
    hash: '',
    architecture: '',
    parameters: 1,
    classes: 2,
    classNames: ['a', 'b'],
    normalization: { mean: [0], std: [1] },
    inputSize: { width: 8, height: 8 },
  },
  lanes: [],
  versions: {},
} satisfies RunPlan
const report = (lane: string, step: number): StepReport => ({
  lane,
  step,
  domain: Math.floor(step / 2),
  images: 10,
  labelled: 10,
  correct: 5 + step,
  seen: 10 * (step + 1),
  losses: {},
  kept: null,
  adaptedShare: 0.5,
  meanConfidence: 0.5,
  meanEntropy: 1,
  agreement: null,
  estimate: null,
  predicted: {},
  stepMs: 1,
  peakBytes: 0,
  layers: {
    states: [3, 3],
    scores: [null, null],
    importances: [null, null],
    learningRates: [1, 2],
    changes: [0, null],
  },
})

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-travel-store-'))
  file = join(folder, 'palm.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Six steps in three domains, each with checkpoints of a megabyte's part. */
function filled(store: Store, guard = false): number {
  return store.transaction(() => {
    const run = store.runs.createRun({ ...options, guard }, 1)
    store.runs.setPlan(run, plan)
    for (let step = 0; step < 6; step++) {
      for (const lane of ['palm', 'tent']) {
        store.steps.insert(run, report(lane, step))
        if (step % 2 === 1)
          store.checkpoints.insert(run, lane, step, (step - 1) / 2, new Uint8Array(100_000).fill(step), 1)
      }
      if (step % 2 === 1)
        for (const metric of store.steps.domainSums(run, (step - 1) / 2)) store.steps.insertDomain(run, metric)
    }
    store.collapses.insert(run, { lane: 'tent', step: 1, kind: 'few-classes', restored: null })
    store.collapses.insert(run, { lane: 'tent', step: 5, kind: 'few-classes', restored: null })
    store.skipped.put(run, [{ path: 'a.png', reason: 'cut' }])
    store.changes.insert(run, { lane: 'palm', option: 'kappa', from: 1, to: 2, step: 2, at: 9 })
    store.changes.insert(run, { lane: 'palm', option: 'kappa', from: 2, to: 3, step: 4, at: 9 })
    store.runs.setStatus(run, 'done', null, 5)
    return run
  })
}

describe('a branch', () => {
  test('has the rows of its parent up to the step, the checkpoints and states at it, and stands when the parent is gone', () => {
    const store = openStore(file)
    const parent = filled(store)
    const before = store.snapshot(parent)
    const run = store.transaction(() =>
      store.branches.create(
        { parent, step: 3, domain: 1 },
        { ...options, name: 'branch' },
        [{ lane: 'tent', option: 'learningRate', from: 1, to: 2, step: 4, at: 8 }],
        10,
      ),
    )
    expect(store.steps.all(run)).toEqual([]) // they come with its session
    while (store.branches.inheritSome(run)) continue
    expect(store.branches.inheritSome(parent)).toBe(false)
    const {
      run: summary,
      steps,
      domains,
      checkpoints,
      collapses,
      skipped,
      progress,
      plan: copied,
    } = store.snapshot(run)
    expect(summary).toMatchObject({
      name: 'branch',
      status: 'queued',
      parent: { run: parent, step: 3 },
      step: 4,
      totalSteps: 6,
      createdAt: 10,
    })
    expect(summary.changes.map(({ lane, step, to }) => [lane, step, to])).toEqual([
      ['palm', 2, 2],
      ['tent', 4, 2],
    ])
    expect(steps.map(({ lane, count }) => [lane, count])).toEqual([
      ['palm', 4],
      ['tent', 4],
    ])
    expect(store.steps.all(run)).toEqual(store.steps.all(parent).filter(({ step }) => step <= 3))
    expect(domains).toEqual(before.domains.filter(({ domain }) => domain <= 1))
    expect(collapses).toEqual(before.collapses.slice(0, 1))
    expect(skipped).toEqual(before.skipped)
    expect(progress).toMatchObject({ step: 4, totalSteps: 6, images: 40 })
    expect(copied).toEqual(before.plan)
    expect(checkpoints.map(({ lane, step }) => [lane, step])).toEqual([
      ['palm', 3],
      ['tent', 3],
    ])
    expect(
      store.checkpoints.resumeStates(run).map(({ lane, step, state }) => [lane, step, state[0], state.length]),
    ).toEqual([
      ['palm', 3, 3, 100_000],
      ['tent', 3, 3, 100_000],
    ])
    expect(store.branches.pointsOf(parent)).toEqual([3])
    expect(store.snapshot(parent)).toEqual(before)
    store.runs.setDeleted(parent, 1)
    store.runs.purge(2)
    expect(store.steps.all(run)).toHaveLength(8)
    store.close()
  })

  test('of a run with the guard has the earlier checkpoints too: a lane may be put back to one of them', () => {
    const store = openStore(file)
    const parent = filled(store, true)
    const run = store.transaction(() =>
      store.branches.create({ parent, step: 3, domain: 1 }, { ...options, guard: true }, [], 10),
    )
    expect(store.checkpoints.list(run).map(({ step }) => step)).toEqual([1, 1, 3, 3])
    store.close()
  })

  test('of thousands of steps has them all', () => {
    const store = openStore(file)
    const wide = {
      states: new Array<number>(160).fill(3),
      scores: new Array<null>(160).fill(null),
      importances: new Array<null>(160).fill(null),
      learningRates: new Array<number>(160).fill(1),
      changes: null,
    }
    const run = store.transaction(() => {
      const made = store.runs.createRun(options, 1)
      store.runs.setPlan(made, plan)
      for (let step = 0; step < 3_000; step++)
        for (const lane of ['a', 'b', 'c', 'd'])
          store.steps.insert(made, { ...report(lane, step), domain: 0, layers: wide })
      store.checkpoints.insert(made, 'palm', 2_999, 0, new Uint8Array(10), 1)
      return made
    })
    const begun = performance.now()
    const branch = store.transaction(() =>
      store.branches.create({ parent: run, step: 2_999, domain: 0 }, options, [], 2),
    )
    const made = performance.now() - begun
    store.branches.inheritSome(branch)
    // A branch of a branch that was cut off gets all there is.
    const twice = store.transaction(() =>
      store.branches.create({ parent: branch, step: 2_999, domain: 0 }, options, [], 3),
    )
    while (store.branches.inheritSome(twice)) continue
    expect(spaceOf(store, twice).stepBytes).toBe(spaceOf(store, run).stepBytes)
    expect(spaceOf(store, branch).stepBytes).toBe(spaceOf(store, run).stepBytes)
    console.log(
      `a branch of 3,000 steps of 4 lanes and 160 tensors: made in ${Math.round(made)} ms, two times inherited by its session in ${Math.round(performance.now() - begun - made)} ms`,
    )
    expect(spaceOf(store, run).stepBytes).toBeGreaterThan(12_000 * 160 * 13)
    store.close()
  })
})

describe('disk space', () => {
  test('is told per run and of the file, and given back a little at a time', () => {
    const store = openStore(file)
    const run = filled(store)
    store.checkpoints.putResumeState(run, 'palm', 5, new Uint8Array(5000))
    expect(spaceOf(store, run)).toMatchObject({
      run,
      checkpoints: 6,
      checkpointBytes: expect.closeTo(600_000, -4),
      stateBytes: expect.closeTo(5000, -2),
    })
    const { fileBytes, releasable } = store.space.ofFile()
    expect(releasable).toBe(true)
    store.transaction(() =>
      store.checkpoints.remove(
        run,
        store.checkpoints
          .list(run)
          .slice(0, 4)
          .map(({ id }) => id),
      ),
    )
    expect(store.space.ofFile().freeBytes).toBeGreaterThan(350_000)
    let rounds = 0
    while (store.space.release(10) > 0) rounds += 1
    expect(rounds).toBeGreaterThan(5)
    expect(store.space.ofFile()).toMatchObject({ freeBytes: 0 })
    expect(store.space.ofFile().fileBytes).toBeLessThan(fileBytes - 350_000)
    expect(statSync(file).size).toBe(store.space.ofFile().fileBytes)
    store.close()
  })

  test('of an old file is given back by writing it anew once', () => {
    const old = new Database(file)
    old.pragma('auto_vacuum = NONE')
    old.exec('CREATE TABLE x (y)')
    old.exec('DROP TABLE x')
    old.close()
    const store = openStore(file)
    const run = filled(store)
    expect(store.space.ofFile().releasable).toBe(false)
    store.transaction(() =>
      store.checkpoints.remove(
        run,
        store.checkpoints
          .list(run)
          .slice(0, 4)
          .map(({ id }) => id),
      ),
    )
    store.rewriteFile()
    expect(store.space.ofFile()).toMatchObject({ releasable: true, freeBytes: 0 })
    expect(store.checkpoints.list(run)).toHaveLength(2)
    store.close()
  })
})
