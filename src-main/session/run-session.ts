// One run from start to end in a process of its own: opens model and stream, steps every lane on every batch, records each step in one
// transaction and tells of it afterwards. Can be stopped between steps and goes on later bit for bit, also after a kill at any moment.
import { isLive } from '#contract/inputs/input-kinds.ts'
import { join } from 'node:path'
import { PalmError, toWireError } from '#contract/errors.ts'
import type {
  CheckpointInfo,
  Collapse,
  DomainMetric,
  RunEvent,
  RunPlan,
  RunStatus,
  StepReport,
} from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import type { Device } from '#engine/compute/device.ts'
import type { Model } from '#engine/models/model.ts'
import { openStore, type Store } from '#store/store.ts'
import { openStream } from '#stream/open-stream.ts'
import type { Stream, StreamBatch } from '#stream/stream.ts'
import { checkClean } from './measures/clean-check.ts'
import { ImageWindow, laneState, makeLanes, restoreLane, stepLanes, type Lane } from './lanes.ts'
import { confidences, thresholds, type Thresholds } from './measures/accuracy-estimate.ts'
import { answersNow, pauseAfter } from './measures/after-update.ts'
import { OptionChanges } from './option-changes.ts'
import { modelInfo, openModel, readModelFile } from './open-model.ts'
import { originalsOf, type Unchanged } from './tasks/originals.ts'
import { domainOf, isLastOf, planOf } from './plan.ts'
import { previewCount, previewImages, previewIntervalMs } from './tasks/preview.ts'
import { ProgressMeter } from './measures/progress.ts'
import type { SessionLink, StartMessage } from './session-link.ts'
import { readSource } from './source.ts'
import { decodeState } from './state-blob.ts'
import { streamContext } from './stream-context.ts'
import { sameStep } from './measures/step-report.ts'
import { WebcamSession } from './webcam/webcam-session.ts'

/** A state to resume from is written at least this often, besides each domain's end and each stop. */
const resumeEverySteps = 50
const resumeEveryMs = 15_000

/** Runs to the end, a stop or a failure; everything that it has to say goes over the link. `now` in ms since the epoch. */
export async function runSession(
  start: StartMessage,
  link: SessionLink,
  now: () => number,
  version: string,
): Promise<void> {
  let store: Store | null = null
  let status: RunStatus = 'failed'
  let error = null
  try {
    store = openStore(join(start.dataFolder, 'palm.sqlite'))
    const live = isLive(store.runs.options(start.run).input)
    status = await (
      live ? new WebcamSession(start, link, now, store, version) : new Session(start, link, now, store, version)
    ).run()
  } catch (thrown) {
    error = toWireError(thrown)
    try {
      const seq = store?.runs.setStatus(start.run, 'failed', error, now())
      if (seq !== undefined)
        link.send({ type: 'event', event: { event: 'status', seq, status: 'failed', error, message: null } })
    } catch {
      // Not even that could be written: the supervisor records it.
    }
  }
  store?.close()
  link.send({ type: 'ended', status, error })
}

class Session {
  private readonly start: StartMessage
  private readonly link: SessionLink
  private readonly now: () => number
  private readonly store: Store
  private readonly version: string
  private readonly options: RunOptions
  private wants: 'run' | 'pause' | 'stop' = 'run'
  private wake: (() => void) | null = null
  /** How many batches a paused run shall still make. */
  private single = 0
  private readonly changes: OptionChanges

  constructor(start: StartMessage, link: SessionLink, now: () => number, store: Store, version: string) {
    this.start = start
    this.link = link
    this.now = now
    this.store = store
    this.version = version
    this.options = store.runs.options(start.run)
    this.changes = new OptionChanges(store, start.run, this.options.lanes, now)
    link.onMessage((message) => {
      if (message.type === 'adjust') {
        this.changes.ask(message.change)
        this.wake?.()
        return
      }
      if (message.type === 'step') {
        if (this.wants === 'pause') this.single += 1
        this.wake?.()
        return
      }
      if (message.type !== 'pause' && message.type !== 'continue' && message.type !== 'stop') return
      this.wants = message.type === 'continue' ? 'run' : message.type
      this.single = 0
      this.wake?.()
    })
  }

  async run(): Promise<RunStatus> {
    this.setStatus('starting')
    // A run that goes on from another one's checkpoint: what that one had recorded comes first.
    while (this.store.branches.inheritSome(this.start.run)) await new Promise((resolve) => setImmediate(resolve))
    const file = await readModelFile(this.options.model, this.start.resourcesFolder)
    const device = loadDevice()
    const model = openModel(device, file, this.options.model)
    const context = await streamContext(model, this.options.model, this.start.resourcesFolder, {
      workers: this.start.workers,
      previewCount: this.start.preview ? previewCount : 0,
    })
    const stream = await openStream(this.options, context)
    try {
      const source = await readSource(
        this.options,
        stream.plan,
        context,
        join(this.start.resourcesFolder, 'sample', 'source'),
      )
      const lanes = makeLanes(device, model, this.options, source?.images ?? null, stream.plan.domains[0]?.images ?? 0)
      const cleanCheck = this.store.runs.plan(this.start.run)?.cleanCheck ?? (await checkClean(device, model, stream))
      const plan = planOf({
        stream,
        model,
        info: modelInfo(file, this.options.model, model),
        lanes,
        device,
        options: this.options,
        sourceHash: source?.hash ?? null,
        cleanCheck,
        version: this.version,
        workers: this.start.workers,
      })
      this.checkUnchanged(plan)
      const seq = this.store.transaction(() => this.store.runs.setPlan(this.start.run, plan))
      this.send({ event: 'plan', seq, plan })
      const resumedAt = this.restore(lanes)
      for (const { method } of source ? lanes : []) {
        if (resumedAt < 0) method.warmUp?.(source!.images, this.options.batchSize)
        else method.use?.(source!.images)
      }
      this.setStatus('running')
      const finished = await this.stepAll(
        device,
        model,
        stream,
        lanes,
        plan,
        resumedAt,
        thresholds(device, model, source?.images ?? null, this.options.batchSize),
      )
      this.setStatus(finished ? 'done' : 'stopped')
      for (const lane of lanes) lane.method.dispose()
      model.dispose()
      return finished ? 'done' : 'stopped'
    } finally {
      await stream.close()
    }
  }

  /** A resumed run must go on with what it began with, or its numbers would mean nothing. */
  private checkUnchanged(plan: RunPlan): void {
    const before = this.store.runs.plan(this.start.run)
    if (!before) return
    if (before.model.hash !== plan.model.hash)
      throw new PalmError(
        'model-unreadable',
        `The weights in ${plan.model.path ?? plan.model.name} have changed since this run began. Start a new run.`,
      )
    if (before.sourceHash !== plan.sourceHash)
      throw new PalmError('input-labels', 'The source images have changed since this run began. Start a new run.')
    if (before.inputHash !== plan.inputHash)
      throw new PalmError(
        'input-labels',
        `The images or classes of ${plan.inputName} have changed since this run began. Start a new run.`,
      )
  }

  /** Brings all lanes to the last state that was recorded for them. @returns that step, -1 = from the beginning */
  private restore(lanes: readonly Lane[]): number {
    const states = new Map(this.store.checkpoints.resumeStates(this.start.run).map((row) => [row.lane, row]))
    // A run that goes on from a checkpoint begins with states of the lanes that adapt: the others have none.
    const step = states.values().next().value?.step
    if (
      step === undefined ||
      lanes.some(
        (lane) => states.get(lane.id)?.step !== step && (states.has(lane.id) || lane.method.adapts().length > 0),
      )
    )
      return -1
    for (const lane of lanes) {
      const found = states.get(lane.id)
      if (found) restoreLane(lane, found.state, `the state of lane ${lane.id} after step ${step}`)
    }
    return step
  }

  /** @returns whether the end was reached (else it was stopped) */
  private async stepAll(
    device: Device,
    model: Model,
    stream: Stream,
    lanes: readonly Lane[],
    plan: RunPlan,
    resumedAt: number,
    limits: Thresholds | null,
  ): Promise<boolean> {
    const { run } = this.start
    const unchanged = originalsOf(device, model)
    let seen = resumedAt < 0 ? 0 : (this.store.steps.at(run, resumedAt)[0]?.seen ?? 0)
    const meter = new ProgressMeter(performance.now(), seen)
    const total = { images: plan.totalImages, steps: plan.totalSteps }
    let domain = resumedAt < 0 ? -1 : domainOf(plan, resumedAt)
    let last = resumedAt
    let lastResume = { step: resumedAt, at: performance.now() }
    let nextPreview = 0
    let skippedTold = 0
    const window = this.options.window === null ? null : new ImageWindow(this.options.window)
    // A window is filled again from the batches before.
    const from = window
      ? Math.max(0, resumedAt + 1 - Math.ceil((this.options.window ?? 0) / this.options.batchSize))
      : resumedAt + 1
    for await (const batch of stream.batches(from)) {
      if (batch.step <= resumedAt) {
        if (this.options.schedule === 'reset-per-domain' && batch.domain !== domainOf(plan, resumedAt)) continue
        window?.push(batch)
        continue
      }
      if (!(await this.mayGoOn(batch.step))) {
        this.writeResumeStates(lanes, last, unchanged)
        return false
      }
      if (batch.domain !== domain) {
        if (domain >= 0 && this.options.schedule === 'reset-per-domain') {
          for (const lane of lanes) lane.method.reset()
          window?.clear()
        }
        domain = batch.domain
      }
      this.changes.apply(batch.step, lanes)
      seen += batch.ids.length
      const { reports, results, collapses } = stepLanes(device, model, batch, lanes, window, seen, limits)
      const marks = collapses.map(({ lane, kind }) => this.rescue(lane, batch.step, kind))
      const recorded = this.store.steps.at(run, batch.step)
      last = batch.step
      if (recorded.length > 0) {
        this.compare(reports, recorded)
        continue
      }
      const progress = meter.measure(performance.now(), { images: seen, steps: batch.step + 1 }, total, stream.waitMs)
      const endsDomain = isLastOf(plan, batch)
      if (endsDomain) for (const { watch } of lanes) if (watch.healthy) watch.goodStep = batch.step
      const due =
        endsDomain ||
        batch.step - lastResume.step >= resumeEverySteps ||
        performance.now() - lastResume.at >= resumeEveryMs
      const states = due ? lanes.map((lane) => ({ lane, blob: laneState(lane, unchanged) })) : []
      const predicted = [...results].map(([lane, { logits, classes, predictions }]) => ({
        lane,
        classes: predictions,
        confidences: confidences(logits, classes),
      }))
      const events = this.store.transaction((): RunEvent[] => {
        for (const report of reports) this.store.steps.insert(run, report)
        this.store.predictions.insert(run, batch, batch.ids, predicted)
        this.store.runs.setProgress(run, batch.step + 1, progress)
        const out: RunEvent[] = [{ event: 'step', seq: this.store.runs.nextSeq(run), reports, progress }]
        for (const collapse of marks) {
          this.store.collapses.insert(run, collapse)
          out.push({ event: 'collapse', seq: this.store.runs.nextSeq(run), collapse })
        }
        for (const { lane, blob } of states) this.store.checkpoints.putResumeState(run, lane.id, batch.step, blob)
        if (endsDomain) {
          for (const checkpoint of this.writeCheckpoints(states, batch))
            out.push({ event: 'checkpoint', seq: this.store.runs.nextSeq(run), checkpoint })
          out.push({
            event: 'domain',
            seq: this.store.runs.nextSeq(run),
            domain: batch.domain,
            metrics: this.writeDomain(batch.domain),
          })
        }
        if (stream.skipped.total > skippedTold) {
          this.store.skipped.put(run, stream.skipped.files)
          out.push({
            event: 'skipped',
            seq: this.store.runs.nextSeq(run),
            files: [...stream.skipped.files],
            total: stream.skipped.total,
          })
        }
        return out
      })
      if (due) lastResume = { step: batch.step, at: performance.now() }
      skippedTold = stream.skipped.total
      for (const event of events) this.send(event)
      if (this.start.preview && performance.now() >= nextPreview) {
        const begun = performance.now()
        const { width, height } = batch
        const pixels = window?.all ?? batch.pixels
        const after = answersNow(
          device,
          model,
          lanes,
          { pixels, images: pixels.length / (3 * width * height), width, height },
          batch.ids.length,
        )
        this.send({
          event: 'preview',
          seq: events.at(-1)?.seq ?? 0,
          step: batch.step,
          images: previewImages(batch, results, after),
        })
        nextPreview = begun + pauseAfter(performance.now() - begun, previewIntervalMs)
      }
      await new Promise((resolve) => setImmediate(resolve)) // lets messages in
    }
    return this.finish(plan)
  }

  /** Says where a lane collapsed; with the guard it goes back to its last checkpoint in good health, or to the source. */
  private rescue(lane: Lane, step: number, kind: Collapse['kind']): Collapse {
    if (!this.options.guard) return { lane: lane.id, step, kind, restored: null }
    const good = this.store.checkpoints
      .list(this.start.run)
      .find((checkpoint) => checkpoint.lane === lane.id && checkpoint.step === lane.watch.goodStep)
    if (good) {
      const { watch: _, ...state } = decodeState(
        this.store.checkpoints.delta(this.start.run, good.id).delta,
        `checkpoint ${good.id}`,
      )
      lane.method.restore(state)
    } else lane.method.reset()
    lane.watch.restart()
    return { lane: lane.id, step, kind, restored: good?.step ?? -1 }
  }

  private compare(reports: readonly StepReport[], recorded: readonly StepReport[]): void {
    for (const report of reports) {
      const before = recorded.find((row) => row.lane === report.lane)
      if (before && sameStep(report, before)) continue
      throw new PalmError(
        'internal',
        `Step ${report.step} came out differently from what was recorded (lane ${report.lane}). This machine, its thread count or the TensorFlow library differs from the one that began the run; start a new run here.`,
        JSON.stringify({ now: { ...report, layers: null }, before: { ...before, layers: null } }),
      )
    }
  }

  private writeCheckpoints(states: readonly { lane: Lane; blob: Uint8Array }[], batch: StreamBatch): CheckpointInfo[] {
    return states
      .filter(({ lane }) => lane.method.adapts().length > 0)
      .map(({ lane, blob }) =>
        this.store.checkpoints.insert(this.start.run, lane.id, batch.step, batch.domain, blob, this.now()),
      )
  }

  private writeDomain(domain: number): DomainMetric[] {
    const metrics = this.store.steps.domainSums(this.start.run, domain)
    for (const metric of metrics) this.store.steps.insertDomain(this.start.run, metric)
    return metrics
  }

  private writeResumeStates(lanes: readonly Lane[], step: number, unchanged: Unchanged): void {
    if (step < 0) return
    this.store.transaction(() => {
      for (const lane of lanes)
        this.store.checkpoints.putResumeState(this.start.run, lane.id, step, laneState(lane, unchanged))
    })
  }

  /** Domains whose last batch held no readable image have not been summed yet. */
  private finish(plan: RunPlan): true {
    const { run } = this.start
    const summed = new Set(this.store.steps.domains(run).map((metric) => metric.domain))
    const events = this.store.transaction((): RunEvent[] => {
      const out: RunEvent[] = []
      for (const { index } of plan.domains) {
        if (summed.has(index)) continue
        out.push({
          event: 'domain',
          seq: this.store.runs.nextSeq(run),
          domain: index,
          metrics: this.writeDomain(index),
        })
      }
      this.store.checkpoints.dropResumeStates(run)
      return out
    })
    for (const event of events) this.send(event)
    return true
  }

  /** Before a step: waits while paused, and records what shall change from it on. @returns false when it shall stop */
  private async mayGoOn(step: number): Promise<boolean> {
    for (const event of this.changes.record(step)) this.send(event)
    if (this.waits()) {
      this.setStatus('paused')
      while (this.waits()) {
        await new Promise<void>((resolve) => {
          this.wake = resolve
        })
        for (const event of this.changes.record(step)) this.send(event)
      }
      this.wake = null
      if (this.wants !== 'stop') this.setStatus('running')
    }
    if (this.wants === 'pause') {
      // Steps that are only computed again after a resume are not the ones that somebody asked for.
      if (!this.changes.isKnown(step)) this.single -= 1
      return true
    }
    if (this.wants === 'stop') this.setStatus('stopping')
    return this.wants === 'run'
  }

  private waits(): boolean {
    return this.wants === 'pause' && this.single === 0
  }

  private setStatus(status: RunStatus): void {
    const seq = this.store.transaction(() => this.store.runs.setStatus(this.start.run, status, null, this.now()))
    this.send({ event: 'status', seq, status, error: null, message: null })
  }

  private send(event: RunEvent): void {
    this.link.send({ type: 'event', event })
  }
}
