// Options that change during a run: asked for at any moment, recorded before the step that they apply to first, answered then, and
// applied again at the same step by a session that resumes the run.
import { PalmError, toWireError } from '#contract/errors.ts'
import type { LaneOptions } from '#contract/methods/methods.ts'
import { adjusted, changeOf, type OptionChange, type OptionRequest } from '#contract/runs/option-change.ts'
import type { Lane } from '#session/lanes.ts'
import { overBeforeChange } from './control.ts'
import type { SessionCore } from './session-core.ts'

interface Asked {
  /** Of the message, for its answer. */
  readonly id: number
  readonly request: OptionRequest
}

export class OptionChanges {
  private readonly core: SessionCore
  private readonly asked: Asked[] = []
  /** As they are after all that is recorded. */
  private readonly latest: Map<string, LaneOptions>
  /** As the lanes have them. */
  private readonly applied: Map<string, LaneOptions>
  private readonly waiting: OptionChange[]
  /** The first step that is not recorded yet: what is asked now cannot apply earlier. */
  private readonly firstNew: number

  constructor(core: SessionCore) {
    const { store, run, options } = core
    this.core = core
    this.applied = new Map(options.lanes.map((lane) => [lane.id, lane.options]))
    this.latest = new Map(this.applied)
    this.waiting = store.changes.list(run)
    for (const change of this.waiting) follow(this.latest, change)
    this.firstNew = store.runs.get(run).step
  }

  /** Whether a step was recorded by an earlier session and is only computed again. */
  isKnown(step: number): boolean {
    return step < this.firstNew
  }

  ask(id: number, request: OptionRequest): void {
    this.asked.push({ id, request })
  }

  /** Writes down what was asked for, from `step` on, which is the next one, and answers it. */
  record(step: number): void {
    const from = Math.max(step, this.firstNew)
    for (let asked = this.asked.shift(); asked; asked = this.asked.shift()) {
      const { id, request } = asked
      try {
        this.answer(id, this.recordOne(request, from))
      } catch (thrown) {
        this.answer(id, null, thrown)
        // A request that cannot be is its sender's matter; a store that cannot be written ends the run.
        if (!(thrown instanceof PalmError && thrown.code === 'bad-request')) throw thrown
      }
    }
  }

  /** Before a step: brings the lanes to what is recorded for it. */
  apply(step: number, lanes: readonly Lane[]): void {
    for (let change = this.waiting[0]; change && change.step <= step; change = this.waiting[0]) {
      this.waiting.shift()
      const options = follow(this.applied, change)
      if (options) lanes.find(({ id }) => id === change.lane)?.method.adjust?.(options)
    }
  }

  /** Answers what no further step can take up. */
  close(): void {
    const reason = new PalmError('cancelled', overBeforeChange)
    for (const { id } of this.asked.splice(0)) this.answer(id, null, reason)
  }

  private recordOne(request: OptionRequest, from: number): OptionChange | null {
    const { store, run, recorder, now } = this.core
    const wanted = changeOf(this.latest, request, from, now())
    if (!wanted) return null
    const recorded = recorder.record((tell) => {
      const change = store.changes.insert(run, wanted)
      tell({ event: 'options', change })
      return change
    })
    follow(this.latest, recorded)
    this.waiting.push(recorded)
    return recorded
  }

  private answer(id: number, change: OptionChange | null, thrown?: unknown): void {
    this.core.link.send({ type: 'adjusted', id, change, error: thrown === undefined ? null : toWireError(thrown) })
  }
}

/** The lane's options with the change done; undefined for a lane that is not there. */
function follow(options: Map<string, LaneOptions>, { lane, option, to }: OptionChange): LaneOptions | undefined {
  const before = options.get(lane)
  if (!before) return undefined
  const after = adjusted(before, option, to)
  options.set(lane, after)
  return after
}
