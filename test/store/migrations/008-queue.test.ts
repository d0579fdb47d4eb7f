// Migration 008: runs that are lined up.
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '#store/open-database.ts'
import { openStore } from '#store/store.ts'
import { added, olderDatabase, rowsIn, versionOf, type OlderDatabase } from '#test/helpers/older-database.ts'

let old: OlderDatabase
beforeEach(() => {
  old = olderDatabase(7)
})
afterEach(() => rmSync(old.folder, { recursive: true, force: true }))

test('carries every row over, adds what is new, and keeps a copy of the file as it was', () => {
  openDatabase(old.file, 8).close()
  expect(versionOf(old.file)).toBe(8)
  expect(rowsIn(old.file)).toMatchObject(old.rows)
  expect(added(old.file, old.rows)).toEqual({
    queue: ['id', 'place', 'work', 'estimate', 'added_at', 'held', 'problem', 'removed_at'],
    sqlite_sequence: ['name', 'seq'],
  })
  expect(versionOf(`${old.file}.before-8`)).toBe(7)
  expect(rowsIn(`${old.file}.before-8`)).toEqual(old.rows)
})

test('in an older file nothing is lined up; what is added has its order, and a number that never comes again', () => {
  const store = openStore(old.file)
  const { queue } = store
  expect(queue.list()).toEqual([])
  const ids = [1, 2].map((run) => queue.add({ kind: 'resume', run }, { low: 1, high: 2 }, 5, false))
  const first = queue.add({ kind: 'branch', run: 1, step: 4, options: [], name: '' }, null, 6, true)
  expect(queue.list().map(({ id }) => id)).toEqual([first, ...ids])
  expect(store.branches.pointsOf(1)).toEqual([4]) // its checkpoint is kept for it
  queue.arrange([ids[1] as number])
  expect(queue.list().map(({ id }) => id)).toEqual([ids[1], first, ids[0]])
  expect([queue.take(first), queue.take(first)]).toEqual([true, false])
  queue.remove(ids[1] as number, 7)
  expect(queue.list()).toMatchObject([{ id: ids[0], work: { kind: 'resume', run: 1 }, estimate: { low: 1, high: 2 } }])
  queue.restore(ids[1] as number)
  expect(queue.list().map(({ id }) => id)).toEqual([ids[1], ids[0]])
  queue.remove(ids[1] as number, 7)
  queue.purge()
  expect(() => queue.restore(ids[1] as number)).toThrow('not in the queue any more')
  expect(queue.add({ kind: 'resume', run: 1 }, null, 8, false)).toBeGreaterThan(first)
  store.close()
})
