// The database file: opened, migrated, refused in words; rows come back as they went in.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LayerReport, RunPlan, StepReport } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { decodeLayers, encodeLayers } from '#store/codecs/layer-blob.ts'
import { sweepDefinitionSchema } from '#contract/sweeps/sweep.ts'
import { openStore } from '#store/store.ts'
import { columnsOf } from '#test/helpers/step-columns.ts'

const options = runOptionsSchema.parse({
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [{ id: 'palm', label: 'PALM', options: { method: 'palm' } }],
})
const layers: LayerReport = {
  states: [0, 1, 2],
  scores: [0.5, Math.fround(1e-7), 3],
  importances: [0, 1, null],
  learningRates: [0, Math.fround(5e-4), 1],
  changes: [0, Math.fround(0.01), null],
}
const step: StepReport = {
  lane: 'palm',
  step: 0,
  domain: 0,
  images: 10,
  labelled: 8,
  correct: 5,
  seen: 10,
  losses: { kl: 23.4, entropy: null },
  kept: 3,
  adaptedShare: 0.25,
  meanConfidence: 0.7,
  meanEntropy: 0.9,
  agreement: 0.5,
  estimate: null,
  predicted: { 3: 6, 7: 4 },
  peakBytes: 4096,
  stepMs: 12,
  layers,
}

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-store-'))
  file = join(folder, 'palm.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the store', () => {
  test('keeps a run, its steps, sums, checkpoints and settings', () => {
    const store = openStore(file)
    const run = store.runs.createRun(options, 1000)
    store.transaction(() => store.steps.insert(run, step))
    const [metric] = store.steps.domainSums(run, 0)
    expect(metric).toEqual({
      lane: 'palm',
      domain: 0,
      images: 10,
      labelled: 8,
      correct: 5,
      confidence: 0.7,
      entropy: 0.9,
      agreement: 0.5,
      estimate: null,
    })
    if (metric) store.steps.insertDomain(run, metric)
    const checkpoint = store.checkpoints.insert(run, 'palm', 0, 0, Uint8Array.of(1, 2, 3), 5)
    expect(store.checkpoints.delta(run, checkpoint.id).delta).toEqual(Buffer.from([1, 2, 3]))
    store.settings.set('settings', { theme: 'dark' })
    const seq = store.runs.setStatus(run, 'done', null, 2000)
    store.close()
    const again = openStore(file)
    const snapshot = again.snapshot(run)
    expect(snapshot.seq).toBe(seq)
    expect(again.steps.all(run)).toEqual([step])
    expect(snapshot.steps).toEqual(columnsOf([step]))
    expect(snapshot.run).toMatchObject({ status: 'done', finishedAt: 2000, options })
    expect(snapshot.run.lanes[0]?.meanErrorPct).toBeCloseTo(37.5)
    expect(again.settings.get('settings')).toEqual({ theme: 'dark' })
    again.close()
  })

  test('a domain is summed over its own steps, from where the plan says that it begins', () => {
    const store = openStore(file)
    const run = store.runs.createRun(options, 1)
    for (const at of [0, 1, 2, 3]) store.steps.insert(run, { ...step, step: at, domain: at < 2 ? 0 : 1, correct: at })
    const sums = () =>
      [0, 1, 2].map((domain) => store.steps.domainSums(run, domain).map(({ images, correct }) => [images, correct]))
    const expected = [[[20, 1]], [[20, 5]], []]
    expect(sums()).toEqual(expected)
    store.runs.setPlan(run, { domains: [{ firstStep: 0 }, { firstStep: 2 }], totalSteps: 4 } as unknown as RunPlan)
    expect(sums()).toEqual(expected)
    store.runs.setPlan(run, { domains: [{ firstStep: 0 }, { firstStep: 3 }], totalSteps: 4 } as unknown as RunPlan)
    expect(sums()[1], 'the plan is what is gone by').toEqual([[10, 3]])
    store.close()
  })

  test('a transaction that fails leaves nothing behind', () => {
    const store = openStore(file)
    const run = store.runs.createRun(options, 1)
    expect(() =>
      store.transaction(() => {
        store.steps.insert(run, step)
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(store.steps.all(run)).toEqual([])
    store.close()
  })

  test('a run that does not exist is said by number', () => {
    const store = openStore(file)
    expect(() => store.snapshot(77)).toThrow(/no run 77/)
    store.close()
  })

  test('a file that is no database is refused by name and left as it is', () => {
    writeFileSync(file, 'this is no database, but it is long enough to be looked at'.repeat(100))
    expect(() => openStore(file)).toThrow(/palm\.sqlite is not a readable database/)
    expect(existsSync(file)).toBe(true)
  })

  test('a file of a newer version is refused', () => {
    const db = new Database(file)
    db.pragma('user_version = 99')
    db.close()
    expect(() => openStore(file)).toThrow(/newer version/)
  })

  test('a damaged row names itself', () => {
    const store = openStore(file)
    const run = store.runs.createRun(options, 1)
    store.close()
    const db = new Database(file)
    db.prepare('UPDATE runs SET options = ? WHERE id = ?').run('{"input":1}', run)
    db.close()
    const again = openStore(file)
    expect(() => again.snapshot(run)).toThrow(/does not fit \(options of run 1\)/)
    again.close()
  })
})

describe('sweeps', () => {
  test('a sweep is found by name or number, replaced by one of its name, and a missing one is said', () => {
    const store = openStore(file)
    const definition = sweepDefinitionSchema.parse({
      name: 'mine',
      inputs: [{ kind: 'sample' }],
      models: [{ kind: 'sample' }],
      preset: 'sample',
      methods: ['source'],
    })
    const id = store.sweeps.put(definition, 1)
    expect(store.sweeps.put({ ...definition, seeds: [1, 2] }, 2)).toBe(id)
    expect(store.sweeps.get('mine').definition.seeds).toEqual([1, 2])
    expect(store.sweeps.get(String(id)).name).toBe('mine')
    expect(() => store.sweeps.get('yours')).toThrow(/no sweep “yours”/)
    store.close()
  })
})

test('a layer report survives its blob, and a cut one is refused', () => {
  const blob = encodeLayers(layers)
  expect(decodeLayers(blob)).toEqual(layers)
  expect(() => decodeLayers(blob.subarray(0, blob.length - 1))).toThrow(/layer report/)
  expect(() => decodeLayers(Uint8Array.from(blob).fill(9, 0, 1))).toThrow(/layer report/)
})

test('a layer report of version 1, which knew no changes, is read as it was, wherever in a buffer it lies', () => {
  const old = Buffer.from('010000000300000000010200', 'hex')
  const expected = {
    states: [0, 1, 2],
    scores: [0.5, Math.fround(1e-7), 3],
    importances: [0, 1, null],
    learningRates: [0, Math.fround(5e-4), 1],
    changes: null,
  }
  const bytes = encodeLayers(expected)
  expect([...bytes.subarray(0, 12)]).toEqual([...old.subarray(0, 12)])
  for (const offset of [0, 1, 2, 3]) {
    const within = new Uint8Array(bytes.length + offset)
    within.set(bytes, offset)
    expect(decodeLayers(within.subarray(offset))).toEqual(expected)
  }
})
