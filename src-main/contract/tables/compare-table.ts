// Results of several runs in one table: domains by (run, lane), or runs by method. Runs that differ in nothing but their seed become one entry with its
// mean and deviation. Pure; written as text, CSV, Markdown and LaTeX by sweep-table.ts.
import type { ComparedRun } from '#contract/compare/compare.ts'
import { mismatches, mismatchText } from '#contract/compare/compare-settings.ts'
import { methodInfo } from '#contract/methods/method-info.ts'
import type { DomainMetric } from './report.ts'
import type { Lane } from '#contract/runs/run-options.ts'
import { columnsOf, deviation } from './sweep-table.ts'
import { fromColumns, marked, type Table, type TableCell } from './table.ts'

export const matrixKinds = ['domains', 'means'] as const
export type MatrixKind = (typeof matrixKinds)[number]
export const matrixMeasures = ['error', 'confidence', 'entropy', 'agreement', 'estimate'] as const
export type MatrixMeasure = (typeof matrixMeasures)[number]

export interface MatrixOptions {
  readonly kind: MatrixKind
  readonly measure: MatrixMeasure
  /** After the point; CSV has more. */
  readonly digits: number
}

/** One method of one run, or of several that differ in their seeds only. */
export interface Entry {
  readonly runs: readonly ComparedRun[]
  readonly lane: Lane
  /** By domain, means over the runs; null where nothing is known. */
  readonly perDomain: ReadonlyMap<string, number | null>
  readonly mean: number | null
  /** Of the runs' means; null for one run. */
  readonly deviation: number | null
  /** Over the unadapted model of the same runs; null for itself, without one, and for other measures than the error. */
  readonly gain: number | null
}

const average = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value): value is number => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

/** As it is shown: percent, entropy in nats; null where it is not known. */
function valueOf(metric: DomainMetric, measure: MatrixMeasure): number | null {
  if (measure === 'error')
    return metric.labelled === 0 ? null : (100 * (metric.labelled - metric.correct)) / metric.labelled
  const value = metric[measure]
  return value === null || measure === 'entropy' ? value : 100 * value
}

/** What there are numbers of. */
export const knownMeasures = (runs: readonly ComparedRun[]): MatrixMeasure[] =>
  matrixMeasures.filter((measure) =>
    runs.some(({ domains }) => domains.some((metric) => valueOf(metric, measure) !== null)),
  )

/** Runs with the same images, model and settings but for the seed, of which each has another; the others alone. In the order of the first of each. */
export function seedGroups(runs: readonly ComparedRun[]): ComparedRun[][] {
  const groups: { key: string; seeds: Set<number>; runs: ComparedRun[] }[] = []
  for (const run of runs) {
    const { name: _name, seed, ...options } = run.summary.options
    const key = JSON.stringify([
      options,
      run.plan?.inputHash,
      run.plan?.sourceHash,
      run.plan?.model.hash,
      run.plan?.family,
    ])
    const group = groups.find((one) => one.key === key && !one.seeds.has(seed))
    if (group) {
      group.seeds.add(seed)
      group.runs.push(run)
    } else groups.push({ key, seeds: new Set([seed]), runs: [run] })
  }
  return groups.map((group) => group.runs)
}

const domainName = (run: ComparedRun, index: number): string => run.plan?.domains[index] ?? `domain ${index + 1}`

/** Every (run, lane), seeds put together. */
export function entriesOf(runs: readonly ComparedRun[], measure: MatrixMeasure): Entry[] {
  return seedGroups(runs).flatMap((group) => {
    const lanes = (group[0] as ComparedRun).summary.options.lanes
    const entries = lanes.map((lane): Entry => {
      const perRun = group.map(
        (run) =>
          new Map(
            run.domains
              .filter((metric) => metric.lane === lane.id)
              .map((metric) => [domainName(run, metric.domain), valueOf(metric, measure)]),
          ),
      )
      const names = [...new Set(perRun.flatMap((values) => [...values.keys()]))]
      const means = perRun.map((values) => average([...values.values()]))
      return {
        runs: group,
        lane,
        perDomain: new Map(names.map((name) => [name, average(perRun.map((values) => values.get(name) ?? null))])),
        mean: average(means),
        deviation: deviation(means.filter((value) => value !== null)),
        gain: null,
      }
    })
    const source = entries.find(({ lane }) => lane.options.method === 'source')
    if (measure !== 'error') return entries
    return entries.map((entry) => ({
      ...entry,
      gain:
        entry === source || entry.mean === null || source?.mean === undefined || source.mean === null
          ? null
          : source.mean - entry.mean,
    }))
  })
}

const numbersOf = (runs: readonly ComparedRun[]): string =>
  `${runs.length === 1 ? 'run' : 'runs'} ${runs.map(({ summary }) => summary.id).join(', ')}`

function labelOf({ runs, lane }: Entry, several: boolean): string {
  const collapsed = runs.some(({ collapses }) => collapses.some((collapse) => collapse.lane === lane.id))
  return `${lane.label}${methodInfo[lane.options.method].ours ? ' *' : ''}${several ? ` (${numbersOf(runs)})` : ''}${collapsed ? ' (collapsed)' : ''}`
}

const exact = (cell: TableCell, value: number | null): TableCell =>
  value === null ? cell : { ...cell, exact: String(Number(value.toFixed(6))) }

function column(values: readonly (number | null)[], digits: number, best: 'low' | null): TableCell[] {
  return marked(values, digits, best).map((cell, i) => exact(cell, values[i] ?? null))
}

const units: Readonly<Record<MatrixMeasure, string>> = {
  error: 'error %',
  confidence: 'confidence %',
  entropy: 'entropy, nats',
  agreement: 'agreement with source %',
  estimate: 'estimate of accuracy %',
}

/** Rows are (run, lane) or runs; `transposed` (sweep-table.ts) turns it. */
export function compareTable(runs: readonly ComparedRun[], { kind, measure, digits }: MatrixOptions): Table {
  const entries = entriesOf(runs, measure)
  const groups = seedGroups(runs)
  const best = measure === 'error' ? 'low' : null
  const title = `Results of ${numbersOf(runs)}`
  const notes = notesOf(runs, groups, measure)
  if (kind === 'means') {
    const methods = [...new Set(entries.map(({ lane }) => lane.label))]
    const cellsOf = (label: string): TableCell[] => {
      const own = groups.map((group) =>
        entries.find((entry) => entry.runs[0] === group[0] && entry.lane.label === label),
      )
      return column(
        own.map((entry) => entry?.mean ?? null),
        digits,
        best,
      ).map((cell, i) => {
        const spread = own[i]?.deviation ?? null
        return spread === null
          ? cell
          : {
              ...cell,
              text: `${cell.text} ± ${spread.toFixed(digits)}`,
              exact: `${cell.exact} ± ${Number(spread.toFixed(6))}`,
            }
      })
    }
    return {
      title,
      notes,
      foreign: false,
      head: [`mean ${units[measure]}`, ...methods],
      rows: fromColumns(groups.map(runLabel), methods.map(cellsOf)),
    }
  }
  const names = [...new Set(entries.flatMap(({ perDomain }) => [...perDomain.keys()]))]
  const columns = columnsOf(names)
  const head = [units[measure], ...columns.map(({ name }) => name)]
  const cells = columns.map(({ members }) =>
    column(
      entries.map(({ perDomain }) => average(members.map((i) => perDomain.get(names[i] as string) ?? null))),
      digits,
      best,
    ),
  )
  const total = (name: string, values: readonly (number | null)[], mark: 'low' | null): void => {
    head.push(name)
    cells.push(column(values, digits, mark))
  }
  total(
    'mean',
    entries.map(({ mean }) => mean),
    best,
  )
  const shared = names.filter((name) => entries.every(({ perDomain }) => typeof perDomain.get(name) === 'number'))
  if (shared.length > 0 && shared.length < names.length)
    total(
      `mean of the ${shared.length} shared`,
      entries.map(({ perDomain }) => average(shared.map((name) => perDomain.get(name) ?? null))),
      best,
    )
  if (entries.some((entry) => entry.deviation !== null))
    total(
      'std',
      entries.map((entry) => entry.deviation),
      null,
    )
  if (entries.some(({ gain }) => gain !== null))
    total(
      'gain',
      entries.map(({ gain }) => gain),
      null,
    )
  return {
    title,
    notes,
    foreign: false,
    head,
    rows: fromColumns(
      entries.map((entry) => labelOf(entry, groups.length > 1)),
      cells,
    ),
  }
}

function runLabel(runs: readonly ComparedRun[]): string {
  const [{ summary }] = runs as [ComparedRun]
  return `${numbersOf(runs)}: ${summary.name || summary.inputName}`
}

function notesOf(
  runs: readonly ComparedRun[],
  groups: readonly (readonly ComparedRun[])[],
  measure: MatrixMeasure,
): string[] {
  return [
    measure === 'error'
      ? 'Online error in %, mean over domains; best = lowest of its column; gain = over Source of the same run.'
      : `${units[measure]}, means over a domain’s images. Not a score: none is marked as best.`,
    ...groups.map((group) => {
      const { options, inputName, modelName } = (group[0] as ComparedRun).summary
      const severity =
        options.corruptions.length === 0
          ? 'images as they are'
          : `${options.corruptions.length} corruptions at severity ${options.severities.join(', ')}`
      const seeds = group.map((run) => run.summary.options.seed)
      return `${runLabel(group)}. ${inputName} / ${modelName}; ${options.schedule}, ${severity}, batch ${options.batchSize}, ${options.limit === null ? 'all images' : `${options.limit} images a domain`}, ${seeds.length === 1 ? 'seed' : 'mean ± std over seeds'} ${seeds.join(', ')}.`
    }),
    ...mismatches(runs).map(mismatchText),
    ...[...new Set(runs.flatMap(({ summary }) => summary.options.lanes.map(({ options }) => options.method)))].flatMap(
      (method) => {
        const { label, ours } = methodInfo[method]
        return ours ? [`* ${label}: ${ours}`] : []
      },
    ),
  ]
}
