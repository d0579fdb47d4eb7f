// The database file: opened, migrated, refused in words; rows come back as they went in.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LayerReport, StepReport } from '../../src-main/contract/report.ts'
import { runOptionsSchema } from '../../src-main/contract/run-options.ts'
import { decodeLayers, encodeLayers } from '../../src-main/store/layer-blob.ts'
import { openDatabase } from '../../src-main/store/open-database.ts'
import { openStore } from '../../src-main/store/store.ts'

const options = runOptionsSchema.parse({ input: { kind: 'sample' }, model: { kind: 'sample' }, lanes: [{ id: 'palm', label: 'PALM', options: { method: 'palm' } }] })
const layers: LayerReport = { states: [0, 1, 2], scores: [0.5, Math.fround(1e-7), 3], importances: [0, 1, null], learningRates: [0, Math.fround(5e-4), 1] }
const step: StepReport = { lane: 'palm', step: 0, domain: 0, images: 10, labelled: 8, correct: 5, seen: 10, losses: { kl: 23.4, entropy: null }, kept: 3, adaptedShare: 0.25, meanConfidence: 0.7, meanEntropy: 0.9, peakBytes: 4096, stepMs: 12, layers }

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
    expect(metric).toEqual({ lane: 'palm', domain: 0, images: 10, labelled: 8, correct: 5 })
    if (metric) store.steps.insertDomain(run, metric)
    const checkpoint = store.checkpoints.insert(run, 'palm', 0, 0, Uint8Array.of(1, 2, 3), 5)
    expect(store.checkpoints.delta(run, checkpoint.id).delta).toEqual(Buffer.from([1, 2, 3]))
    store.settings.set('settings', { theme: 'dark' })
    const seq = store.runs.setStatus(run, 'done', null, 2000)
    store.close()
    const again = openStore(file)
    const snapshot = again.snapshot(run)
    expect(snapshot.seq).toBe(seq)
    expect(snapshot.steps).toEqual([step])
    expect(snapshot.run).toMatchObject({ status: 'done', finishedAt: 2000, options })
    expect(snapshot.run.lanes[0]?.meanErrorPct).toBeCloseTo(37.5)
    expect(again.settings.get('settings')).toEqual({ theme: 'dark' })
    again.close()
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

describe('the first migration', () => {
  test('makes an empty file into STRICT tables with write-ahead logging and foreign keys', () => {
    const db = openDatabase(file)
    expect(db.pragma('user_version', { simple: true })).toBe(1)
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(() => db.prepare("INSERT INTO steps (run, step, lane, domain, images, labelled, correct, seen, losses, adapted_share, mean_confidence, mean_entropy, step_ms) VALUES (9, 0, 'x', 0, 0, 0, 0, 0, '', 0, 0, 0, 0)").run()).toThrow(/FOREIGN KEY/)
    expect(() => db.prepare("INSERT INTO runs (name, status, options, created_at, step) VALUES ('', '', '', 0, 'text')").run()).toThrow(/cannot store TEXT/)
    db.close()
  })
})

test('a layer report survives its blob, and a cut one is refused', () => {
  const blob = encodeLayers(layers)
  expect(decodeLayers(blob)).toEqual(layers)
  expect(() => decodeLayers(blob.subarray(0, blob.length - 1))).toThrow(/layer report/)
})
