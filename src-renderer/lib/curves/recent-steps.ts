// The last steps of a run without an end, so that memory stays flat. Pure. (What the layer map shows of them is fetched: state/live/layer-map.svelte.ts.)
import type { StepReport } from '#contract/tables/report.ts'
import { decodeColumns, type LaneSteps } from '#contract/columns/step-columns.ts'

const kept = 120
type Recent = Pick<StepReport, 'lane' | 'images' | 'agreement'>

export class RecentSteps {
  private reports: (readonly Recent[])[] = []

  /** The last of the steps that were recorded before. */
  load(recorded: readonly LaneSteps[]): void {
    const byStep = Map.groupBy(
      recorded.flatMap((lane) => lastReports(lane)),
      ({ step }) => step,
    )
    for (const [, reports] of [...byStep].sort(([a], [b]) => a - b).slice(-kept)) this.push(reports)
  }

  /** All lanes of one step. */
  push(step: readonly Recent[]): void {
    this.reports.push(step.map(({ lane, images, agreement }) => ({ lane, images, agreement })))
    if (this.reports.length > kept) this.reports.shift()
  }

  get steps(): number {
    return this.reports.length
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

/** Of a lane's last steps. */
function lastReports(lane: LaneSteps): (Recent & { readonly step: number })[] {
  const { count, counts, numbers } = decodeColumns(lane)
  const first = count - Math.min(kept, count)
  return Array.from({ length: count - first }, (_, index) => ({
    lane: lane.lane,
    step: counts.step[first + index] ?? 0,
    images: counts.images[first + index] ?? 0,
    agreement: known(numbers.agreement[first + index]),
  }))
}
