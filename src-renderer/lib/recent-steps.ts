// The last steps of a run without an end, as charts take them: renumbered from 0, so that a picture of them has a fixed width and memory stays flat. Pure.
import type { Domain, StepReport } from '../../src-main/contract/report.ts'
import { decodeColumns, type LaneSteps } from '../../src-main/contract/step-columns.ts'
import { LaneSeries } from './lane-series.ts'

const kept = 120

export class RecentSteps {
  private reports: (readonly StepReport[])[] = []
  series: ReadonlyMap<string, LaneSeries> = new Map()

  /** The last of the steps that were recorded before. */
  load(recorded: readonly LaneSteps[]): void {
    const byStep = Map.groupBy(recorded.flatMap((lane) => lastReports(lane)), ({ step }) => step)
    for (const [, reports] of [...byStep].sort(([a], [b]) => a - b).slice(-kept)) this.push(reports)
  }

  /** All lanes of one step. */
  push(step: readonly StepReport[]): void {
    this.reports.push(step)
    if (this.reports.length > kept) this.reports.shift()
    const series = new Map<string, LaneSeries>()
    for (const [index, reports] of this.reports.entries()) {
      for (const report of reports) {
        const own = series.get(report.lane) ?? new LaneSeries()
        own.push({ ...report, step: index })
        series.set(report.lane, own)
      }
    }
    this.series = series
  }

  get steps(): number {
    return this.reports.length
  }

  /** Domains as far as they are among the kept steps, by the same numbers. */
  domains(all: readonly Domain[]): Domain[] {
    const first = this.reports[0]?.[0]?.step ?? 0
    const end = first + this.reports.length
    return all.flatMap((domain) => {
      const from = Math.max(first, domain.firstStep)
      const to = Math.min(end, domain.firstStep + domain.steps)
      return to > from ? [{ ...domain, firstStep: from - first, steps: to - from }] : []
    })
  }

  /** Mean agreement of a lane with the unadapted one over the kept frames; null before the first. */
  agreement(lane: string): number | null {
    let images = 0
    let same = 0
    for (const report of this.reports.flat()) {
      if (report.lane !== lane || report.agreement === null) continue
      images += report.images
      same += report.images * report.agreement
    }
    return images > 0 ? same / images : null
  }
}

const known = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value)

/** Without layers, losses and predictions, which a snapshot does not tell by step. */
function lastReports(lane: LaneSteps): StepReport[] {
  const { count, counts, numbers } = decodeColumns(lane)
  return Array.from({ length: Math.min(kept, count) }, (_, index) => {
    const i = count - Math.min(kept, count) + index
    const of = (name: keyof typeof counts) => counts[name][i] ?? 0
    return {
      lane: lane.lane, step: of('step'), domain: of('domain'), images: of('images'), labelled: of('labelled'), correct: of('correct'), seen: of('seen'), losses: {}, predicted: {}, layers: null,
      kept: known(numbers.kept[i]), agreement: known(numbers.agreement[i]), estimate: known(numbers.estimate[i]),
      adaptedShare: numbers.adaptedShare[i] ?? 0, meanConfidence: numbers.meanConfidence[i] ?? 0, meanEntropy: numbers.meanEntropy[i] ?? 0, stepMs: numbers.stepMs[i] ?? 0, peakBytes: numbers.peakBytes[i] ?? 0,
    }
  })
}
