// The result of a run as a table for a terminal and as the data of the last JSON line. Pure: a snapshot in, text or data out.
import { normalizationWords } from '#contract/runs/normalization-from.ts'
import { deviceLine, devicesOf } from '#contract/devices.ts'
import { doubtText, lookLine } from './look-text.ts'
import { halvingText } from '#contract/runs/halving.ts'
import { nearChance } from '#contract/runs/clean-check.ts'
import { meanErrorPct } from '#contract/tables/report.ts'
import type { Domain, RunPlan, RunSnapshot } from '#contract/tables/report.ts'
import type { Severity } from '#contract/inputs/corruption.ts'

export interface DomainResult {
  readonly domain: string
  readonly severity: Severity | null
  /** Null when no image of the domain has a label. */
  readonly errorPct: number | null
  /** Images with a label. */
  readonly n: number
  /** Means over the domain's images, with or without labels: null in runs of older versions. Entropy in nats. */
  readonly confidence: number | null
  readonly entropy: number | null
  /** Share predicted as the unadapted model does; null without it in the run. */
  readonly agreement: number | null
  /** Of accuracy, without labels; null without a labelled clean part. */
  readonly estimate: number | null
}

export interface LaneResult {
  readonly lane: string
  readonly method: string
  /** PALM's, else null. */
  readonly variant: string | null
  readonly meanErrorPct: number | null
  readonly perDomain: readonly DomainResult[]
}

/** What is put before the network, where that is an assumption or the file does some of it itself; else nothing. */
export function normalizationText({ model }: RunPlan): string {
  const { normalizationFrom: from, normalizationNote: note, normalization } = model
  if (from === undefined || (from !== 'assumed' && !note)) return ''
  const of = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(4))).join('/')
  const figures = `mean ${of(normalization.mean)}, std ${of(normalization.std)}`
  return `Normalisation: ${figures} (${normalizationWords[from]})${note ? `; ${note}` : ''}.\n`
}

/** What it is computed on, and why where that is not what one would expect; with all of them where there were several. */
export function deviceText(plan: RunPlan): string {
  const devices = devicesOf(plan)
  return devices
    .map((used, i) => {
      const where =
        devices.length === 1 ? '' : i === 0 ? `, up to step ${devices[1]?.from}` : `, from step ${used.from + 1} on`
      return `Device: ${deviceLine(used)}${where}.${used.because === null ? '' : ` ${used.because}`}\n`
    })
    .join('')
}

/** How batches were taken in parts, where they were. */
export const halvedText = ({ halvings = [] }: RunPlan, batchSize: number): string =>
  halvings.length === 0 ? '' : `${halvingText(halvings, batchSize)}\n`

/** What was said before the run, and a warning where the unadapted model is no better than guessing. */
export function beforeText({ look, cleanCheck, model }: RunPlan): string {
  if (look) return `${lookLine(look)}${doubtText(look)}`
  if (!cleanCheck || !nearChance(cleanCheck, model.classes)) return ''
  const { mean, std } = model.normalization
  const of = (values: readonly number[]) => values.map((value) => Number(value.toFixed(4))).join('/')
  return `Warning: the unadapted model gets ${cleanCheck.correct} of ${cleanCheck.labelled} clean images right, no better than guessing. Normalisation (mean ${of(mean)}, std ${of(std)}; --mean and --std change it), the order of the classes (--labels) or the input size (--size) is probably not what it was trained with.\n`
}

/** Results of the domains that are complete. */
export function resultsOf(snapshot: RunSnapshot): LaneResult[] {
  const { plan } = snapshot
  return snapshot.run.options.lanes.map((lane) => {
    const metrics = snapshot.domains.filter((metric) => metric.lane === lane.id).toSorted((a, b) => a.domain - b.domain)
    return {
      lane: lane.id,
      method: lane.options.method,
      variant: lane.options.method === 'palm' ? lane.options.variant : null,
      meanErrorPct: meanErrorPct(metrics),
      perDomain: metrics.map((metric) => {
        const domain = plan?.domains[metric.domain]
        return {
          domain: domain && plan ? domainLabel(domain, plan) : String(metric.domain),
          severity: domain?.severity ?? null,
          errorPct: metric.labelled === 0 ? null : (100 * (metric.labelled - metric.correct)) / metric.labelled,
          n: metric.labelled,
          confidence: metric.confidence,
          entropy: metric.entropy,
          agreement: metric.agreement,
          estimate: metric.estimate,
        }
      }),
    }
  })
}

/** The corruption's name where the run has one severity of each; else the domain's own name, which says the severity. */
function domainLabel(domain: Domain, plan: RunPlan): string {
  if (domain.corruption === null) return domain.name
  const alone = plan.domains.filter((other) => other.corruption === domain.corruption).length === 1
  const oneSeverity = new Set(plan.domains.map((other) => other.severity)).size === 1
  return alone && oneSeverity ? domain.corruption : domain.name
}

/** Error in % of each lane in each domain, the mean, and how much each lane gains over the first `source` lane. */
export function resultTable(snapshot: RunSnapshot): string {
  const results = resultsOf(snapshot)
  const labels = snapshot.run.options.lanes.map((lane) => lane.label)
  const domains = results[0]?.perDomain ?? []
  if (domains.length === 0) return 'No domain is complete yet.\n'
  if (results.every((result) => result.meanErrorPct === null)) return unlabelledTable(results, labels)
  const rows = domains.map((domain, index) => [
    domain.domain,
    ...results.map((result) => percent(result.perDomain[index]?.errorPct ?? null)),
  ])
  const source = results.find((result) => result.method === 'source')?.meanErrorPct ?? null
  const footer = [['mean error %', ...results.map((result) => percent(result.meanErrorPct))]]
  if (source !== null && results.length > 1) {
    footer.push([
      'gain over source',
      ...results.map((result) =>
        result.method === 'source' || result.meanErrorPct === null ? '' : signed(source - result.meanErrorPct),
      ),
    ])
  }
  return columns([['error %', ...labels]], rows, footer)
}

const unlabelledMeasures: readonly {
  readonly title: string
  readonly of: (domain: DomainResult) => number | null
  readonly text: (value: number) => string
}[] = [
  { title: 'confidence %', of: ({ confidence }) => confidence, text: (value) => (100 * value).toFixed(1) },
  { title: 'entropy, nats', of: ({ entropy }) => entropy, text: (value) => value.toFixed(3) },
  { title: 'agreement with source %', of: ({ agreement }) => agreement, text: (value) => (100 * value).toFixed(1) },
  { title: 'estimate of accuracy %', of: ({ estimate }) => estimate, text: (value) => (100 * value).toFixed(1) },
]

/** What can be said where no image has a label: a table each of what is known. */
function unlabelledTable(results: readonly LaneResult[], labels: readonly string[]): string {
  const tables = unlabelledMeasures.flatMap(({ title, of, text }) => {
    const values = results.map(({ perDomain }) => perDomain.map(of))
    if (values.flat().every((value) => value === null)) return []
    const shown = (value: number | null | undefined): string =>
      value === null || value === undefined ? '-' : text(value)
    const rows = (results[0]?.perDomain ?? []).map(({ domain }, index) => [
      domain,
      ...values.map((lane) => shown(lane[index])),
    ])
    const means = values.map((lane) => {
      const known = lane.filter((value) => value !== null)
      return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
    })
    return [columns([[title, ...labels]], rows, [['mean', ...means.map(shown)]])]
  })
  return `No image has a label, so errors are not known.\n\n${tables.join('\n')}`
}

/** Rows of text in columns: the first one left, the others right, groups parted by a rule. */
export function columns(...groups: readonly (readonly (readonly string[])[])[]): string {
  const all = groups.flat()
  const widths = Array.from({ length: Math.max(...all.map((row) => row.length)) }, (_, column) =>
    Math.max(...all.map((row) => (row[column] ?? '').length)),
  )
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  const line = (row: readonly string[]): string =>
    widths
      .map((width, column) => (column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width)))
      .join('  ')
      .trimEnd()
  return `${groups.map((group) => group.map(line).join('\n')).join(`\n${rule}\n`)}\n`
}

export const percent = (value: number | null): string => (value === null ? '-' : value.toFixed(1))
const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(1)}`
