// The table of settings judged without labels: the least is named, ties are said, labels stand beside, and nothing to judge is said too.
import { expect, test } from 'vitest'
import { riskTables } from '#contract/tables/risk-table.ts'
import type { SweepResults, SweepRisk } from '#contract/sweeps/sweep.ts'

const results = {
  definition: { name: 'mine', title: '' },
  inputNames: ['photos', 'others'],
  modelNames: ['net'],
} as unknown as SweepResults
const risk = (values: readonly number[], more: Partial<SweepRisk> = {}, errorPct: number | null = null): SweepRisk => ({
  input: 0,
  model: 0,
  schedule: 'continual',
  images: 500,
  rows: values.map((riskPct, i) => ({
    label: `setting ${i}`,
    riskPct,
    unsurePct: riskPct,
    lessVariedPct: 0,
    errorPct,
  })),
  missing: [],
  ...more,
})

test('settings that are not computed are named, for the least risk is that of the others', () => {
  const [table] = riskTables([risk([12, 10], { missing: ['kappa 1e-3', 'kappa 2e-3'] })], results)
  expect(table?.notes[1]).toBe('Not judged, because nothing of it is computed: kappa 1e-3 / kappa 2e-3.')
  expect(riskTables([risk([12, 10])], results)[0]?.notes.join()).not.toMatch(/Not judged/)
})

test('the least risk is marked and named, and several where they show the same', () => {
  const [table] = riskTables([risk([12, 10.04, 10.01])], results)
  expect(table?.title).toBe('mine')
  expect(table?.notes[0]).toBe('Least risk: setting 1 / setting 2, over 500 images.')
  expect(table?.rows.map(({ cells }) => cells[0]?.best)).toEqual([false, true, true])
  expect(riskTables([risk([10, 10])], results)[0]?.notes[0]).toBe('All settings have the same risk, over 500 images.')
})

test('errors stand beside where there are labels, and are said to play no part', () => {
  expect(riskTables([risk([1, 2])], results)[0]?.head).not.toContain('mean error %')
  const [labelled] = riskTables([risk([1, 2], {}, 30)], results)
  expect(labelled?.head.at(-1)).toBe('mean error %')
  expect(labelled?.notes.join()).toMatch(/plays no part/)
})

test('several inputs are told apart; what nobody kept is said', () => {
  const titles = riskTables([risk([1, 2]), risk([1, 2], { input: 1 })], results).map(({ title }) => title)
  expect(titles).toEqual(['mine (photos / net, continual)', 'mine (others / net, continual)'])
  for (const none of [[], [risk([], { images: 0 })]]) {
    const [table] = riskTables(none, results)
    expect(table?.rows).toEqual([])
    expect(table?.notes.join()).toMatch(/^Nothing to judge yet/)
  }
})
