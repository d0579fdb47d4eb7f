// Migration 005: what each lane predicted for each image.
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '#store/open-database.ts'
import { openStore } from '#store/store.ts'
import { added, olderDatabase, rowsIn, versionOf, type OlderDatabase } from '#test/helpers/older-database.ts'

let old: OlderDatabase
beforeEach(() => {
  old = olderDatabase(4)
})
afterEach(() => rmSync(old.folder, { recursive: true, force: true }))

test('carries every row over, adds what is new, and keeps a copy of the file as it was', () => {
  openDatabase(old.file, 5).close()
  expect(versionOf(old.file)).toBe(5)
  expect(rowsIn(old.file)).toMatchObject(old.rows)
  expect(added(old.file, old.rows)).toEqual({
    run_images: ['run', 'sample', 'name'],
    step_images: ['run', 'step', 'domain', 'images', 'samples', 'labels', 'positions'],
    predictions: ['run', 'lane', 'step', 'classes', 'confidences'],
  })
  expect(versionOf(`${old.file}.before-5`)).toBe(4)
  expect(rowsIn(`${old.file}.before-5`)).toEqual(old.rows)
})

test('runs of an older file have no predictions, and can be given some', () => {
  const store = openStore(old.file)
  expect(store.predictions.steps(1, ['palm'], { from: 0, to: 10, limit: 5 })).toEqual([])
  const step = { step: 0, domain: 0, samples: [4], labels: [2], positions: [0] }
  store.predictions.insert(1, step, ['forest/1.jpg'], [{ lane: 'palm', classes: [2], confidences: [0.5] }])
  expect(store.predictions.steps(1, ['palm'], { from: 0, to: 10, limit: 5 })).toHaveLength(1)
  store.close()
})
