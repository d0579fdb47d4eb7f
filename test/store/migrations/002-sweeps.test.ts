// Migration 002: peak memory of a step, collapses and sweeps.
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '#store/open-database.ts'
import { openStore } from '#store/store.ts'
import { added, olderDatabase, rowsIn, versionOf, type OlderDatabase } from '#test/helpers/older-database.ts'

let old: OlderDatabase
beforeEach(() => {
  old = olderDatabase(1)
})
afterEach(() => rmSync(old.folder, { recursive: true, force: true }))

test('carries every row over, adds what is new, and keeps a copy of the file as it was', () => {
  openDatabase(old.file, 2).close()
  expect(versionOf(old.file)).toBe(2)
  expect(rowsIn(old.file)).toMatchObject(old.rows)
  expect(added(old.file, old.rows)).toEqual({
    steps: ['peak_bytes'],
    collapses: ['run', 'lane', 'step', 'kind', 'restored'],
    sweeps: ['id', 'name', 'definition', 'created_at'],
    cells: ['key', 'run', 'lane'],
  })
  expect(versionOf(`${old.file}.before-2`)).toBe(1)
  expect(rowsIn(`${old.file}.before-2`)).toEqual(old.rows)
})

test('steps of an older file have used no memory that is known, and cells go with their run', () => {
  const store = openStore(old.file)
  expect(store.steps.all(1)).toEqual([expect.objectContaining({ lane: 'palm', correct: 5, peakBytes: 0 })])
  store.cells.put('key', 1, 'palm')
  expect(store.cells.get('key')).toEqual({ key: 'key', run: 1, lane: 'palm' })
  store.collapses.insert(1, { lane: 'palm', step: 0, kind: 'few-classes', restored: -1 })
  expect(store.collapses.list(1)).toEqual([{ lane: 'palm', step: 0, kind: 'few-classes', restored: -1 }])
  store.close()
  const db = openDatabase(old.file)
  db.prepare('DELETE FROM runs').run()
  db.close()
  const after = openStore(old.file)
  expect(after.cells.get('key')).toBeNull()
  after.close()
})
