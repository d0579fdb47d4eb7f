// Migration 009: what a sweep's inputs and models were when they were last looked at.
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '#store/open-database.ts'
import { openStore } from '#store/store.ts'
import { added, olderDatabase, rowsIn, versionOf, type OlderDatabase } from '#test/helpers/older-database.ts'

let old: OlderDatabase
beforeEach(() => {
  old = olderDatabase(8)
})
afterEach(() => rmSync(old.folder, { recursive: true, force: true }))

test('carries every row over, adds what is new, and keeps a copy of the file as it was', () => {
  openDatabase(old.file, 9).close()
  expect(versionOf(old.file)).toBe(9)
  expect(rowsIn(old.file)).toMatchObject(old.rows)
  expect(added(old.file, old.rows)).toEqual({ sweep_plans: ['sweep', 'definition', 'planned'] })
  expect(versionOf(`${old.file}.before-9`)).toBe(8)
  expect(rowsIn(`${old.file}.before-9`)).toEqual(old.rows)
})

test('a sweep of an older file is not known; what is remembered goes with it, and not to one that replaces it', () => {
  const store = openStore(old.file)
  const { definition } = store.sweeps.get('mine')
  expect(store.sweeps.remembered('mine')).toBeNull()
  const plan = { inputs: [], models: [], source: null, refused: { a: 'b' } }
  // The definition as an older program wrote it is not the one as it is read now: it is looked at again.
  store.sweeps.put(definition, 8)
  store.sweeps.remember(definition, plan)
  expect(store.sweeps.remembered('mine')).toEqual(plan)
  store.sweeps.put({ ...definition, limit: 3 }, 9)
  expect(store.sweeps.remembered('mine')).toBeNull()
  store.sweeps.put(definition, 10)
  expect(store.sweeps.remembered('mine')).toEqual(plan)
  store.sweeps.remove(store.sweeps.get('mine').id)
  store.close()
  const db = openDatabase(old.file)
  expect(db.prepare('SELECT count(*) AS n FROM sweep_plans').get()).toEqual({ n: 0 })
  db.close()
})
