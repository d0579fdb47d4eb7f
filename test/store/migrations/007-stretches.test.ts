// Migration 007: steps packed in stretches, which repeat what the rows hold; layer reports in a table of their own.
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeLayers } from '#store/codecs/layer-blob.ts'
import { openDatabase } from '#store/open-database.ts'
import { openStore } from '#store/store.ts'
import { added, olderDatabase, rowsIn, versionOf, type OlderDatabase } from '#test/helpers/older-database.ts'
import { reportOf } from '#test/helpers/stored-runs.ts'

let old: OlderDatabase
beforeEach(() => {
  old = olderDatabase(6)
})
afterEach(() => rmSync(old.folder, { recursive: true, force: true }))

test('carries every row over, adds two empty tables, and keeps a copy of the file as it was', () => {
  openDatabase(old.file, 7).close()
  expect(versionOf(old.file)).toBe(7)
  expect(rowsIn(old.file)).toMatchObject(old.rows)
  expect(added(old.file, old.rows)).toEqual({
    step_layers: ['run', 'step', 'lane', 'layers'],
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

test('layer reports of an older file are read where they lie, beside later ones', () => {
  const db = openDatabase(old.file)
  const layers = {
    states: [2, 0],
    scores: [1, null],
    importances: [0.5, null],
    learningRates: [0.25, 0],
    changes: null,
  }
  db.prepare('UPDATE steps SET layers = ?').run(encodeLayers(layers))
  db.close()
  const store = openStore(old.file)
  store.steps.insert(1, reportOf('palm', 1, 0, 3, { layers: { ...layers, states: [0, 2] } }))
  store.steps.insert(1, reportOf('palm', 2, 0, 3))
  expect(store.steps.all(1).map((step) => step.layers?.states ?? null)).toEqual([[2, 0], [0, 2], null])
  expect(store.steps.at(1, 0)[0]?.layers).toEqual(layers)
  expect(store.steps.layerBlobs(1, 'palm', 0, 9).map(({ step }) => step)).toEqual([0, 1])
  expect(store.steps.layersOf(1, 'palm', 0, 9).map((row) => [...row.layers.states])).toEqual([
    [2, 0],
    [0, 2],
  ])
  store.close()
})
