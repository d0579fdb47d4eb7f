// The list of runs as the program tells it. Runs without a page.
import { isUnderWay, type RunSummary } from '#contract/tables/report.ts'
import { folderOf } from '#renderer/lib/runs/run-list.ts'

const togetherMs = 20
const manyRuns = 50

export class RunList {
  /** All that there are, archived and deleted ones among them, newest first. */
  all = $state.raw<readonly RunSummary[]>([])
  /** Without archived and deleted ones. */
  readonly kept = $derived<readonly RunSummary[]>(this.all.filter((run) => folderOf(run) === 'kept'))
  /** Whether the list is known. */
  listed = $state(false)
  private readonly waiting = new Map<number, RunSummary>()

  /** The runs that are under way, whoever started them, newest first. */
  readonly underWay = $derived<readonly RunSummary[]>(this.kept.filter(({ status }) => isUnderWay(status)))

  replace(runs: readonly RunSummary[]): void {
    this.all = runs
    this.listed = true
  }

  /** Many at once (a thousand runs that were tagged) make one change of the list: each would search and sort it again. */
  update(summary: RunSummary): void {
    this.waiting.set(summary.id, summary)
    if (this.waiting.size > 1) return
    let before = 0
    const merge = (): void => {
      // As long as more are coming, wait for them.
      if (this.waiting.size > manyRuns && this.waiting.size !== before) {
        before = this.waiting.size
        setTimeout(merge, 5 * togetherMs)
        return
      }
      const known = new Set(this.all.map(({ id }) => id))
      const changed = this.all.map((run) => this.waiting.get(run.id) ?? run)
      const fresh = [...this.waiting.values()].filter(({ id }) => !known.has(id))
      this.waiting.clear()
      this.all = fresh.length === 0 ? changed : [...fresh, ...changed].sort((a, b) => b.id - a.id)
    }
    setTimeout(merge, togetherMs) // not a frame: a page in the background draws none
  }
}
