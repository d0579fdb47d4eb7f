// A run over a stream of batches: opens model and stream, steps every lane on every batch, records each step in one transaction and
// tells of it afterwards. Can be stopped between steps and goes on later bit for bit, also after a kill at any moment.
import { keptReportsNow } from '#session/core/kept-reports.ts'
import { join } from 'node:path'
import { halvedFrom, partsAt, type Halving } from '#contract/runs/halving.ts'
import type { RunPlan, RunStatus } from '#contract/tables/report.ts'
import type { Device } from '#engine/compute/device.ts'
import type { SourceImages } from '#engine/methods/parts/source-images.ts'
import type { NormalizationOrigin } from '#engine/models/normalization-origin.ts'
import type { Model } from '#engine/models/model.ts'
import { OptionChanges } from '#session/core/option-changes.ts'
import { checkSameSteps, checkUnchanged, restoreLanes } from '#session/core/resume.ts'
import { openRunDevice } from '#session/core/run-devices.ts'
import type { SessionCore } from '#session/core/session-core.ts'
import { ImageWindow, makeLanes, stepLanes, type Lane } from '#session/lanes.ts'
import { thresholds, type Thresholds } from '#session/measures/accuracy-estimate.ts'
import { lookedAt } from '#session/measures/first-look.ts'
import { keptLook } from '#session/measures/kept-look.ts'
import { modelInfo, openModel, originOf, readModelFile } from '#session/open-model.ts'
import { domainOf, planOf } from '#session/plan.ts'
import { readSource } from '#session/source.ts'
import { streamContext } from '#session/stream-context.ts'
import { previewCount } from '#session/tasks/preview.ts'
import { openStream } from '#stream/open-stream.ts'
import type { Stream } from '#stream/stream.ts'
import { BatchPreview } from './batch-preview.ts'
import { BatchRecord } from './batch-record.ts'
import { checkRead } from './enough-read.ts'

/** What is open while it runs. */
interface Opened {
  readonly device: Device
  readonly model: Model
  readonly stream: Stream
  readonly lanes: readonly Lane[]
  readonly plan: RunPlan
  /** The last step whose state the lanes have; -1 = none. */
  readonly resumedAt: number
  readonly limits: Thresholds | null
}

export class BatchSession {
  private readonly core: SessionCore
  private readonly changes: OptionChanges

  constructor(core: SessionCore) {
    this.core = core
    this.changes = new OptionChanges(core)
  }

  /** Until the end of the stream, or until it is stopped. @throws PalmError */
  async run(): Promise<RunStatus> {
    const { core } = this
    core.recorder.status('starting')
    // A run that goes on from another one's checkpoint: what that one had recorded comes first.
    while (core.store.branches.inheritSome(core.run)) await messagesIn()
    const { options, start } = core
    const file = await readModelFile(options.model, start.resourcesFolder)
    const before = core.store.runs.plan(core.run)
    const { device, devices } = await openRunDevice(core, before)
    const model = openModel(device, file, options.model)
    const context = await streamContext(model, options.model, start.resourcesFolder, {
      workers: start.workers,
      previewCount: start.preview ? previewCount : 0,
    })
    const stream = await openStream(options, context)
    try {
      const sampleSource = join(start.resourcesFolder, 'sample', 'source')
      const source = await readSource(options, stream.plan, context, sampleSource)
      const lanes = makeLanes(device, model, options, source?.images ?? null, stream.plan.domains[0]?.images ?? 0)
      const halvings = halvingsOf(before, start.halve === true, core.store.runs.get(core.run).step)
      const plan = planOf({
        stream,
        model,
        info: modelInfo(file, options.model, model),
        lanes,
        device,
        devices,
        halvings,
        reports: before ? (before.reports ?? null) : keptReportsNow(core.store, stream.plan.totalSteps),
        options,
        sourceHash: source?.hash ?? null,
        look: before ? before.look : await lookAt(device, model, stream, originOf(file, options.model, model)),
        cleanCheck: before?.cleanCheck ?? null,
        version: core.version,
        workers: start.workers,
      })
      checkUnchanged(before, plan)
      core.recorder.plan(plan)
      const resumedAt = restoreLanes(core.store, core.run, lanes, stream.sums)
      if (source)
        await prepareLanes(
          lanes,
          source.images,
          resumedAt < 0 ? Math.ceil(options.batchSize / partsAt(halvings, 0)) : null,
        )
      core.recorder.status('running')
      const limits = await thresholds(device, model, source?.images ?? null, options.batchSize)
      const finished = await this.stepAll({ device, model, stream, lanes, plan, resumedAt, limits })
      const status = finished ? 'done' : 'stopped'
      core.recorder.status(status)
      for (const lane of lanes) lane.method.dispose()
      model.dispose()
      return status
    } finally {
      this.changes.close()
      await stream.close()
    }
  }

  /** @returns whether the end was reached (else it was stopped) */
  private async stepAll(opened: Opened): Promise<boolean> {
    const { device, model, stream, lanes, plan, resumedAt, limits } = opened
    const { options, store, run } = this.core
    const record = await BatchRecord.open(this.core, opened)
    const preview = new BatchPreview(this.core, device, model, lanes)
    const window = options.window === null ? null : new ImageWindow(options.window)
    const resumedIn = resumedAt < 0 ? -1 : domainOf(plan, resumedAt)
    let domain = resumedIn
    let last = resumedAt
    let seen = resumedAt < 0 ? 0 : (store.steps.at(run, resumedAt)[0]?.seen ?? 0)
    for await (const batch of stream.batches(firstBatch(resumedAt, options))) {
      if (batch.step <= resumedAt) {
        if (options.schedule !== 'reset-per-domain' || batch.domain === resumedIn) window?.push(batch)
        continue
      }
      if (!(await this.mayGoOn(batch.step))) {
        await record.resumeStates(last)
        return false
      }
      if (batch.domain !== domain) {
        if (domain >= 0 && options.schedule === 'reset-per-domain') {
          for (const lane of lanes) lane.method.reset()
          window?.clear()
        }
        domain = batch.domain
      }
      this.changes.apply(batch.step, lanes)
      seen += batch.ids.length
      const parts = partsAt(plan.halvings ?? [], batch.step)
      const stepped = await stepLanes(device, model, batch, lanes, {
        window,
        seen,
        limits,
        parts,
      })
      const collapses = stepped.collapses.map(({ lane, kind }) => record.rescue(lane, batch.step, kind))
      last = batch.step
      const recorded = store.steps.at(run, batch.step)
      if (recorded.length > 0) {
        // What an earlier device computed stands; another one's differ in the last digits.
        if (batch.step >= (plan.devices?.at(-1)?.from ?? 0)) checkSameSteps(stepped.reports, recorded)
        continue
      }
      await record.step(batch, stepped, collapses, seen)
      await preview.offer(batch, stepped.results, window?.all ?? batch.pixels, parts)
      await messagesIn()
    }
    record.finish()
    checkRead(seen, plan, stream.skipped)
    return true
  }

  /** Before a step: waits while paused, and records what shall change from it on. @returns false when it shall stop */
  private async mayGoOn(step: number): Promise<boolean> {
    const { control, recorder } = this.core
    this.listen(step)
    if (control.waits) {
      recorder.status('paused')
      while (control.waits) {
        await control.arrival()
        this.listen(step)
      }
      if (control.course !== 'stop') recorder.status('running')
    }
    if (control.course === 'stop') recorder.status('stopping')
    // Steps that are only computed again after a resume are not the ones that somebody asked for.
    if (control.course === 'pause' && !this.changes.isKnown(step)) control.stepMade()
    return control.course !== 'stop'
  }

  private listen(step: number): void {
    const { control } = this.core
    for (let message = control.take(); message; message = control.take()) {
      if (message.type === 'adjust') this.changes.ask(message.id, message.change)
      else control.follow(message)
    }
    this.changes.record(step)
  }
}

const lookAt = async (device: Device, model: Model, stream: Stream, normalization: NormalizationOrigin) =>
  (
    await keptLook(device, model, {
      normalization,
      input: stream.plan.inputName,
      found: stream.found,
      images: await stream.firstImages(lookedAt),
    })
  ).look

/** As they are recorded up to here, and halved once more where that is asked for. `step`: the first that is not recorded. */
function halvingsOf(before: RunPlan | null, halve: boolean, step: number): Halving[] {
  const known = (before?.halvings ?? []).filter(({ from }) => from <= step)
  return halve ? halvedFrom(known, step) : known
}

/** Gives the lanes the source images; with a batch size they also warm up on them, which a resumed run has done before. */
async function prepareLanes(lanes: readonly Lane[], images: SourceImages, batchSize: number | null): Promise<void> {
  for (const { method } of lanes) {
    if (batchSize === null) method.use?.(images)
    else await method.warmUp?.(images, batchSize)
  }
}

/** The batch to begin with: a window is filled again from the batches before. */
function firstBatch(resumedAt: number, { window, batchSize }: { window: number | null; batchSize: number }): number {
  return window === null ? resumedAt + 1 : Math.max(0, resumedAt + 1 - Math.ceil(window / batchSize))
}

/** Lets messages in. */
const messagesIn = () => new Promise<void>((resolve) => setImmediate(resolve))
