// Steps packed in stretches: the same numbers to the bit, whatever lanes tell of; never more than is recorded, never before a branch has all of its parent's.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { gatherStretches, packStretch, unpackStretch, type StepRow } from '#store/codecs/step-stretch.ts'
import { openStore, type Store } from '#store/store.ts'
import { reportOf, storeRun } from '#test/helpers/stored-runs.ts'

const row = (step: number, losses: object, some: Partial<Record<number, number | null>> = {}): StepRow => {
  const values = [step, 0, 20, 20, 3, 4_000_000_000, null, 0.1 + step, 0.7, 1 / 3, null, 0.25, 1.5, 2 ** 40 + 0.5]
  return ['palm', JSON.stringify(losses), '{"2":13,"7":7}', ...values.map((value, i) => some[i] ?? value)]
}

describe('a packed stretch', () => {
  const rows = [row(0, {}), row(1, { kl: 0.1, total: null }), row(2, { kl: 1e-300 }, { 6: 5 })]
  const [stretch] = gatherStretches(rows)

  test('holds every number to the bit, and what is not known stays so', () => {
    if (!stretch) throw new Error('no stretch')
    const again = unpackStretch(packStretch(stretch))
    expect(again).toEqual({ ...stretch, predicted: new Map(Object.entries({ 2: 39, 7: 21 })) })
    expect([...(again.losses.get('kl') ?? [])]).toEqual([Number.NaN, 0.1, 1e-300])
    expect([...(again.numbers[0] ?? [])]).toEqual([Number.NaN, Number.NaN, 5])
    expect(again.numbers[7]?.[2]).toBe(2 ** 40 + 0.5)
    expect(again.counts[5]?.[0]).toBe(4_000_000_000)
  })

  test('is read wherever its bytes begin', () => {
    if (!stretch) throw new Error('no stretch')
    const packed = packStretch(stretch)
    const odd = new Uint8Array(packed.numbers.length + 3)
    odd.set(packed.numbers, 3)
    expect(unpackStretch({ ...packed, numbers: odd.subarray(3) })).toEqual(unpackStretch(packed))
  })

  test.each([
    ['cut off', (numbers: Uint8Array) => numbers.subarray(1)],
    ['too long', (numbers: Uint8Array) => Buffer.concat([numbers, Uint8Array.of(0)])],
  ])('that is %s is refused', (_what, damage) => {
    if (!stretch) throw new Error('no stretch')
    const packed = packStretch(stretch)
    expect(() => unpackStretch({ ...packed, numbers: damage(packed.numbers) })).toThrow(/does not fit \(steps\)/)
  })
})

describe('the stretches of a run', () => {
  let folder: string
  let store: Store
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'palm-stretches-'))
    store = openStore(join(folder, 'palm.sqlite'))
  })
  afterEach(() => {
    store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const packed = (): { run: number; stretch: number; lane: string }[] => {
    const db = new Database(join(folder, 'palm.sqlite'), { readonly: true })
    const rows = db.prepare('SELECT run, stretch, lane FROM step_stretches ORDER BY run, stretch, lane').all()
    db.close()
    return rows as { run: number; stretch: number; lane: string }[]
  }

  test('are packed when they are whole; what is recorded behind them is read from rows', () => {
    const run = storeRun(store, { methods: ['source', 'palm'], domains: ['fog 5'], stepsPerDomain: 511 })
    expect(store.transaction(() => store.steps.pack(run))).toBe(false)
    expect(packed()).toEqual([])
    store.steps.insert(run, reportOf('source', 511, 0, 3))
    store.steps.insert(run, reportOf('palm', 511, 0, 4))
    store.steps.insert(run, reportOf('palm', 512, 0, 5, { losses: { late: 2 } }))
    const rows = store.steps.columns(run)
    store.transaction(() => store.steps.pack(run))
    expect(packed()).toEqual([
      { run, stretch: 0, lane: 'palm' },
      { run, stretch: 0, lane: 'source' },
    ])
    expect(store.steps.columns(run)).toEqual(rows)
    expect(rows.map(({ lane, count }) => [lane, count])).toEqual([
      ['palm', 513],
      ['source', 512],
    ])
    expect(Object.keys(rows[0]?.losses ?? {})).toContain('late')
  })

  test('of a branch are made of its own rows, when it has all of them', () => {
    const run = storeRun(store, { methods: ['palm'], domains: ['fog 5'], stepsPerDomain: 1100 })
    store.transaction(() => store.steps.pack(run, 9))
    store.checkpoints.insert(run, 'palm', 1029, 0, Uint8Array.of(1), 1)
    const options = runOptionsSchema.parse({
      input: { kind: 'sample' },
      model: { kind: 'sample' },
      lanes: [{ id: 'palm', label: 'PALM', options: { method: 'palm' } }],
    })
    const branch = store.transaction(() =>
      store.branches.create({ parent: run, step: 1029, domain: 0 }, options, [], 2),
    )
    do store.transaction(() => store.steps.pack(branch, 9))
    while (store.branches.inheritSome(branch))
    expect(packed().filter((row) => row.run === branch)).toEqual([])
    store.transaction(() => store.steps.pack(branch, 9))
    expect(packed().filter((row) => row.run === branch)).toHaveLength(2)
    expect(store.steps.columns(branch)[0]?.count).toBe(1030)
  })
})
