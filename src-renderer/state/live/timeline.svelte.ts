// The timeline of a run: its checkpoints on the axis of steps, one of them chosen, and what can be done from there. Runs without a page.
import { isLive } from '#contract/inputs/input-kinds.ts'
import type { CompareRequest, CompareResult } from '#contract/compare/compare-checkpoints.ts'
import { optionsAt, type OptionChange, type OptionRequest } from '#contract/runs/option-change.ts'
import { isUnderWay, type CheckpointInfo, type LaneInfo, type RunSummary } from '#contract/tables/report.ts'
import { saidWords } from '#renderer/lib/german/said.svelte.ts'
import type { Waiting } from '#renderer/state/app/queue.svelte.ts'
import { BranchForm, type BranchRequest } from './branch-form.svelte.ts'
import { Comparison } from './comparison.svelte.ts'
import type { LiveRun } from './live-run.svelte.ts'
import { OptionFields } from '#renderer/state/new-run/option-fields.svelte.ts'

export type { BranchRequest }

/** What the timeline needs of the app. Promises reject with what went wrong. */
export interface TimelineActions {
  readonly runs: readonly RunSummary[]
  adjust(run: number, change: OptionRequest): Promise<boolean>
  /** What computes now; null = nothing. */
  readonly waiting: Waiting | null
  /** `later`: lined up. */
  branch(request: BranchRequest, later: boolean): Promise<void>
  compareCheckpoints(request: CompareRequest): Promise<CompareResult>
}

export type Obstacle = 'last' | 'webcam'

export interface ChosenCheckpoint {
  readonly checkpoint: CheckpointInfo
  readonly label: string
  readonly domain: string
  /** Error in percent (or the measure on the screen, as shown), of its domain, and the mean over the domains up to it. */
  readonly value: number | null
  readonly mean: number | null
}

export class Timeline {
  readonly live: LiveRun
  /** As asked for; null = as there is room. */
  unfolded = $state<boolean | null>(null)
  table = $state(false)
  changing = $state(false)
  branching = $state.raw<BranchForm | null>(null)
  comparison = $state.raw<Comparison | null>(null)
  readonly fields: OptionFields
  private id = $state<number | null>(null)
  private readonly actions: TimelineActions

  constructor(live: LiveRun, actions: TimelineActions) {
    this.live = live
    this.actions = actions
    this.fields = new OptionFields(
      () => this.optionsAt(Number.MAX_SAFE_INTEGER),
      (lane) => this.labelOf(lane),
    )
  }

  /** Those that have checkpoints, or will. */
  get lanes(): readonly LaneInfo[] {
    const withSome = new Set(this.live.checkpoints.map(({ lane }) => lane))
    return this.live.plan?.lanes.filter(({ id, tensors }) => tensors.length > 0 || withSome.has(id)) ?? []
  }

  labelOf(lane: string): string {
    return saidWords(
      this.live.plan?.lanes.find(({ id }) => id === lane)?.label ??
        this.live.summary?.options.lanes.find(({ id }) => id === lane)?.label ??
        lane,
    )
  }

  get checkpoint(): CheckpointInfo | null {
    return this.live.checkpoints.find(({ id }) => id === this.id) ?? null
  }

  get last(): CheckpointInfo | null {
    return this.live.checkpoints.at(-1) ?? null
  }

  choose(id: number | null): void {
    this.id = id
  }

  /** Of one lane, in order. */
  private of(lane: string): CheckpointInfo[] {
    return this.live.checkpoints.filter((checkpoint) => checkpoint.lane === lane)
  }

  /** The nearest one of a lane to a step. */
  chooseNear(lane: string, step: number): void {
    const nearest = this.of(lane).reduce<CheckpointInfo | null>(
      (best, one) => (best === null || Math.abs(one.step - step) < Math.abs(best.step - step) ? one : best),
      null,
    )
    if (nearest) this.id = nearest.id
  }

  /** Along the lane; from nowhere to the newest one of PALM, or of the first lane, or with -Infinity to its first. */
  move(by: number): void {
    const lane = this.lanes.find(({ method }) => method === 'palm') ?? this.lanes[0]
    const now = this.checkpoint ?? (lane && this.of(lane.id).at(-1)) ?? this.last
    if (!now) return
    if (!this.checkpoint && by !== -Infinity) {
      this.id = now.id
      return
    }
    const own = this.of(now.lane)
    const at = own.findIndex(({ id }) => id === now.id)
    this.id = own[Math.max(0, Math.min(own.length - 1, at + by))]?.id ?? null
  }

  /** To the same step of another lane. */
  moveLane(by: number): void {
    const now = this.checkpoint
    if (!now) return this.move(0)
    const lanes = this.lanes.filter(({ id }) => this.of(id).length > 0)
    const at = lanes.findIndex(({ id }) => id === now.lane)
    const lane = lanes[Math.max(0, Math.min(lanes.length - 1, at + by))]
    if (lane) this.chooseNear(lane.id, now.step)
  }

  /** Place among the lane's own, from 0, and how many there are. */
  get place(): { readonly index: number; readonly count: number } {
    const now = this.checkpoint
    const own = now ? this.of(now.lane) : []
    return {
      index: Math.max(
        0,
        own.findIndex(({ id }) => id === now?.id),
      ),
      count: own.length,
    }
  }

  get chosen(): ChosenCheckpoint | null {
    return this.checkpoint ? this.describe(this.checkpoint) : null
  }

  describe(checkpoint: CheckpointInfo): ChosenCheckpoint {
    const own = this.values.get(checkpoint.lane)
    return {
      checkpoint,
      label: this.labelOf(checkpoint.lane),
      domain: this.live.plan?.domains[checkpoint.domain]?.name ?? '',
      value: own?.values[checkpoint.domain] ?? null,
      mean: own?.means[checkpoint.domain] ?? null,
    }
  }

  /** By lane, a value for each domain and the mean up to it; worked out when a domain ends, not at each step. */
  private readonly values = $derived.by(() => {
    const { live } = this
    void live.finishedVersion
    return new Map(
      (live.plan?.lanes ?? []).map(({ id }) => {
        const values = (live.plan?.domains ?? []).map(({ index }) => live.finishedValue(index, id, live.measure))
        let sum = 0
        let known = 0
        const means = values.map((value) => {
          if (value !== null) {
            sum += value
            known += 1
          }
          return known > 0 ? sum / known : null
        })
        return [id, { values, means }] as const
      }),
    )
  })

  /** All, newest first. */
  get newestFirst(): CheckpointInfo[] {
    return this.live.checkpoints.toReversed()
  }

  /** Why no run can be made from the chosen one now; null = one can. */
  get obstacle(): Obstacle | null {
    const { live, checkpoint } = this
    if (isLive(live.summary?.options.input)) return 'webcam'
    return checkpoint && checkpoint.step + 1 >= (live.plan?.totalSteps ?? 0) ? 'last' : null
  }

  /** Steps that other runs come from. */
  get branchedAt(): number[] {
    return [...new Set(this.actions.runs.flatMap(({ parent }) => (parent?.run === this.live.id ? [parent.step] : [])))]
  }

  get canAdjust(): boolean {
    return isUnderWay(this.live.status) && !isLive(this.live.summary?.options.input)
  }

  /** Asks for what was typed of a lane. */
  async apply(lane: string): Promise<void> {
    const requests = this.fields.requests(lane)
    for (const request of requests) if (!(await this.actions.adjust(this.live.id, request))) return
    this.fields.clear(lane)
  }

  /** Whether the value that it changed from would be another one than now. */
  canUndo({ lane, option, from }: OptionChange): boolean {
    const now = (this.optionsAt(Number.MAX_SAFE_INTEGER).get(lane) as Readonly<Record<string, unknown>> | undefined)?.[
      option
    ]
    return this.canAdjust && now !== undefined && now !== from
  }

  async undo({ lane, option, from }: OptionChange): Promise<void> {
    await this.actions.adjust(this.live.id, { lane, option, value: from })
  }

  /** `other`: with other options from there on. */
  branch(other: boolean): void {
    const { chosen } = this
    if (!chosen || this.obstacle) return
    const { step } = chosen.checkpoint
    const fields = new OptionFields(
      () => this.optionsAt(step),
      (lane) => this.labelOf(lane),
    )
    this.branching = new BranchForm({
      run: this.live.id,
      step,
      domain: chosen.domain,
      other,
      waiting: () => this.actions.waiting,
      fields,
      begin: (request, later) => this.actions.branch(request, later),
    })
  }

  compare(): void {
    const { live } = this
    const now = this.checkpoint ?? this.last
    this.comparison = new Comparison(live.id, live.checkpoints, null, now?.id ?? null, (request) =>
      this.actions.compareCheckpoints(request),
    )
  }

  private optionsAt(step: number) {
    return optionsAt(this.live.summary?.options.lanes ?? [], this.live.changes, step)
  }
}
