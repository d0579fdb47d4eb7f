// What lanes predicted for each image: kept small, read back as it was, and older files open without any.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { openDatabase } from '#store/open-database.ts'
import { pack, packShares, unpack, unpackShares } from '#store/codecs/packed.ts'
import { openStore } from '#store/store.ts'

const options = runOptionsSchema.parse({
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [
    { id: 'norm', label: 'BN-1', options: { method: 'norm' } },
    { id: 'palm', label: 'PALM', options: { method: 'palm' } },
  ],
})
let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-predictions-'))
  file = join(folder, 'palm.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('integers take as many bytes as the largest needs, and come back', () => {
  for (const [values, bytes] of [
    [[], 0],
    [[0, 255], 2],
    [[0, 256, 9], 6],
    [[70_000, 1], 8],
  ] as const) {
    const packed = pack(values)
    expect(packed.byteLength).toBe(bytes)
    expect(Array.from(unpack(packed, values.length))).toEqual([...values])
  }
  expect(() => unpack(new Uint8Array(5), 2)).toThrow('predictions that do not fit')
})

test('shares come back to 1 / 65535; numbers that are none are 0', () => {
  const back = unpackShares(packShares([0, 1, 0.123456, Number.NaN, 1.2]), 5)
  expect(back[2]).toBeCloseTo(0.123456, 4)
  expect([back[0], back[1], back[3], back[4]]).toEqual([0, 1, 0, 1])
  expect(() => unpackShares(new Uint8Array(3), 2)).toThrow('confidences that do not fit')
})

test('a step keeps its images and what each lane predicted; a second of the same step is refused, so that none is doubled', () => {
  const store = openStore(file)
  const run = store.runs.createRun(options, 1)
  const step = { step: 3, domain: 1, samples: [4, 900, 2], labels: [0, -1, 999], positions: [0, 1, 3] }
  const lanes = [
    { lane: 'norm', classes: [1, 2, 3], confidences: [0.25, 0.5, 1] },
    { lane: 'palm', classes: [0, 300, 999], confidences: [1, 0, 0.75] },
  ]
  store.predictions.insert(run, step, ['a', 'b', 'c'], lanes)
  expect(() => store.transaction(() => store.predictions.insert(run, step, ['a', 'b', 'c'], lanes))).toThrow(/UNIQUE/)
  const [read] = store.predictions.steps(run, ['palm', 'norm', 'gone'], { from: 0, to: 10, limit: 5 })
  const plain = (values: ArrayLike<number> | undefined) => Array.from(values ?? [])
  expect(read).toMatchObject({ step: 3, domain: 1, images: 3 })
  expect([plain(read?.samples), plain(read?.labels), plain(read?.positions)]).toEqual([
    [4, 900, 2],
    [0, -1, 999],
    [0, 1, 3],
  ])
  expect([...(read?.lanes.keys() ?? [])]).toEqual(['palm', 'norm'])
  expect(plain(read?.lanes.get('palm')?.classes)).toEqual([0, 300, 999])
  expect(read?.lanes.get('norm')?.confidences[0]).toBeCloseTo(0.25, 4)
  expect(store.predictions.ids(run, [900, 4, 77])).toEqual(
    new Map([
      [900, 'b'],
      [4, 'a'],
      [77, ''],
    ]),
  )
  expect(store.predictions.coverage(run)).toEqual({ steps: 1, firstStep: 3, lastStep: 3 })
  store.close()
})

test('a file of before has no predictions, and takes new ones; what belongs to a purged run goes with it', () => {
  const before = openDatabase(file, 4)
  before
    .prepare('INSERT INTO runs (name, status, options, created_at) VALUES (?, ?, ?, ?)')
    .run('old', 'done', JSON.stringify(options), 5)
  before.close()
  const store = openStore(file)
  expect(store.predictions.coverage(1)).toEqual({ steps: 0, firstStep: null, lastStep: null })
  store.predictions.insert(
    1,
    { step: 0, domain: 0, samples: [0], labels: [1], positions: [0] },
    ['x'],
    [{ lane: 'palm', classes: [1], confidences: [1] }],
  )
  store.runs.setDeleted(1, 10)
  store.runs.purge(11)
  expect(store.predictions.steps(1, ['palm'], { from: 0, to: 1, limit: 1 })).toEqual([])
  expect(store.predictions.ids(1, [0])).toEqual(new Map([[0, '']]))
  store.close()
})
