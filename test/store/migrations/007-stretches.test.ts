// Migration 007: steps packed in stretches. They repeat what the rows hold.
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '#store/open-database.ts'
import { openStore } from '#store/store.ts'
import { added, olderDatabase, rowsIn, versionOf, type OlderDatabase } from '#test/helpers/older-database.ts'
import { reportOf } from '#test/helpers/stored-runs.ts'

let old: OlderDatabase
beforeEach(() => {
  old = olderDatabase(6)
})
afterEach(() => rmSync(old.folder, { recursive: true, force: true }))

test('carries every row over, adds one empty table, and keeps a copy of the file as it was', () => {
  openDatabase(old.file, 7).close()
  expect(versionOf(old.file)).toBe(7)
  expect(rowsIn(old.file)).toMatchObject(old.rows)
  expect(added(old.file, old.rows)).toEqual({
    step_stretches: ['run', 'stretch', 'lane', 'rows', 'losses', 'predicted', 'numbers'],
  })
  expect(versionOf(`${old.file}.before-7`)).toBe(6)
  expect(rowsIn(`${old.file}.before-7`)).toEqual(old.rows)
})

test('a run of an older file is read from its rows, packed later, and reads the same; its stretches go with it', () => {
  const store = openStore(old.file)
  store.transaction(() => {
    for (let step = 1; step < 1200; step++)
      store.steps.insert(1, reportOf('palm', step, 0, step % 20, { losses: { kl: step / 3 } }))
  })
  const before = [store.steps.columns(1), store.steps.curves(1, 50), store.steps.costs(1)]
  expect(store.transaction(() => store.steps.pack(1, 1))).toBe(true)
  expect(store.transaction(() => store.steps.pack(1, 5))).toBe(false)
  expect(rowsIn(old.file)['step_stretches']).toHaveLength(2)
  expect([store.steps.columns(1), store.steps.curves(1, 50), store.steps.costs(1)]).toEqual(before)
  store.close()
  const db = openDatabase(old.file)
  db.prepare('DELETE FROM runs').run()
  expect(rowsIn(old.file)['step_stretches']).toEqual([])
  db.close()
})
