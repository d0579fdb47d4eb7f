// PALM's settings judged from what runs keep: cells of one stream in several runs, seeds together, and what is missing of one setting counts for none.
import { expect, test } from 'vitest'
import { riskOf, type RiskRecords } from '#app/services/sweeps/sweep-risk.ts'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import type { RunSnapshot } from '#contract/tables/report.ts'
import { sweepRowSchema, type SweepRow } from '#contract/sweeps/sweep.ts'

interface Kept {
  readonly classes: readonly number[]
  readonly confidence: number
  /** Which images; 0, 1, 2, … unless said. */
  readonly samples?: readonly number[]
}

/** By `run/lane`, a batch a step. */
const recordsOf = (kept: Readonly<Record<string, readonly Kept[]>>): RiskRecords => ({
  snapshotWithoutSteps: (run) =>
    ({
      run: { step: Math.max(...Object.keys(kept).map((key) => (key.startsWith(`${run}/`) ? kept[key]!.length : 0))) },
      plan: { model: { classes: 4 } },
    }) as RunSnapshot,
  predictions: {
    steps: (run, [lane = ''], { from, to }) =>
      (kept[`${run}/${lane}`] ?? []).slice(from, to).map(({ classes, confidence, samples }, i) => ({
        step: from + i,
        samples: samples ?? classes.map((_, image) => image),
        lanes: new Map([[lane, { classes, confidences: classes.map(() => confidence) }]]),
      })),
  },
})

const row = (
  label: string,
  options: object,
  places: readonly (readonly [run: number, lane: string] | null)[],
): SweepRow =>
  sweepRowSchema.parse({
    label,
    options: laneOptionsSchema.parse(options),
    input: 0,
    model: 0,
    schedule: 'continual',
    refused: null,
    seeds: places.map(
      (place, seed) =>
        place && {
          seed,
          run: place[0],
          lane: place[1],
          status: 'done',
          meanErrorPct: 10 * place[0],
          perDomain: [],
          adaptedShare: 0,
          msPerImage: null,
          peakBytes: 0,
          collapses: [],
        },
    ),
  })

const varied = [0, 1, 2, 3]
const kept = {
  '1/norm': [
    { classes: varied, confidence: 0.5 },
    { classes: varied, confidence: 0.5 },
  ],
  '1/a': [
    { classes: varied, confidence: 0.6 },
    { classes: varied, confidence: 0.8 },
  ],
  '2/b': [
    { classes: [1, 1, 1, 1], confidence: 0.9 },
    { classes: varied, confidence: 0.9 },
  ],
}
const rows = (b: readonly [number, string] | null = [2, 'b']) => [
  row('BN-1', { method: 'norm' }, [[1, 'norm']]),
  row('timid', { method: 'palm', kappa: 1e-4 }, [[1, 'a']]),
  row('bold', { method: 'palm', kappa: 1e-2 }, [b]),
]

test('lanes of several runs are put side by side, step by step', async () => {
  const [risk, ...more] = await riskOf(recordsOf(kept), { rows: rows(), domains: {} })
  expect(more).toEqual([])
  expect(risk).toMatchObject({ input: 0, model: 0, schedule: 'continual', images: 8 })
  expect(risk?.rows.map(({ label, errorPct }) => [label, errorPct])).toEqual([
    ['timid', 10],
    ['bold', 20],
  ])
  expect(risk?.rows[0]?.riskPct).toBeCloseTo(30, 6)
  // In one of two batches all classes but one are gone.
  expect(risk?.rows[1]?.lessVariedPct).toBeCloseTo(50, 6)
  expect(risk?.rows[1]?.riskPct).toBeCloseTo(10 + 150, 6)
  expect(risk?.missing).toEqual([])
})

test('a setting of which nothing is computed is named', async () => {
  const more = [...rows(), row('later', { method: 'palm', kappa: 1e-3 }, [null])]
  const [risk] = await riskOf(recordsOf(kept), { rows: more, domains: {} })
  expect(risk?.rows.map(({ label }) => label)).toEqual(['timid', 'bold'])
  expect(risk?.missing).toEqual(['later'])
})

test('a step that one of them saw other images in, or has no answers of, counts for none', async () => {
  const other = { ...kept, '2/b': [{ ...kept['2/b'][0]!, samples: [0, 1, 2, 9] }, kept['2/b'][1]!] }
  const [unlike] = await riskOf(recordsOf(other), { rows: rows(), domains: {} })
  expect(unlike).toMatchObject({ images: 4, rows: [{ label: 'timid' }, { label: 'bold' }] })
  expect(unlike?.rows[0]?.unsurePct).toBeCloseTo(20, 6)
  const [shorter] = await riskOf(recordsOf({ ...kept, '2/b': kept['2/b'].slice(0, 1) }), { rows: rows(), domains: {} })
  expect(shorter?.images).toBe(4)
  const [none] = await riskOf(recordsOf({ ...kept, '2/b': [] }), { rows: rows(), domains: {} })
  expect(none).toMatchObject({ images: 0, rows: [] })
})

test('without BN-1, or two settings that are done, there is nothing to say', async () => {
  const records = recordsOf(kept)
  expect(await riskOf(records, { rows: rows().slice(1), domains: {} })).toEqual([])
  expect(await riskOf(records, { rows: rows(null), domains: {} })).toEqual([])
})
