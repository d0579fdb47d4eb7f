// Migration 004: notes, tags, archived and deleted runs.
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '#store/open-database.ts'
import { openStore } from '#store/store.ts'
import { added, olderDatabase, rowsIn, versionOf, type OlderDatabase } from '#test/helpers/older-database.ts'

let old: OlderDatabase
beforeEach(() => {
  old = olderDatabase(3)
})
afterEach(() => rmSync(old.folder, { recursive: true, force: true }))

test('carries every row over, adds what is new, and keeps a copy of the file as it was', () => {
  openDatabase(old.file, 4).close()
  expect(versionOf(old.file)).toBe(4)
  expect(rowsIn(old.file)).toMatchObject(old.rows)
  expect(added(old.file, old.rows)).toEqual({
    runs: ['note', 'tags', 'archived', 'deleted_at'],
  })
  expect(versionOf(`${old.file}.before-4`)).toBe(3)
  expect(rowsIn(`${old.file}.before-4`)).toEqual(old.rows)
})

test('runs of an older file come without notes and tags, neither put away nor deleted', () => {
  const store = openStore(old.file)
  expect(store.runs.list()).toEqual([
    expect.objectContaining({
      name: 'old',
      note: '',
      tags: [],
      archived: false,
      deletedAt: null,
      inputName: 'EuroSAT sample',
    }),
  ])
  expect(store.models.list()).toEqual([expect.objectContaining({ name: 'mine', classes: 10 })])
  store.close()
})
