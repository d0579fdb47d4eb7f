// What a run over batches writes down: each step with its predictions, states to resume from, at a domain's end its sums and a
// checkpoint of each lane that adapts.
import type { Collapse, RunPlan } from '#contract/tables/report.ts'
import type { Device } from '#engine/compute/device.ts'
import type { Model } from '#engine/models/model.ts'
import type { Tell } from '#session/core/recorder.ts'
import { imagesKey, ResumeClock } from '#session/core/resume.ts'
import type { SessionCore } from '#session/core/session-core.ts'
import { laneState, type Lane, type SteppedLanes } from '#session/lanes.ts'
import { confidences } from '#session/measures/accuracy-estimate.ts'
import { ProgressMeter } from '#session/measures/progress.ts'
import { isLastOf } from '#session/plan.ts'
import { endsStretch } from '#store/tables/stretches-table.ts'
import { decodeState } from '#session/state-blob.ts'
import { originalsOf, type Unchanged } from '#session/tasks/originals.ts'
import type { Stream, StreamBatch } from '#stream/stream.ts'

export interface RecordedParts {
  readonly device: Device
  readonly model: Model
  readonly stream: Stream
  readonly lanes: readonly Lane[]
  readonly plan: RunPlan
  readonly resumedAt: number
}

type LaneStates = readonly { readonly lane: Lane; readonly blob: Uint8Array }[]

export class BatchRecord {
  private readonly core: SessionCore
  private readonly stream: Stream
  private readonly lanes: readonly Lane[]
  private readonly plan: RunPlan
  private readonly unchanged: Unchanged
  private readonly meter: ProgressMeter
  private readonly clock: ResumeClock
  private skippedTold = 0

  private constructor(core: SessionCore, { stream, lanes, plan, resumedAt }: RecordedParts, unchanged: Unchanged) {
    this.core = core
    this.stream = stream
    this.lanes = lanes
    this.plan = plan
    this.unchanged = unchanged
    const seen = resumedAt < 0 ? 0 : (core.store.steps.at(core.run, resumedAt)[0]?.seen ?? 0)
    this.meter = new ProgressMeter(performance.now(), seen)
    this.clock = new ResumeClock(resumedAt, performance.now())
  }

  static async open(core: SessionCore, parts: RecordedParts): Promise<BatchRecord> {
    return new BatchRecord(core, parts, await originalsOf(parts.device, parts.model))
  }

  /** A step of all lanes; `seen`: images of the run up to and with it. */
  async step(
    batch: StreamBatch,
    { reports, results }: SteppedLanes,
    collapses: readonly Collapse[],
    seen: number,
  ): Promise<void> {
    const { store, run, recorder } = this.core
    const { step } = batch
    const total = { images: this.plan.totalImages, steps: this.plan.totalSteps }
    const made = { images: seen, steps: step + 1 }
    const progress = this.meter.measure(performance.now(), made, total, this.stream.waitMs)
    const endsDomain = isLastOf(this.plan, batch)
    if (endsDomain) for (const { watch } of this.lanes) if (watch.healthy) watch.goodStep = step
    const due = endsDomain || this.clock.isDue(step, performance.now())
    const states = due ? await this.states() : []
    const predicted = [...results].map(([lane, { logits, classes, predictions }]) => ({
      lane,
      classes: predictions,
      confidences: confidences(logits, classes),
    }))
    recorder.record((tell) => {
      for (const report of reports) store.steps.insert(run, report)
      store.predictions.insert(run, batch, batch.ids, predicted)
      if (endsStretch(step)) recorder.stretchEnds(step, this.plan, this.plan.domains)
      store.runs.setProgress(run, step + 1, progress)
      tell({ event: 'step', reports, progress })
      for (const collapse of collapses) {
        store.collapses.insert(run, collapse)
        tell({ event: 'collapse', collapse })
      }
      if (due) this.putStates(states, step)
      if (endsDomain) {
        for (const { lane, blob } of states)
          if (lane.method.adapts().length > 0) recorder.checkpoint(tell, lane.id, step, batch.domain, blob)
        recorder.domain(tell, batch.domain)
      }
      this.putSkipped(tell)
    })
    this.skippedTold = this.stream.skipped.total
    if (due) this.clock.written(step, performance.now())
  }

  /** Says where a lane collapsed; with the guard it goes back to its last checkpoint in good health, or to the source. */
  rescue(lane: Lane, step: number, kind: Collapse['kind']): Collapse {
    const { store, run, options } = this.core
    if (!options.guard) return { lane: lane.id, step, kind, restored: null }
    const good = store.checkpoints
      .list(run)
      .find((checkpoint) => checkpoint.lane === lane.id && checkpoint.step === lane.watch.goodStep)
    if (good) {
      const { delta } = store.checkpoints.delta(run, good.id)
      const { watch: _, ...state } = decodeState(delta, `checkpoint ${good.id}`)
      lane.method.restore(state)
    } else lane.method.reset()
    lane.watch.restart()
    return { lane: lane.id, step, kind, restored: good?.step ?? -1 }
  }

  /** States of all lanes after `step`, to resume from; none before the first. */
  async resumeStates(step: number): Promise<void> {
    if (step < 0) return
    const { store } = this.core
    const states = await this.states()
    store.transaction(() => this.putStates(states, step))
  }

  /** With what the images were that were read for it. Belongs in a transaction. */
  private putStates(states: LaneStates, step: number): void {
    const { store, run } = this.core
    for (const { lane, blob } of states) store.checkpoints.putResumeState(run, lane.id, step, blob)
    store.checkpoints.putResumeState(run, imagesKey, step, this.stream.sums.bytes)
  }

  private async states(): Promise<LaneStates> {
    const states: LaneStates[number][] = []
    for (const lane of this.lanes) states.push({ lane, blob: await laneState(lane, this.unchanged) })
    return states
  }

  /** Files that were left out since this was told last. Within `record`. */
  private putSkipped(tell: Tell): void {
    const { files, total } = this.stream.skipped
    if (total <= this.skippedTold) return
    this.core.store.skipped.put(this.core.run, files)
    tell({ event: 'skipped', files: [...files], total })
  }

  /** At the end of the stream: domains whose last batch held no readable image have not been summed yet, nor its files been told of. */
  finish(): void {
    const { store, run, recorder } = this.core
    const summed = new Set(store.steps.domains(run).map((metric) => metric.domain))
    recorder.record((tell) => {
      for (const { index } of this.plan.domains) if (!summed.has(index)) recorder.domain(tell, index)
      this.putSkipped(tell)
      store.checkpoints.dropResumeStates(run)
    })
  }
}
