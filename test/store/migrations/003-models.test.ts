// Migration 003: what a run tells without labels, and the library of models.
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '#store/open-database.ts'
import { openStore } from '#store/store.ts'
import { added, olderDatabase, rowsIn, versionOf, type OlderDatabase } from '#test/helpers/older-database.ts'

let old: OlderDatabase
beforeEach(() => {
  old = olderDatabase(2)
})
afterEach(() => rmSync(old.folder, { recursive: true, force: true }))

test('carries every row over, adds what is new, and keeps a copy of the file as it was', () => {
  openDatabase(old.file, 3).close()
  expect(versionOf(old.file)).toBe(3)
  expect(rowsIn(old.file)).toMatchObject(old.rows)
  expect(added(old.file, old.rows)).toEqual({
    steps: ['agreement', 'estimate', 'predicted'],
    domain_metrics: ['confidence', 'entropy', 'agreement', 'estimate'],
    models: [
      'id',
      'name',
      'file',
      'source_file',
      'added_at',
      'hash',
      'format',
      'architecture',
      'parameters',
      'classes',
      'size_bytes',
      'mean',
      'std',
      'input_size',
      'class_names',
      'licence',
    ],
  })
  expect(versionOf(`${old.file}.before-3`)).toBe(2)
  expect(rowsIn(`${old.file}.before-3`)).toEqual(old.rows)
})

test('what an older run did not measure is not known, and the library is empty', () => {
  const store = openStore(old.file)
  expect(store.steps.all(1)).toEqual([
    expect.objectContaining({ correct: 5, agreement: null, estimate: null, predicted: {} }),
  ])
  expect(store.steps.domains(1)).toEqual([
    {
      lane: 'palm',
      domain: 0,
      images: 10,
      labelled: 8,
      correct: 5,
      confidence: null,
      entropy: null,
      agreement: null,
      estimate: null,
    },
  ])
  expect(store.models.list()).toEqual([])
  expect(store.sweeps.get('mine').definition.methods).toEqual(['source'])
  expect(store.cells.get('cell')).toEqual({ key: 'cell', run: 1, lane: 'palm' })
  store.close()
})
