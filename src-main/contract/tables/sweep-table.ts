// The tables of a sweep's results: what stands in them. Pure. The paper's own numbers are a table of their own, marked as the paper's with
// its model and data, so that nobody mistakes one for the other.
import { methodInfo } from '#contract/methods/method-info.ts'
import type { SweepResults, SweepRow, TableKind } from '#contract/sweeps/sweep.ts'
import { fromColumns, marked, type Table, type TableCell } from './table.ts'

/** More domains than this are shown as means per corruption. */
const mostColumns = 20

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Of a sample, n - 1 in the denominator; null for fewer than two. */
export function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1))
}

const done = (row: SweepRow) => row.seeds.filter((seed) => seed !== null)
const known = (values: readonly (number | null)[]): number[] =>
  values.filter((value): value is number => value !== null)

export interface RowSummary {
  readonly row: SweepRow
  /** Over seeds; null when nothing is computed or labelled. */
  readonly meanPct: number | null
  readonly deviation: number | null
  readonly perDomain: readonly (number | null)[]
  readonly gain: number | null
}

/** Means over seeds, with the gain over the Source of the same input, model and schedule. */
export function summarize(results: Pick<SweepResults, 'domains'>, rows: readonly SweepRow[]): RowSummary[] {
  const meanOf = (row: SweepRow) => {
    const values = known(done(row).map((seed) => seed.meanErrorPct))
    return values.length > 0 ? mean(values) : null
  }
  const source = rows.find((row) => row.options.method === 'source')
  const base = source ? meanOf(source) : null
  return rows.map((row) => {
    const meanPct = meanOf(row)
    const domains = results.domains[row.schedule] ?? []
    return {
      row,
      meanPct,
      deviation: deviation(known(done(row).map((seed) => seed.meanErrorPct))),
      perDomain: domains.map((_, i) => {
        const values = known(done(row).map((seed) => seed.perDomain[i] ?? null))
        return values.length > 0 ? mean(values) : null
      }),
      gain: base === null || meanPct === null || row === source ? null : base - meanPct,
    }
  })
}

/** Domains as columns: one each, or one per corruption where there are many. */
export function columnsOf(
  domains: readonly string[],
): { readonly name: string; readonly members: readonly number[] }[] {
  const short = (name: string) => name.replace(/( #\d+)+$/, '').replace(/ [1-5]$/, '')
  const severities = new Set(domains.map((name) => / ([1-5])( #\d+)?$/.exec(name)?.[1]))
  const cycles = domains.some((name) => name.includes(' #'))
  if (domains.length <= mostColumns && (severities.size > 1 || cycles))
    return domains.map((name, i) => ({ name, members: [i] }))
  return [...Map.groupBy(domains.keys(), (i) => short(domains[i] as string))].map(([name, members]) => ({
    name,
    members,
  }))
}

/** One table per input, model and schedule. */
export function tablesOf(results: SweepResults, kind: TableKind): Table[] {
  const groups = [...Map.groupBy(results.rows, (row) => `${row.input} ${row.model} ${row.schedule}`).values()]
  const tables = groups.map((rows): Table => {
    const [first] = rows as [SweepRow]
    const summaries = summarize(results, rows)
    const title = `${results.definition.title || results.definition.name}${
      groups.length > 1
        ? ` (${results.inputNames[first.input]} / ${results.modelNames[first.model]}, ${first.schedule})`
        : ''
    }${results.differences.length > 0 ? ', with other settings than the paper’s' : ''}`
    return { title, notes: notesOf(results, rows), foreign: false, ...body(results, summaries, kind) }
  })
  return kind === 'errors' || kind === 'curve' || kind === 'adapted' ? [...tables, ...paperTable(results)] : tables
}

function body(results: SweepResults, summaries: readonly RowSummary[], kind: TableKind): Pick<Table, 'head' | 'rows'> {
  const labels = summaries.map(
    ({ row }) =>
      `${row.label}${methodInfo[row.options.method].ours ? ' *' : ''}${done(row).some((seed) => seed.collapses.length > 0) ? ' (collapsed)' : ''}`,
  )
  if (kind === 'costs') {
    const perImage = summaries.map(({ row }) => {
      const values = known(done(row).map((seed) => seed.msPerImage))
      return values.length > 0 ? mean(values) : null
    })
    const source = perImage[summaries.findIndex(({ row }) => row.options.method === 'source')] ?? null
    const columns = [
      marked(perImage, 2, null),
      marked(
        perImage.map((value) => (value === null || source === null ? null : value / source)),
        1,
        null,
      ),
      marked(
        summaries.map(({ row }) =>
          done(row).length > 0 ? Math.max(...done(row).map((seed) => seed.peakBytes)) / 2 ** 20 : null,
        ),
        0,
        null,
      ),
    ]
    return {
      head: ['method', 'ms an image', 'times Source', 'peak MiB of tensors'],
      rows: fromColumns(labels, columns),
    }
  }
  if (kind === 'adapted') {
    const shares = summaries.map(({ row }) =>
      done(row).length > 0 ? 100 * mean(done(row).map((seed) => seed.adaptedShare)) : null,
    )
    return {
      head: ['method', 'adapted % of the adaptable parameters', 'mean error %'],
      rows: fromColumns(labels, [
        marked(shares, 2, null),
        marked(
          summaries.map(({ meanPct }) => meanPct),
          1,
          'low',
        ),
      ]),
    }
  }
  const totals = [
    marked(
      summaries.map(({ meanPct }) => meanPct),
      kind === 'curve' ? 2 : 1,
      'low',
    ),
  ]
  const head = ['mean']
  if (summaries.some((summary) => summary.deviation !== null)) {
    totals.push(
      marked(
        summaries.map((summary) => summary.deviation),
        2,
        null,
      ),
    )
    head.push('std')
  }
  if (kind === 'curve') return { head: ['setting', ...head], rows: fromColumns(labels, totals) }
  if (summaries.some(({ gain }) => gain !== null)) {
    totals.push(
      marked(
        summaries.map(({ gain }) => gain),
        1,
        null,
      ),
    )
    head.push('gain')
  }
  const columns = columnsOf(results.domains[summaries[0]?.row.schedule ?? ''] ?? [])
  const perColumn = columns.map(({ members }) =>
    marked(
      summaries.map(({ perDomain }) => {
        const values = known(members.map((i) => perDomain[i] ?? null))
        return values.length > 0 ? mean(values) : null
      }),
      1,
      'low',
    ),
  )
  return {
    head: ['error %', ...columns.map(({ name }) => name), ...head],
    rows: fromColumns(labels, [...perColumn, ...totals]),
  }
}

const triple = (values: readonly number[]): string => values.map((value) => Number(value.toFixed(4))).join('/')

function notesOf(results: SweepResults, rows: readonly SweepRow[]): string[] {
  const wanted = results.definition.seeds.length
  const missing = rows.filter((row) => row.refused === null && done(row).length < wanted)
  return [
    results.protocol,
    ...(results.differences.length > 0 ? [`Not as in the paper: ${results.differences.join('; ')}.`] : []),
    ...results.guessing.map(
      ({ input, model, check, seen, mean, std }) =>
        `Warning: unadapted, ${model} gets ${check.correct} of ${check.labelled} ${seen} images of ${input} right, no better than guessing. Its normalisation (mean ${triple(mean)}, std ${triple(std)}), the order of the classes or the input size is probably not what it was trained with.`,
    ),
    ...deviceNotes(rows),
    ...(missing.length > 0
      ? [`Not complete: ${missing.map((row) => `${row.label} has ${done(row).length} of ${wanted} seeds`).join(', ')}.`]
      : []),
    ...rows.flatMap((row) => (row.refused ? [`${row.label} was left out: ${row.refused}`] : [])),
    ...rows.flatMap((row) =>
      done(row).flatMap((seed) =>
        seed.collapses.map(
          ({ step, kind, restored }) =>
            `${row.label}, seed ${seed.seed}: ${kind === 'not-finite' ? 'values that are not numbers' : 'hardly any classes left'} at step ${step}${restored === null ? '' : restored < 0 ? ', put back to the source' : `, put back to step ${restored}`}.`,
        ),
      ),
    ),
    ...[...new Set(rows.map((row) => row.options.method))].flatMap((method) => {
      const { label, ours } = methodInfo[method]
      return ours ? [`* ${label}: ${ours}`] : []
    }),
  ]
}

/** Other kinds of device, or precisions, give other last digits: which rows are from which. */
function deviceNotes(rows: readonly SweepRow[]): string[] {
  const by = new Map<string, Set<string>>()
  for (const row of rows)
    for (const { devices } of done(row))
      for (const device of devices) by.set(device, (by.get(device) ?? new Set()).add(row.label))
  if (by.size > 1) {
    const parts = [...by].map(([device, labels]) => `${device} (${[...labels].join(', ')})`)
    return [`Computed on different kinds of device, whose numbers differ in the last digits: ${parts.join('; ')}.`]
  }
  const [only] = by.keys()
  return only?.endsWith('TF32') ? [`Computed on ${only}: products are shortened to ten bits of mantissa.`] : []
}

function paperTable(results: SweepResults): Table[] {
  if (!results.paper) return []
  const { source, table } = results.paper
  const withMean = table.rows.some(({ mean: value }) => value !== null)
  const cells = (values: readonly (number | null)[]) =>
    values.map((value): TableCell => ({ text: value === null ? '-' : String(value), best: false }))
  return [
    {
      title: `The paper’s own: ${table.title}`,
      notes: [
        `${table.dataset}${table.model ? `, ${table.model}` : ''}; ${table.setting}; ${table.unit}. Not computed here${results.differences.length > 0 ? ': its settings are others than those above' : ''}. ${source}`,
      ],
      foreign: true,
      head: ['paper', ...table.columns, ...(withMean ? ['mean'] : [])],
      rows: table.rows.map(({ method, dataset, values, mean: value }) => ({
        label: dataset ? `${method}, ${dataset}` : method,
        cells: cells([...values, ...(withMean ? [value] : [])]),
      })),
    },
  ]
}
