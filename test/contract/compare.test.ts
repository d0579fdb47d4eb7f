// Settings side by side, what speaks against comparing, and results as one table. Over runs as the service gives them.
import { describe, expect, test } from 'vitest'
import type { ComparedRun } from '#contract/compare/compare.ts'
import { flatSettings, mismatches, mismatchText, settingRows } from '#contract/compare/compare-settings.ts'
import { compareTable, entriesOf, knownMeasures, seedGroups } from '#contract/tables/compare-table.ts'
import { meanErrorPct } from '#contract/tables/report.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { formatTable, transposed } from '#contract/tables/table.ts'

interface Made {
  readonly options?: object
  readonly errors?: Readonly<Record<string, readonly number[]>>
  readonly domains?: readonly string[]
  readonly inputHash?: string
  readonly modelHash?: string
  readonly status?: ComparedRun['summary']['status']
}
const lane = (method: string, differs: object = {}) => ({
  id: method,
  label: method === 'source' ? 'Source' : method.toUpperCase(),
  options: { method, ...differs },
})

function made(
  id: number,
  {
    options = {},
    errors = { source: [50, 60], palm: [25, 30] },
    domains = ['fog 5', 'snow 5'],
    inputHash = 'aaaaaaaa11',
    modelHash = 'bbbbbbbb22',
    status = 'done',
  }: Made = {},
): ComparedRun {
  const parsed = runOptionsSchema.parse({
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    corruptions: ['fog', 'snow'],
    lanes: Object.keys(errors).map((method) => lane(method)),
    ...options,
  })
  const metrics = Object.entries(errors).flatMap(([method, list]) =>
    list.map((error, domain) => ({
      lane: method,
      domain,
      images: 1000,
      labelled: 1000,
      correct: 1000 - 10 * error,
      confidence: 0.9,
      entropy: 0.25,
      agreement: null,
      estimate: null,
    })),
  )
  return {
    summary: {
      id,
      name: parsed.name,
      status,
      createdAt: 0,
      finishedAt: 1,
      step: 10,
      totalSteps: 10,
      options: parsed,
      inputName: 'EuroSAT sample',
      modelName: 'ResNet-20',
      lanes: parsed.lanes.map((one) => ({
        id: one.id,
        label: one.label,
        method: one.options.method,
        meanErrorPct: meanErrorPct(metrics.filter((metric) => metric.lane === one.id)),
      })),
      error: null,
      note: '',
      tags: [],
      archived: false,
      deletedAt: null,
      parent: null,
      changes: [],
    },
    plan: {
      domains: [...domains],
      totalSteps: 10,
      totalImages: 1000,
      family: 'cifar',
      inputName: 'EuroSAT sample',
      inputHash,
      sourceHash: null,
      model: {
        name: 'ResNet-20',
        hash: modelHash,
        architecture: 'cifar-resnet',
        parameters: 1000,
        classes: 10,
        normalization: { mean: [0.1, 0.2, 0.3], std: [1, 1, 1] },
        inputSize: { width: 64, height: 64 },
      },
      versions: { device: 'cpu', tensorflow: '2.21.0' },
    },
    domains: metrics,
    collapses: [],
  }
}

const differing = (...runs: ComparedRun[]) =>
  settingRows(runs)
    .filter(({ differs }) => differs)
    .map(({ path, values }) => [path, ...values])

describe('settings side by side', () => {
  test('are dotted paths, those of a lane under its id', () => {
    const flat = flatSettings(made(1))
    expect(flat.get('batchSize')).toBe('100')
    expect(flat.get('corruptions')).toBe('fog, snow')
    expect(flat.get('lanes.palm.method')).toBe('palm')
    expect(flat.get('model.hash')).toBe('bbbbbbbb22')
    expect(flat.get('versions.tensorflow')).toBe('2.21.0')
    expect(flat.get('input.kind')).toBe('sample')
    expect(flat.has('name')).toBe(false)
  })

  test('differ only where they do', () => {
    expect(differing(made(1), made(2, { options: { name: 'another name' } }))).toEqual([])
    const other = made(2, {
      options: { seed: 3, lanes: [lane('source'), lane('palm', { kappa: 0.01 })] },
      modelHash: 'cccccccc33',
    })
    expect(differing(made(1), other)).toEqual([
      ['model.hash', 'bbbbbbbb22', 'cccccccc33'],
      ['seed', '0', '3'],
      ['lanes.palm.kappa', expect.stringMatching(/^[\d.e-]+$/), '0.01'],
    ])
  })

  test('a method that one run has not is one row, not one for each of its options', () => {
    const rows = differing(made(1), made(2, { errors: { source: [1, 2], palm: [1, 2], tent: [1, 2] } }))
    expect(rows).toEqual([['lanes', 'source, palm', 'source, palm, tent']])
  })

  test('labels matched by hand are one value, whatever their names', () => {
    const input = { kind: 'folder' as const, path: '/photos', labels: { 'a.b.c': 1, d: null } }
    expect(flatSettings(made(1, { options: { input } })).get('input.labels')).toBe('{"a.b.c":1,"d":null}')
  })
})

describe('what speaks against comparing', () => {
  test('nothing, where images, model and stream are the same', () => {
    expect(mismatches([made(1), made(2, { options: { seed: 9 } })])).toEqual([])
  })

  test('is said with the runs and what each has', () => {
    const found = mismatches([
      made(1),
      made(2, { inputHash: 'ffffffff99' }),
      made(3, { modelHash: 'dddddddd44', options: { schedule: 'gradual', batchSize: 50 }, status: 'stopped' }),
    ])
    expect(found.map(({ kind }) => kind)).toEqual(['images', 'model', 'stream', 'unfinished'])
    const [images, , stream, unfinished] = found.map(mismatchText)
    expect(images).toBe(
      'Not comparable: these runs saw other images: runs 1, 3: EuroSAT sample (aaaaaaaa); run 2: EuroSAT sample (ffffffff).',
    )
    expect(stream).toBe(
      'Not comparable: these runs had other streams: runs 1, 2: schedule continual, batchSize 100; run 3: schedule gradual, batchSize 50.',
    )
    expect(unfinished).toMatch(/^Not complete.*run 3: 10 \/ 10\.$/)
  })
})

describe('the table', () => {
  const asked = { kind: 'domains', measure: 'error', digits: 1 } as const

  test('has a row for each method of each run, the best of each column marked, with the gain over Source of the same run', () => {
    const table = compareTable(
      [made(1), made(2, { options: { batchSize: 50 }, errors: { source: [52, 60], palm: [24, 36] } })],
      asked,
    )
    expect(table.head).toEqual(['error %', 'fog', 'snow', 'mean', 'gain'])
    expect(
      table.rows.map(({ label, cells }) => [label, ...cells.map(({ text, best }) => `${text}${best ? '!' : ''}`)]),
    ).toEqual([
      ['Source (run 1)', '50.0', '60.0', '55.0', '-'],
      ['PALM (run 1)', '25.0', '30.0!', '27.5!', '27.5'],
      ['Source (run 2)', '52.0', '60.0', '56.0', '-'],
      ['PALM (run 2)', '24.0!', '36.0', '30.0', '26.0'],
    ])
    expect(table.notes.some((note) => note.startsWith('Not comparable: these runs had other streams'))).toBe(true)
  })

  test('puts runs together that differ in nothing but their seed, with the deviation of their means', () => {
    const runs = [
      made(1),
      made(2, { options: { seed: 1, name: 'again' }, errors: { source: [50, 60], palm: [27, 32] } }),
      made(3, { options: { batchSize: 50 } }),
      made(4, { options: { seed: 0 } }),
    ]
    expect(seedGroups(runs).map((group) => group.map(({ summary }) => summary.id))).toEqual([[1, 2], [3], [4]])
    const palm = entriesOf(runs.slice(0, 2), 'error')[1]
    expect(palm?.mean).toBeCloseTo(28.5, 9)
    expect(palm?.deviation).toBeCloseTo(Math.SQRT2, 9)
    expect(palm?.perDomain.get('fog 5')).toBeCloseTo(26, 9)
    const table = compareTable(runs.slice(0, 2), asked)
    expect(table.head).toEqual(['error %', 'fog', 'snow', 'mean', 'std', 'gain'])
    expect(table.rows[1]?.cells.map(({ text }) => text)).toEqual(['26.0', '31.0', '28.5', '1.4', '26.5'])
    const means = compareTable(runs.slice(0, 3), { ...asked, kind: 'means' })
    expect(means.head).toEqual(['mean error %', 'Source', 'PALM'])
    expect(means.rows.map(({ label, cells }) => [label, ...cells.map(({ text }) => text)])).toEqual([
      ['runs 1, 2: EuroSAT sample', '55.0 ± 0.0', '28.5 ± 1.4'],
      ['run 3: EuroSAT sample', '55.0', '27.5'],
    ])
  })

  test('has the mean over the domains that all have, where some have more', () => {
    const table = compareTable([made(1), made(2, { errors: { source: [50], palm: [20] }, status: 'stopped' })], asked)
    expect(table.head).toEqual(['error %', 'fog', 'snow', 'mean', 'mean of the 1 shared', 'gain'])
    expect(table.rows.map(({ cells }) => cells[3]?.text)).toEqual(['50.0', '25.0', '50.0', '20.0'])
  })

  test('without labels has what can be said without, and calls none best', () => {
    const unlabelled = [made(1), made(2, { options: { batchSize: 50 } })].map((run) => ({
      ...run,
      domains: run.domains.map((metric) => ({ ...metric, labelled: 0, correct: 0 })),
    }))
    expect(knownMeasures(unlabelled)).toEqual(['confidence', 'entropy'])
    const table = compareTable(unlabelled, { kind: 'domains', measure: 'entropy', digits: 2 })
    expect(table.head).toEqual(['entropy, nats', 'fog', 'snow', 'mean'])
    expect(table.rows[0]?.cells).toEqual(
      Array.from({ length: 3 }, () => ({ text: '0.25', best: false, exact: '0.25' })),
    )
  })

  test('as CSV has more digits than are shown, and nothing that a spreadsheet would run', () => {
    const evil = made(1, {
      options: {
        lanes: [
          { ...lane('source'), label: '=HYPERLINK("x")' },
          { ...lane('palm'), label: '@SUM(A1)' },
        ],
      },
      errors: { source: [100 / 3, 10], palm: [1, 2] },
    })
    const rows = formatTable(compareTable([evil], asked), 'csv').split('\n')
    expect(rows[1]).toBe('"\'=HYPERLINK(""x"")",33.333333,10,21.666667,-')
    expect(rows[2]?.startsWith("'@SUM(A1),1,2,1.5")).toBe(true)
  })

  test('as LaTeX and Markdown keeps what is best, and writes ± as LaTeX does', () => {
    const runs = [made(1), made(2, { options: { seed: 1 } }), made(3, { options: { batchSize: 50 } })]
    const table = compareTable(runs, { ...asked, kind: 'means' })
    expect(formatTable(table, 'latex')).toContain('\\textbf{55.0 $\\pm$ 0.0}')
    expect(formatTable(transposed(table), 'markdown')).toContain('| Source | **55.0 ± 0.0** | **55.0** |')
  })
})
