// One row after the other is damaged, everywhere a list is read: it is named with its reason, all others stay, and it can be read as far as it goes and removed.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { removeDamaged } from '#app/services/data/damage.ts'
import { comparisonOf, curvesOfRuns } from '#app/services/runs/compare.ts'
import { takeRunLock } from '#app/services/runs/run-lock.ts'
import type { DamagedTable } from '#contract/data/damage.ts'
import { PalmError } from '#contract/errors.ts'
import { sweepDefinitionSchema } from '#contract/sweeps/sweep.ts'
import { openStore, type Store } from '#store/store.ts'
import { palmIn } from '#test/helpers/palm-here.ts'
import { storeRun } from '#test/helpers/stored-runs.ts'

let folder: string
let store: Store
let db: Database.Database

const model = (name: string) => ({
  name,
  path: `models/${name}`,
  sourceFile: 'a.pth',
  addedAt: 1,
  hash: 'abc',
  format: 'pth' as const,
  architecture: 'resnet20',
  parameters: 1,
  classes: 10,
  sizeBytes: 1,
  normalization: { mean: [0, 0, 0] as const, std: [1, 1, 1] as const },
  inputSize: 32,
  classNames: null,
  licence: null,
})
const sweep = (name: string) =>
  sweepDefinitionSchema.parse({
    name,
    inputs: [{ kind: 'sample' }],
    models: [{ kind: 'sample' }],
    preset: 'sample',
    methods: ['source'],
  })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-damage-'))
  store = openStore(join(folder, 'palm.sqlite'))
  for (const name of ['first', 'second', 'third']) {
    const run = storeRun(store, { options: { name }, domains: ['fog 5', 'snow 5'], stepsPerDomain: 300 })
    store.runs.change(run, { note: 'kept', tags: ['a'] })
    store.changes.insert(run, { lane: 'palm', option: 'eta', from: 1, to: 2, step: 1, at: 1 })
    store.checkpoints.insert(run, 'palm', 299, 0, Uint8Array.of(1), 1)
    store.checkpoints.insert(run, 'palm', 599, 1, Uint8Array.of(1), 1)
    store.collapses.insert(run, { lane: 'palm', step: 1, kind: 'few-classes', restored: null })
    store.collapses.insert(run, { lane: 'palm', step: 2, kind: 'few-classes', restored: null })
    store.models.insert(model(name) as never)
    store.sweeps.put(sweep(name), 1)
    store.queue.add({ kind: 'resume', run }, null, 1, false)
    store.settings.set(name, { a: name })
  }
  db = new Database(join(folder, 'palm.sqlite'))
})
afterEach(() => {
  db.close()
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What is listed of each table, by what a person knows it by. */
const listed = () => ({
  runs: store.runs.list().map(({ id }) => String(id)),
  models: store.models.list().map(({ id }) => String(id)),
  sweeps: store.sweeps.list().map(({ id }) => String(id)),
  queue: store.queue.list().map(({ id }) => String(id)),
  settings: ['first', 'second', 'third'].filter((key) => store.settings.get(key) !== undefined),
})

/** Each damages the second row. */
const damages: readonly (readonly [DamagedTable, string])[] = [
  ...["options = '{'", "options = '{}'", "tags = '[1]'", "tags = 'x'", "status = 'odd'", "plan = '{\"a'"].map(
    (set) => ['runs', `UPDATE runs SET ${set} WHERE id = 2`] as const,
  ),
  ['runs', `UPDATE runs SET error = '{"code":"none"}' WHERE id = 2`],
  ['runs', `UPDATE runs SET plan = '{"devices":[{"a":1}]}' WHERE id = 2`],
  ['runs', 'UPDATE domain_metrics SET correct = -5 WHERE run = 2 AND domain = 1'],
  ['runs', 'UPDATE option_changes SET at = 9e999 WHERE run = 2'],
  ...["mean = 'x'", "std = '[1]'", "class_names = '{'", 'added_at = 9e999'].map(
    (set) => ['models', `UPDATE models SET ${set} WHERE id = 2`] as const,
  ),
  ...["definition = 'x'", "definition = '{}'"].map(
    (set) => ['sweeps', `UPDATE sweeps SET ${set} WHERE id = 2`] as const,
  ),
  ...["work = 'x'", "work = '{}'", "estimate = 'x'", "problem = '{}'"].map(
    (set) => ['queue', `UPDATE queue SET ${set} WHERE id = 2`] as const,
  ),
  ['settings', `UPDATE settings SET value = '{"a' WHERE key = 'second'`],
]

describe('a damaged row', () => {
  test.each(damages)('of %s: %s', (table, sql) => {
    const whole = listed()
    const key = table === 'settings' ? 'second' : '2'
    expect(store.damage.list()).toEqual([])
    expect(db.prepare(sql).run().changes).toBeGreaterThan(0)
    expect(listed(), 'all others').toEqual({ ...whole, [table]: whole[table].filter((one) => one !== key) })
    const [damaged, ...more] = store.damage.list()
    expect(more).toEqual([])
    expect(damaged).toMatchObject({ table, key, message: expect.stringMatching(/^The database holds a row/) })
    if (table === 'runs' || table === 'models' || table === 'sweeps') expect(damaged?.name).toBe('second')
    const read: unknown = JSON.parse(store.damage.read({ table, key }))
    expect(read).toMatchObject({ table, key, row: {} })
    if (table === 'runs') expect(read).toMatchObject({ row: { note: 'kept' }, steps: { length: 1200 } })
    removeDamaged(store, folder, { table, key })
    expect(store.damage.list()).toEqual([])
    expect(listed()).toEqual({ ...whole, [table]: whole[table].filter((one) => one !== key) })
  })

  test('that fits is not removed, nor one whose session lives', () => {
    const one = { table: 'runs', key: '2' } as const
    expect(() => removeDamaged(store, folder, one)).toThrow(PalmError)
    db.exec("UPDATE runs SET tags = 'x' WHERE id = 2")
    const lock = takeRunLock(folder, 2)
    expect(() => removeDamaged(store, folder, one)).toThrow(/under way/)
    lock?.release()
    removeDamaged(store, folder, one)
    expect(store.steps.columns(2)).toEqual([])
  })

  test('of the queue keeps its place, and others are moved around it', () => {
    db.exec("UPDATE queue SET work = 'x' WHERE id = 2")
    store.transaction(() => store.queue.arrange([3, 1]))
    expect(store.queue.list().map(({ id }) => id)).toEqual([3, 1])
    expect(store.branches.pointsOf(1)).toEqual([])
  })
})

describe('damaged rows of a run', () => {
  test('are left out where it is shown, and counted; other runs have none', () => {
    const before = store.snapshot(2)
    expect(before.damaged).toEqual([])
    db.exec(`UPDATE steps SET losses = '{' WHERE run = 2 AND step = 550 AND lane = 'palm';
      UPDATE steps SET predicted = '[]' WHERE run = 2 AND step = 560 AND lane = 'palm';
      UPDATE steps SET images = -1 WHERE run = 2 AND step = 561 AND lane = 'source';
      UPDATE checkpoints SET domain = -1 WHERE run = 2 AND step = 299;
      UPDATE collapses SET kind = 'odd' WHERE run = 2 AND step = 2;`)
    const after = store.snapshot(2)
    expect(after.damaged).toMatchObject([
      { table: 'steps', rows: 3, first: expect.stringContaining('step 550, palm') },
      { table: 'checkpoints', rows: 1 },
      { table: 'collapses', rows: 1 },
    ])
    expect(after.checkpoints).toEqual(before.checkpoints.filter(({ step }) => step !== 299))
    expect(after.collapses).toEqual(before.collapses.filter(({ step }) => step !== 2))
    expect(after.domains).toEqual(before.domains)
    expect(after.steps.map(({ count }) => count)).toEqual([598, 599])
    expect(store.snapshot(1).damaged).toEqual([])
    // What numbers depend on is not read past a damaged row.
    expect(() => store.checkpoints.list(2)).toThrow(PalmError)
  })

  test('do not keep others from being compared', async () => {
    db.exec(`UPDATE steps SET losses = '{' WHERE run = 2 AND step = 550; UPDATE runs SET options = '{' WHERE id = 3`)
    const { runs, missing } = comparisonOf(store, [1, 2, 3])
    expect([runs.map(({ summary }) => summary.id), missing]).toEqual([[1, 2], [3]])
    expect((await curvesOfRuns(store, [1, 2], 10)).map(({ run }) => run)).toEqual([1, 2])
  })

  test('are not packed, and a packed stretch that is damaged is read from its rows', () => {
    const whole = store.steps.columns(1)
    expect(store.transaction(() => store.steps.pack(1))).toBe(false)
    expect(store.steps.columns(1)).toEqual(whole)
    db.exec("UPDATE step_stretches SET numbers = x'00' WHERE run = 1 AND lane = 'palm'")
    db.exec("UPDATE step_stretches SET losses = '{' WHERE run = 1 AND lane = 'source'")
    expect(store.steps.columns(1)).toEqual(whole)
    db.exec("UPDATE steps SET losses = '{' WHERE run = 2 AND step = 10")
    expect(store.transaction(() => store.steps.pack(2))).toBe(false)
    expect(db.prepare('SELECT count(*) FROM step_stretches WHERE run = 2').pluck().get()).toBe(0)
  })
})

test('the command lists all others, says that one is damaged, shows and removes it', async () => {
  db.exec("UPDATE runs SET options = '{' WHERE id = 2; UPDATE models SET mean = 'x' WHERE id = 1")
  const palm = palmIn(folder)
  const runs = await palm('runs', '--json')
  expect([runs.code, (JSON.parse(runs.out) as { id: number }[]).map(({ id }) => id)]).toEqual([0, [3, 1]])
  expect(runs.err).toBe('One entry is damaged and left out: palm damage lists them.\n')
  expect((await palm('models')).out).toContain('third')
  const all = await palm('damage')
  expect(all.out).toMatch(/^runs\/2 \(second\): .*options of run 2.*\nmodels\/1 \(first\): .*\n$/)
  expect((await palm('damage', 'show', 'runs/2')).out).toContain('"note": "kept"')
  expect((await palm('damage', 'remove', 'runs/2')).code).toBe(0)
  expect((await palm('damage', 'remove', 'models/1')).code).toBe(0)
  expect((await palm('damage')).out).toBe('Nothing is damaged.\n')
  expect((await palm('damage', 'remove', 'runs/1')).code).toBe(1)
  expect((await palm('damage', 'remove')).code).toBe(2)
})
