// Options that change during a run: asked for at any moment, recorded before the step that they apply to first, and applied again at the same step by a
// session that resumes the run.
import { adjusted, changeOf, type OptionChange, type OptionRequest } from '#contract/runs/option-change.ts'
import type { LaneOptions } from '#contract/methods/methods.ts'
import type { RunEvent } from '#contract/tables/report.ts'
import type { Lane as LaneOfRun } from '#contract/runs/run-options.ts'
import type { Store } from '#store/store.ts'
import type { Lane } from './lanes.ts'

export class OptionChanges {
  private readonly store: Store
  private readonly run: number
  private readonly now: () => number
  private readonly asked: OptionRequest[] = []
  /** As they are after all that is recorded. */
  private readonly latest: Map<string, LaneOptions>
  /** As the lanes have them. */
  private readonly applied: Map<string, LaneOptions>
  private readonly waiting: OptionChange[]
  /** The first step that is not recorded yet: what is asked now cannot apply earlier. */
  private readonly firstNew: number

  constructor(store: Store, run: number, lanes: readonly LaneOfRun[], now: () => number) {
    this.store = store
    this.run = run
    this.now = now
    this.applied = new Map(lanes.map(({ id, options }) => [id, options]))
    this.latest = new Map(this.applied)
    this.waiting = store.changes.list(run)
    for (const change of this.waiting) this.follow(this.latest, change)
    this.firstNew = store.runs.get(run).step
  }

  /** Whether a step was recorded by an earlier session and is only computed again. */
  isKnown(step: number): boolean {
    return step < this.firstNew
  }

  /** What cannot be is dropped: whoever passes requests on has refused it with words. */
  ask(request: OptionRequest): void {
    try {
      changeOf(this.latest, request, 0, 0)
      this.asked.push(request)
    } catch {
      // A message that nobody of this program sends.
    }
  }

  /** Writes down what was asked for, from `step` on, which is the next one. */
  record(step: number): RunEvent[] {
    const from = Math.max(step, this.firstNew)
    const asked = this.asked.splice(0)
    if (asked.length === 0) return []
    return this.store.transaction(() =>
      asked.flatMap((request): RunEvent[] => {
        const change = changeOf(this.latest, request, from, this.now())
        if (!change) return []
        const recorded = this.store.changes.insert(this.run, change)
        this.follow(this.latest, recorded)
        this.waiting.push(recorded)
        return [{ event: 'options', seq: this.store.runs.nextSeq(this.run), change: recorded }]
      }),
    )
  }

  /** Before a step: brings the lanes to what is recorded for it. */
  apply(step: number, lanes: readonly Lane[]): void {
    while (this.waiting[0] && this.waiting[0].step <= step) {
      const change = this.waiting.shift() as OptionChange
      this.follow(this.applied, change)
      lanes.find(({ id }) => id === change.lane)?.method.adjust?.(this.applied.get(change.lane) as LaneOptions)
    }
  }

  private follow(options: Map<string, LaneOptions>, { lane, option, to }: OptionChange): void {
    const before = options.get(lane)
    if (before) options.set(lane, adjusted(before, option, to))
  }
}
