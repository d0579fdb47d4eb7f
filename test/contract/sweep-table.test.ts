// Tables of a sweep: means over seeds, gains, the best of a column, and what each format must escape.
import { describe, expect, test } from 'vitest'
import { methodIds, methodInfo } from '#contract/methods/method-info.ts'
import { optionsOf, schemaOf } from '#contract/methods/methods.ts'
import { readySweep, readySweepNames } from '#contract/sweeps/ready-sweeps.ts'
import { deviation, summarize, tablesOf } from '#contract/tables/sweep-table.ts'
import { formatTable, transposed } from '#contract/tables/table.ts'
import { sweepDefinitionSchema, type SweepResults, type SweepRow } from '#contract/sweeps/sweep.ts'
import { laneOptionsSchema } from '#contract/methods/methods.ts'

const definition = sweepDefinitionSchema.parse({
  name: 'x',
  title: 'A | title, 5 %',
  inputs: [{ kind: 'sample' }],
  models: [{ kind: 'sample' }],
  preset: 'sample',
  methods: ['source', 'tent', 'dss'],
  seeds: [0, 1],
})

function row(
  method: 'source' | 'tent' | 'dss',
  means: readonly (number | null)[],
  label: string = methodInfo[method].label,
): SweepRow {
  return {
    label,
    options: laneOptionsSchema.parse({ method }),
    input: 0,
    model: 0,
    schedule: 'continual',
    refused: null,
    seeds: means.map((value, seed) =>
      value === null
        ? null
        : {
            seed,
            run: 1,
            lane: method,
            status: 'done',
            meanErrorPct: value,
            perDomain: [value - 1, value + 1],
            adaptedShare: 0.25,
            msPerImage: 2,
            peakBytes: 2 ** 21,
            devices: [],
            collapses:
              seed === 1 && method === 'tent' ? [{ lane: 'tent', step: 9, kind: 'few-classes', restored: null }] : [],
          },
    ),
  }
}

const results: SweepResults = {
  id: 1,
  definition,
  inputNames: ['photos'],
  modelNames: ['net'],
  domains: { continual: ['gaussian_noise 5', 'fog 5'] },
  rows: [row('source', [50, 52]), row('tent', [30, 34]), row('dss', [31, null])],
  protocol: 'Protocol & seeds.',
  guessing: [
    {
      input: 'photos',
      model: 'net',
      check: { labelled: 64, correct: 6 },
      seen: 'clean',
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    },
  ],
  differences: [],
  paper: {
    source: 'The paper.',
    table: {
      title: 'T',
      dataset: 'CIFAR-10-C',
      setting: 'continual',
      unit: '%',
      model: 'WRN',
      columns: ['fog'],
      rows: [{ method: 'PALM', dataset: null, values: [12.2], mean: 15.5 }],
    },
  },
}

test('means and sample deviations over the seeds that are done, gains over Source', () => {
  expect(deviation([1, 3])).toBeCloseTo(Math.SQRT2)
  expect(deviation([1])).toBeNull()
  expect(summarize(results, results.rows).map(({ meanPct, gain }) => [meanPct, gain])).toEqual([
    [51, null],
    [32, 19],
    [31, 20],
  ])
})

test('errors: a column per domain, the best marked, what is ours and what collapsed said, the paper’s table apart', () => {
  const [own, paper] = tablesOf(results, 'errors')
  expect(own?.head).toEqual(['error %', 'gaussian_noise', 'fog', 'mean', 'std', 'gain'])
  expect(own?.rows[1]?.label).toBe('TENT (collapsed)')
  expect(own?.rows[2]?.label).toBe('DSS (reconstructed) *')
  expect(own?.rows[2]?.cells.map(({ text, best }) => `${text}${best ? '!' : ''}`)).toEqual([
    '30.0!',
    '32.0!',
    '31.0!',
    '-',
    '20.0',
  ])
  expect(own?.notes.join(' ')).toContain('Not complete: DSS (reconstructed) has 1 of 2 seeds')
  expect(own?.notes.join(' ')).toContain('TENT, seed 1: hardly any classes left at step 9.')
  expect(own?.notes.join(' ')).toContain(
    'net gets 6 of 64 clean images of photos right, no better than guessing. Its normalisation (mean 0.5/0.5/0.5, std 0.25/0.25/0.25)',
  )
  expect(own?.notes.join(' ')).toContain('* DSS (reconstructed): No code')
  expect(paper).toMatchObject({
    foreign: true,
    head: ['paper', 'fog', 'mean'],
    rows: [{ label: 'PALM', cells: [{ text: '12.2' }, { text: '15.5' }] }],
  })
  expect(paper?.title).toMatch(/^The paper’s own/)
  expect(paper?.notes[0]).toMatch(/Not computed here\. The paper/)
})

test('a table under the paper’s title says in its title and below it what was computed otherwise', () => {
  expect(tablesOf(results, 'errors')[0]?.title).not.toContain('other settings')
  const [own, paper] = tablesOf({ ...results, differences: ['batch 100 (paper: 200)'] }, 'errors')
  expect(own?.title).toMatch(/, with other settings than the paper’s$/)
  expect(own?.notes[1]).toBe('Not as in the paper: batch 100 (paper: 200).')
  expect(paper?.notes[0]).toMatch(/Not computed here: its settings are others than those above\./)
})

test('many domains are shown as means per corruption, several severities of few one by one', () => {
  const gradual = Array.from({ length: 9 }, (_, i) => `fog ${i < 5 ? i + 1 : 9 - i}`)
  const many = {
    ...results,
    domains: {
      continual: [
        ...gradual,
        ...gradual.map((name) => name.replace('fog', 'snow')),
        ...gradual.map((name) => name.replace('fog', 'frost')),
      ],
    },
  }
  expect(tablesOf(many, 'errors')[0]?.head.slice(0, 4)).toEqual(['error %', 'fog', 'snow', 'frost'])
  const few = { ...results, domains: { continual: ['fog 1', 'fog 5'] } }
  expect(tablesOf(few, 'errors')[0]?.head.slice(1, 3)).toEqual(['fog 1', 'fog 5'])
})

test('costs relate to Source; adapted shares are per cent', () => {
  expect(tablesOf(results, 'costs')[0]?.rows[1]?.cells.map(({ text }) => text)).toEqual(['2.00', '1.0', '2'])
  expect(tablesOf(results, 'adapted')[0]?.rows[0]?.cells[0]?.text).toBe('25.00')
})

describe('formats', () => {
  const [table] = tablesOf(results, 'errors') as [NonNullable<ReturnType<typeof tablesOf>[number]>]

  test('CSV quotes, and keeps spreadsheets from running what a name says', () => {
    const evil = {
      ...table,
      rows: [
        { label: '=HYPERLINK("x")', cells: table.rows[0]!.cells },
        { label: 'a,b', cells: table.rows[0]!.cells },
      ],
    }
    const csv = formatTable(evil, 'csv').split('\n')
    expect(csv[0]).toBe('error %,gaussian_noise,fog,mean,std,gain')
    expect(csv[1]).toMatch(/^"'=HYPERLINK\(""x""\)",50\.0,/)
    expect(csv[2]).toMatch(/^"a,b",/)
  })

  test('Markdown and LaTeX put the best in bold and escape', () => {
    expect(formatTable(table, 'markdown')).toContain(
      '| DSS (reconstructed) \\* | **30.0** | **32.0** | **31.0** | - | 20.0 |',
    )
    expect(formatTable(table, 'markdown')).toContain('**A \\| title, 5 %**')
    const latex = formatTable(table, 'latex')
    expect(latex).toContain('error \\% & gaussian\\_noise & fog & mean & std & gain \\\\')
    expect(latex).toContain('\\textbf{30.0}')
    expect(latex).toContain('\\begin{tabular}{lrrrrr}')
  })

  test('transposed: methods are columns, domains rows', () => {
    const turned = transposed(table)
    expect(turned.head).toEqual(['error %', 'Source', 'TENT (collapsed)', 'DSS (reconstructed) *'])
    expect(turned.rows[0]).toMatchObject({
      label: 'gaussian_noise',
      cells: [{ text: '50.0' }, { text: '31.0' }, { text: '30.0', best: true }],
    })
    expect(transposed(turned).rows.map(({ cells }) => cells)).toEqual(table.rows.map(({ cells }) => cells))
  })
})

describe('definitions', () => {
  test('every ready-made sweep is one, for the sample and for a model of the user’s', () => {
    for (const name of readySweepNames) {
      expect(
        readySweep(name, { input: { kind: 'sample' }, model: { kind: 'sample' }, source: null, preset: null }).source,
      ).toEqual({ kind: 'sample' })
      const file = {
        kind: 'file',
        path: '/m.safetensors',
        name: null,
        architecture: null,
        normalization: null,
        classNames: null,
        inputSize: null,
      } as const
      const own = readySweep(name, {
        input: { kind: 'folder', split: null, domains: 'none', labels: {}, path: '/i' },
        model: file,
        source: null,
        preset: null,
      })
      expect(own.source).toBeNull()
      expect(['auto', 'cifar100', 'imagenet']).toContain(own.preset)
    }
  })

  test('an option that a method does not have is refused by name', () => {
    const parsed = sweepDefinitionSchema.safeParse({ ...definition, methods: [{ method: 'tent', kappa: 1 }] })
    expect(JSON.stringify(parsed.error?.issues)).toContain('tent has no option kappa; it has optimizer, learningRate')
  })

  test('every option of every method is explained and has a default of its own kind', () => {
    for (const method of methodIds) {
      const defaults = schemaOf(method).parse({ method })
      for (const option of optionsOf(method)) {
        expect(option.help.length, `${method}.${option.name}`).toBeGreaterThan(10)
        expect(option.initial, `${method}.${option.name}`).toEqual(defaults[option.name])
      }
    }
  })
})

describe('what it was computed on', () => {
  const on = (method: 'source' | 'tent', ...devices: string[]): SweepRow => {
    const one = row(method, [30])
    return { ...one, seeds: one.seeds.map((seed) => seed && { ...seed, devices }) }
  }
  const notes = (...rows: SweepRow[]) => tablesOf({ ...results, rows }, 'errors')[0]?.notes.join('\n') ?? ''

  test('different kinds are named with their rows; one kind alone only where its products are shortened', () => {
    expect(notes(on('source', 'processor'), on('tent', 'processor', 'WebGPU'))).toContain(
      'differ in the last digits: processor (Source, TENT); WebGPU (TENT).',
    )
    expect(notes(on('source', 'processor'), on('tent', 'processor'))).not.toContain('omputed on')
    expect(notes(on('source', 'CUDA with TF32'), on('tent', 'CUDA with TF32'))).toContain('Computed on CUDA with TF32:')
  })
})
