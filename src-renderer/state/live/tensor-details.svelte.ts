// One tensor looked at closely: its history over the whole run and its values as a histogram, source against now or any checkpoint. Runs without a page.
import { LayerColumns } from '#contract/columns/layer-columns.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { ApiRequest } from '#contract/api.ts'
import type { LayersAnswer, TensorValues, TensorsAnswer } from '#contract/columns/layers.ts'
import type { CheckpointInfo, LaneInfo, StepReport, TensorSummary } from '#contract/tables/report.ts'
import { columnsFrom } from '#renderer/lib/layers/layer-tiles.ts'

export interface LayerCalls {
  layers(request: ApiRequest<'runs.layers'>): Promise<LayersAnswer>
  tensors(request: ApiRequest<'runs.tensors'>): Promise<TensorsAnswer>
}

/** Columns of the history: as many as its curves have pixels. */
const historyColumns = 480
/** Answers on checkpoints that are kept: all tensors of a lane are in each. */
const mostAnswers = 8
/** While nothing of a lane is written down yet it is asked again after so many steps: each time a process reads the file. */
const askAgainSteps = 10

export class TensorDetails {
  readonly lane: LaneInfo
  tensor = $state(0)
  history = $state.raw<LayerColumns | null>(null)
  /** The first step whose stored report cannot be read: it is a gap of the history; null = each can. */
  damaged = $state<number | null>(null)
  /** Rises when the history got more. */
  version = $state(0)
  /** Whose values stand beside the source's. */
  checkpoint = $state<number | 'now'>('now')
  answer = $state.raw<TensorsAnswer | null>(null)
  loadingHistory = $state(false)
  loadingValues = $state(false)
  failure = $state.raw<WireError | null>(null)
  private readonly run: number
  private readonly calls: LayerCalls
  private readonly totalSteps: () => number
  private readonly answers = new Map<number, TensorsAnswer>()
  private until = 0
  private askAgainAt = 0
  private recent: StepReport[] = []

  constructor(run: number, calls: LayerCalls, lane: LaneInfo, totalSteps: () => number) {
    this.run = run
    this.calls = calls
    this.lane = lane
    this.totalSteps = totalSteps
  }

  get summary(): TensorSummary | null {
    return this.lane.tensors[this.tensor] ?? null
  }

  /** Null while it is not here, or where nothing is written down yet (`answer.step` null). */
  get values(): TensorValues | null {
    return this.answer?.tensors.find(({ name }) => name === this.summary?.name) ?? null
  }

  async show(tensor: number): Promise<void> {
    if (tensor < 0 || tensor >= this.lane.tensors.length) return
    this.tensor = tensor
    await Promise.all([this.fetchHistory(tensor), this.answer ? null : this.compareWith(this.checkpoint)])
  }

  /** Reads the newest state anew each time; a checkpoint never changes. */
  async compareWith(checkpoint: number | 'now'): Promise<void> {
    this.checkpoint = checkpoint
    const known = checkpoint === 'now' ? undefined : this.answers.get(checkpoint)
    if (known) {
      this.answer = known
      return
    }
    this.loadingValues = true
    try {
      const answer = await this.calls.tensors({ run: this.run, lane: this.lane.id, checkpoint })
      if (answer.checkpoint !== null) this.answers.set(answer.checkpoint, answer)
      for (const [key] of this.answers) {
        if (this.answers.size <= mostAnswers) break
        this.answers.delete(key)
      }
      if (this.checkpoint === checkpoint) {
        this.answer = answer
        this.failure = null
      }
    } catch (thrown) {
      if (this.checkpoint === checkpoint) {
        this.answer = null
        this.failure = toWireError(thrown)
      }
    } finally {
      this.loadingValues = false
    }
  }

  /** A live step of this lane. */
  push(report: StepReport): void {
    if (report.lane !== this.lane.id || !report.layers) return
    if (this.answer?.step === null && report.step >= this.askAgainAt) this.askAgain(report.step)
    if (this.loadingHistory) this.recent.push(report)
    if (this.history && report.step >= this.until) this.add(report)
  }

  /** A checkpoint of the run was written. */
  written(checkpoint: CheckpointInfo): void {
    if (checkpoint.lane === this.lane.id && this.answer?.step === null) this.askAgain(checkpoint.step)
  }

  private askAgain(step: number): void {
    this.askAgainAt = step + askAgainSteps
    if (!this.loadingValues) void this.compareWith(this.checkpoint)
  }

  private add({ step, layers }: StepReport): void {
    if (!layers || !this.history) return
    const one = <T>(values: readonly T[]): T[] => [values[this.tensor] as T]
    this.history.add(step, {
      states: one(layers.states),
      scores: one(layers.scores),
      importances: one(layers.importances),
      learningRates: one(layers.learningRates),
      changes: layers.changes && one(layers.changes),
    })
    this.version += 1
  }

  private async fetchHistory(tensor: number): Promise<void> {
    const to = Math.max(1, this.totalSteps())
    this.history = null
    this.damaged = null
    this.loadingHistory = true
    this.recent = []
    try {
      const answer = await this.calls.layers({
        run: this.run,
        lane: this.lane.id,
        from: 0,
        to,
        columns: Math.min(historyColumns, to),
        tensor,
      })
      if (this.tensor !== tensor) return
      this.history = columnsFrom(answer)
      this.damaged = answer.damaged?.first ?? null
      this.until = answer.until
      for (const report of this.recent) if (report.step >= this.until) this.add(report)
      this.loadingHistory = false
    } catch (thrown) {
      if (this.tensor !== tensor) return
      this.failure = toWireError(thrown)
      this.loadingHistory = false
    }
    this.version += 1
  }
}

/** As a choice in the dialog: newest first. */
export const checkpointsOf = (checkpoints: readonly CheckpointInfo[], lane: string): CheckpointInfo[] =>
  checkpoints.filter((info) => info.lane === lane).toReversed()
