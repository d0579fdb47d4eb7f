// Migration 006: where a run comes from, and options that changed during a run.
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '#store/open-database.ts'
import { openStore } from '#store/store.ts'
import { added, olderDatabase, rowsIn, versionOf, type OlderDatabase } from '#test/helpers/older-database.ts'

let old: OlderDatabase
beforeEach(() => {
  old = olderDatabase(5)
})
afterEach(() => rmSync(old.folder, { recursive: true, force: true }))

test('carries every row over, adds what is new, and keeps a copy of the file as it was', () => {
  openDatabase(old.file, 6).close()
  expect(versionOf(old.file)).toBe(6)
  expect(rowsIn(old.file)).toMatchObject(old.rows)
  expect(added(old.file, old.rows)).toEqual({
    runs: ['parent_run', 'parent_step'],
    option_changes: ['id', 'run', 'lane', 'option', 'old_value', 'new_value', 'step', 'at'],
  })
  expect(versionOf(`${old.file}.before-6`)).toBe(5)
  expect(rowsIn(`${old.file}.before-6`)).toEqual(old.rows)
})

test('runs of an older file come from nowhere and have changed nothing; changes go with their run', () => {
  const store = openStore(old.file)
  expect(store.runs.get(1)).toMatchObject({ name: 'old', parent: null, changes: [] })
  expect(store.predictions.steps(1, ['palm'], { from: 0, to: 10, limit: 5 })).toHaveLength(1)
  const change = store.changes.insert(1, { lane: 'palm', option: 'eta', from: 1, to: 0.5, step: 3, at: 7 })
  expect(store.runs.list()[0]?.changes).toEqual([change])
  store.close()
  const db = openDatabase(old.file)
  db.prepare('DELETE FROM runs').run()
  expect(db.prepare('SELECT count(*) AS n FROM option_changes').get()).toEqual({ n: 0 })
  db.close()
})
