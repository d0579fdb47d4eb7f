// Several runs side by side: which, what is known of them, which lines are drawn, how the table stands. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { mostCompared, mostLines, type Comparison, type RunCurves } from '#contract/compare/compare.ts'
import {
  mismatches,
  mismatchText,
  settingRows,
  type Mismatch,
  type SettingRow,
} from '#contract/compare/compare-settings.ts'
import { compareTable, knownMeasures, type MatrixKind, type MatrixMeasure } from '#contract/tables/compare-table.ts'
import { toWireError } from '#contract/errors.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { formatTable, transposed, type Table, type TableFormat } from '#contract/tables/table.ts'
import {
  curveMeasures,
  known,
  placesOf,
  smoothedValues,
  type CurveAxis,
  type CurveMeasure,
  type Line,
} from '#renderer/lib/curves/compare-curves.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

/** A lane of a run that can be drawn. */
export interface LineChoice {
  readonly key: string
  readonly run: number
  readonly lane: string
  readonly label: string
  readonly method: string
  /** Of its colour and dash while it is drawn; null = not drawn. */
  readonly index: number | null
}

export interface DrawnLine extends Line {
  readonly key: string
  readonly label: string
  readonly index: number
}

const points = 1000
/** So many lines are drawn at first; with more, only one method's. */
const calmLines = 12

export class Compare {
  runs = $state.raw<readonly number[]>([])
  comparison = $state.raw<Comparison | null>(null)
  loading = $state(false)
  problem = $state('')
  measure = $state<CurveMeasure>('accuracy')
  axis = $state<CurveAxis>('steps')
  smoothing = $state(0.05)
  /** Settings that are the same are shown too. */
  everything = $state(false)
  kind = $state<MatrixKind>('domains')
  matrixMeasure = $state<MatrixMeasure>('error')
  /** Not domains (or runs) as rows, but as columns. */
  turned = $state(false)
  digits = $state(1)
  private curves = $state.raw<readonly RunCurves[]>([])
  private slots = $state.raw<ReadonlyMap<string, number>>(new Map())
  private readonly allSettings = $derived<readonly SettingRow[]>(
    this.comparison ? settingRows(this.comparison.runs) : [],
  )
  private readonly client: PalmClient
  private looks = 0
  private again = false

  constructor(client: PalmClient) {
    this.client = client
  }

  /** @returns whether they could be read */
  async open(runs: readonly number[]): Promise<boolean> {
    this.runs = [...new Set(runs)].slice(0, mostCompared)
    this.comparison = null
    this.curves = []
    this.slots = new Map()
    if (!(await this.look())) return false
    this.measure = curveMeasures.find((measure) => this.measures.includes(measure)) ?? 'accuracy'
    this.matrixMeasure = this.matrixMeasures[0] ?? 'error'
    this.drawFirst()
    return true
  }

  /** One of the runs that are compared went on, was renamed or is gone. */
  heard({ id }: RunSummary): void {
    if (!this.runs.includes(id)) return
    if (this.loading) this.again = true
    else void this.look()
  }

  leaveOut(run: number): void {
    this.runs = this.runs.filter((one) => one !== run)
    if (this.comparison)
      this.comparison = {
        ...this.comparison,
        runs: this.comparison.runs.filter(({ summary }) => summary.id !== run),
        missing: this.comparison.missing.filter((one) => one !== run),
      }
    this.curves = this.curves.filter((one) => one.run !== run)
    this.slots = new Map([...this.slots].filter(([key]) => !key.startsWith(`${run} `)))
  }

  get warnings(): readonly Mismatch[] {
    return this.comparison ? mismatches(this.comparison.runs) : []
  }

  get settings(): readonly SettingRow[] {
    const rows = this.allSettings
    return this.everything ? rows : rows.filter(({ differs }) => differs)
  }

  get settingCounts(): { readonly differing: number; readonly all: number } {
    return { differing: this.allSettings.filter(({ differs }) => differs).length, all: this.allSettings.length }
  }

  get table(): Table | null {
    if (!this.comparison || this.comparison.runs.length === 0) return null
    const table = compareTable(this.comparison.runs, {
      kind: this.kind,
      measure: this.matrixMeasure,
      digits: this.digits,
    })
    return (this.kind === 'domains') === this.turned ? table : transposed(table)
  }

  /** Those of the table but the warnings, which a window says itself in its own language. */
  get notes(): readonly string[] {
    const warnings = new Set(this.warnings.map(mismatchText))
    return this.table?.notes.filter((note) => !warnings.has(note)) ?? []
  }

  tableText(format: TableFormat): string {
    return this.table ? formatTable(this.table, format) : ''
  }

  get matrixMeasures(): readonly MatrixMeasure[] {
    return knownMeasures(this.comparison?.runs ?? [])
  }

  /** What there are curves of. */
  get measures(): readonly CurveMeasure[] {
    return curveMeasures.filter((measure) =>
      this.curves.some(({ lanes }) => lanes.some((curve) => known(curve, measure))),
    )
  }

  /** All that can be drawn. */
  get choices(): readonly LineChoice[] {
    return (this.comparison?.runs ?? []).flatMap(({ summary }) =>
      summary.lanes.map(({ id, label, method }) => {
        const key = `${summary.id} ${id}`
        return { key, run: summary.id, lane: id, label, method, index: this.slots.get(key) ?? null }
      }),
    )
  }

  get methods(): readonly string[] {
    return [...new Set(this.choices.map(({ method }) => method))]
  }

  get lines(): readonly DrawnLine[] {
    return this.choices.flatMap(({ key, run, lane, label, index }) => {
      const own = this.curves.find((one) => one.run === run)
      const curve = own?.lanes.find((one) => one.lane === lane)
      if (index === null || !own || !curve) return []
      return [
        {
          key,
          label: `${label} (${strings.compare.run(run)})`,
          index,
          xs: placesOf(curve, this.axis, own),
          ys: smoothedValues(curve, this.measure, this.smoothing, own),
        },
      ]
    })
  }

  /** @returns false where there are too many already */
  toggle(key: string): boolean {
    const slots = new Map(this.slots)
    if (!slots.delete(key)) {
      if (slots.size >= mostLines) return false
      slots.set(key, freeSlot(slots))
    }
    this.slots = slots
    return true
  }

  /** Only the lanes of one method, of every run; null = as many as there is room for. */
  only(method: string | null): void {
    const slots = new Map<string, number>()
    for (const { key, method: own } of this.choices)
      if ((method === null || own === method) && slots.size < mostLines) slots.set(key, freeSlot(slots))
    this.slots = slots
  }

  private drawFirst(): void {
    const { choices, methods } = this
    const adapting = methods.filter((method) => method !== 'source' && method !== 'norm')
    if (choices.length <= calmLines) this.only(null)
    else this.only(adapting.includes('palm') ? 'palm' : (adapting[0] ?? methods[0] ?? null))
  }

  private async look(): Promise<boolean> {
    const mine = ++this.looks
    const runs = [...this.runs]
    if (runs.length === 0) return false
    this.loading = true
    this.problem = ''
    try {
      const [comparison, curves] = await Promise.all([
        this.client.call('runs.compare', { runs }),
        this.client.call('runs.curves', { runs, points }),
      ])
      if (mine !== this.looks) return false
      const there = (run: number) => this.runs.includes(run)
      this.comparison = {
        runs: comparison.runs.filter(({ summary }) => there(summary.id)),
        missing: comparison.missing.filter(there),
      }
      this.curves = curves.filter(({ run }) => there(run))
      return true
    } catch (thrown) {
      if (mine === this.looks) this.problem = toWireError(thrown).message
      return false
    } finally {
      if (mine === this.looks) this.loading = false
      if (mine === this.looks && this.again) {
        this.again = false
        void this.look()
      }
    }
  }
}

/** The lowest colour that no line has: a line keeps its own while others come and go. */
function freeSlot(slots: ReadonlyMap<string, number>): number {
  const taken = new Set(slots.values())
  let slot = 0
  while (taken.has(slot)) slot += 1
  return slot
}
