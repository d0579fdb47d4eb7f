// The last steps of a run without an end, so that memory stays flat. Pure. (What the layer map shows of them is fetched: state/layer-map.svelte.ts.)
import type { StepReport } from '../../src-main/contract/report.ts'

const kept = 120

export class RecentSteps {
  private reports: (readonly Pick<StepReport, 'lane' | 'images' | 'agreement'>[])[] = []

  /** All lanes of one step. */
  push(step: readonly StepReport[]): void {
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
