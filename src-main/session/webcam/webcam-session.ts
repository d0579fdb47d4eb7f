// A run over frames that a window sends while it goes on: each frame is corrupted, shown to the unadapted model and to the adapting lane, and answered;
// then, if it is time, the lane adapts on the sliding window. Open-ended: a domain is a stretch with one corruption. Frames are not kept, so it cannot
// be resumed; its steps, checkpoints and numbers are recorded as any run's.
import { isLive } from '#contract/inputs/input-kinds.ts'
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import type { Domain, RunEvent, RunPlan, RunStatus } from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { ToSession } from '#contract/session-protocol.ts'
import {
  webcamDefaults,
  webcamMethods,
  type Opinion,
  type WebcamAnswer,
  type WebcamControl,
  type WebcamFrame,
  type WebcamSettings,
} from '#contract/webcam.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import type { Device } from '#engine/compute/device.ts'
import { logSoftmax } from '#engine/compute/losses.ts'
import type { StepResult } from '#engine/methods/method.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import type { Model } from '#engine/models/model.ts'
import type { Store } from '#store/store.ts'
import { seedFrom } from '#stream/batcher.ts'
import { corrupt, familyForSize } from '#stream/corruptions/registry.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { rgbImage, type RgbImage } from '#stream/images/rgb-image.ts'
import { AdaptedPrediction } from '#session/measures/adapted-prediction.ts'
import { FrameTally } from './frame-tally.ts'
import { makeLanes, type Lane } from '#session/lanes.ts'
import { inputSizeOf, modelInfo, openModel, readModelFile } from '#session/open-model.ts'
import { originalsOf, type Unchanged } from '#session/tasks/originals.ts'
import { planOf } from '#session/plan.ts'
import { ProgressMeter } from '#session/measures/progress.ts'
import type { SessionLink, StartMessage } from '#session/session-link.ts'
import { withChanges } from '#session/measures/relative-changes.ts'
import { SlidingWindow } from '#session/sliding-window.ts'
import { encodeState, statisticsPrefix } from '#session/state-blob.ts'
import { stepReport } from '#session/measures/step-report.ts'

const shownClasses = 5
const idle: Omit<StepResult, 'logits' | 'classes' | 'predictions'> = {
  losses: {},
  keptMask: null,
  kept: null,
  tensors: [],
  adaptedShare: 0,
}

interface Parts {
  readonly device: Device
  readonly model: Model
  readonly side: number
  readonly plan: RunPlan
  readonly unadapted: Lane
  readonly lane: Lane
  readonly prediction: AdaptedPrediction
  readonly window: SlidingWindow
  readonly tally: FrameTally
  readonly meter: ProgressMeter
  readonly unchanged: Unchanged
}

export class WebcamSession {
  private readonly start: StartMessage
  private readonly link: SessionLink
  private readonly now: () => number
  private readonly store: Store
  private readonly version: string
  private readonly options: RunOptions
  private readonly inbox: ToSession[] = []
  private wake: (() => void) | null = null
  private status: RunStatus = 'starting'
  private settings: WebcamSettings
  private readonly domains: Domain[] = []
  private domainKey = ''
  private resets = 0
  private steps = 0
  private frames = 0
  private truth = { labelled: 0, unadapted: 0, adapted: 0 }
  private adaptMs: number | null = null
  private lastAdaptMs = 0
  private restUntil = 0
  /** The step that comes to be recorded gave numbers that are none. */
  private collapsed = false

  constructor(start: StartMessage, link: SessionLink, now: () => number, store: Store, version: string) {
    this.start = start
    this.link = link
    this.now = now
    this.store = store
    this.version = version
    this.options = store.runs.options(start.run)
    const { window: _window, spacingMs: _spacing, ...usual } = webcamDefaults
    this.settings = {
      ...usual,
      corruption: this.options.corruptions[0] ?? null,
      severity: this.options.severities[0] ?? usual.severity,
    }
    link.onMessage((message) => {
      this.inbox.push(message)
      this.wake?.()
    })
  }

  /** Until it is stopped. @throws PalmError for a model or lanes that do not fit */
  async run(): Promise<RunStatus> {
    this.setStatus('starting')
    const parts = await this.open()
    try {
      this.setStatus('running')
      for (;;) {
        const message = this.inbox.shift()
        if (!message) {
          await new Promise<void>((resolve) => (this.wake = resolve))
          this.wake = null
        } else if (message.type === 'stop') break
        else if (message.type === 'pause' && this.status === 'running') this.setStatus('paused')
        else if (message.type === 'continue' && this.status === 'paused') this.setStatus('running')
        else if (message.type === 'control') this.control(parts, message.control)
        else if (message.type === 'frame') await this.take(parts, message.id, message.frame)
      }
      this.setStatus('stopping')
      this.record(parts, null)
      if (this.steps > 0) this.checkpoint(parts)
      this.endDomain()
      this.setStatus('done')
      return 'done'
    } finally {
      parts.prediction.clear()
      parts.unadapted.method.dispose()
      parts.lane.method.dispose()
      parts.model.dispose()
    }
  }

  private async open(): Promise<Parts> {
    const { options, start } = this
    const input = options.input
    if (!isLive(input)) throw new PalmError('internal', 'This run has no webcam.')
    const [first, second] = options.lanes
    if (options.lanes.length !== 2 || first?.options.method !== 'source' || !second)
      throw new PalmError(
        'bad-request',
        'A run over a webcam has two lanes: the unadapted model, and one method beside it.',
      )
    if (!webcamMethods.includes(second.options.method))
      throw new PalmError(
        'method-unsupported',
        `${second.label} needs whole batches, and a webcam gives single frames. Choose one of ${webcamMethods.join(', ')}.`,
      )
    const file = await readModelFile(options.model, start.resourcesFolder)
    const device = loadDevice()
    const model = openModel(device, file, options.model)
    const side = inputSizeOf(model, options.model) ?? 32
    const lanes = makeLanes(device, model, options, null, options.batchSize)
    const [unadapted, lane] = lanes as [Lane, Lane]
    const stream = {
      domains: [],
      totalSteps: 0,
      totalImages: 0,
      family: options.family === 'auto' ? familyForSize(side, side) : options.family,
      inputName: input.name,
      inputHash: '',
      width: side,
      height: side,
    }
    const plan = planOf({
      stream: { plan: stream },
      model,
      info: modelInfo(file, options.model, model),
      lanes,
      device,
      options,
      sourceHash: null,
      cleanCheck: null,
      version: this.version,
    })
    this.sendPlan(plan)
    return {
      device,
      model,
      side,
      plan,
      unadapted,
      lane,
      prediction: new AdaptedPrediction(device, model),
      window: new SlidingWindow(options.batchSize, input.spacingMs),
      tally: new FrameTally(model.classes, side),
      meter: new ProgressMeter(performance.now(), 0),
      unchanged: originalsOf(device, model),
    }
  }

  private sendPlan(plan: RunPlan): void {
    const whole = {
      ...plan,
      domains: this.domains,
      totalSteps: this.steps,
      totalImages: this.domains.reduce((sum, { images }) => sum + images, 0),
    }
    const seq = this.store.transaction(() => this.store.runs.setPlan(this.start.run, whole))
    this.send({ event: 'plan', seq, plan: whole })
  }

  private control(parts: Parts, { settings, action }: WebcamControl): void {
    const changed = Object.fromEntries(
      Object.entries(settings).filter(([, value]) => value !== undefined),
    ) as Partial<WebcamSettings>
    const next = { ...this.settings, ...changed }
    const other =
      next.corruption !== this.settings.corruption ||
      (next.corruption !== null && next.severity !== this.settings.severity)
    // What was answered so far belongs to the domain that ends here.
    if (other || action === 'reset') this.record(parts, null)
    this.settings = next
    if (action === 'reset') {
      parts.lane.method.reset()
      parts.lane.watch.restart()
      parts.prediction.clear()
      parts.window.clear()
      this.resets += 1
    }
    if (action === 'snapshot') {
      this.record(parts, null)
      if (this.steps > 0) this.checkpoint(parts)
    }
  }

  /** Answers a frame and then, if it is time, adapts. */
  private async take(parts: Parts, id: number, frame: WebcamFrame): Promise<void> {
    try {
      if (this.status !== 'running') throw new PalmError('run-busy', 'The run is paused: continue it first.')
      const answer = this.answer(parts, frame)
      this.link.send({ type: 'answer', id, answer, error: null })
    } catch (thrown) {
      this.link.send({ type: 'answer', id, answer: null, error: toWireError(thrown) })
      return
    }
    await new Promise((resolve) => setImmediate(resolve)) // the answer goes out before the device is busy
    this.adaptIfDue(parts)
  }

  private answer(parts: Parts, frame: WebcamFrame): WebcamAnswer {
    const { device, model, side, lane, prediction, window, tally } = parts
    const image = imageOf(frame, side)
    if (frame.truth !== null && frame.truth >= model.classes)
      throw new PalmError(
        'bad-request',
        `The model has ${model.classes} classes, and none with the number ${frame.truth}.`,
      )
    const begun = performance.now()
    const { corruption, severity, heldNoise } = this.settings
    const seen = corruption === null ? image : this.corrupted(parts, image, corruption, severity, heldNoise)
    const corruptMs = performance.now() - begun
    const bytes = device.fromBytes(seen.data, [1, side, side, 3])
    const pixels = device.scale(bytes, 1 / 255)
    const unadapted = predict(device, model, model.parameters, pixels, { statistics: 'source' }).values
    const adapted = prediction.of(pixels, lane.method.currentWeights?.() ?? model.parameters)
    pixels.dispose()
    bytes.dispose()
    const predictMs = performance.now() - begun - corruptMs
    const shown = { unadapted: opinionsOf(unadapted, model.classes), adapted: opinionsOf(adapted, model.classes) }
    if (frame.truth !== null) {
      this.truth.labelled += 1
      if (shown.unadapted[0]?.index === frame.truth) this.truth.unadapted += 1
      if (shown.adapted[0]?.index === frame.truth) this.truth.adapted += 1
    }
    tally.add(frame.truth, unadapted, adapted, predictMs)
    window.offer(seen, performance.now())
    const { adaptMs } = this
    this.adaptMs = null
    return {
      frame: this.frames++,
      corrupted: seen === image ? null : base64Of(seen),
      sketch: frame.sketch
        ? base64Of(this.corrupted(parts, image, frame.sketch.corruption, frame.sketch.severity, true))
        : null,
      ...shown,
      truth: { ...this.truth },
      window: { frames: window.frames, size: window.size },
      steps: this.steps,
      corruptMs,
      predictMs,
      adaptMs,
    }
  }

  private corrupted(
    { plan }: Parts,
    image: RgbImage,
    corruption: CorruptionName,
    severity: Severity,
    heldNoise: boolean,
  ): RgbImage {
    const seed = seedFrom(this.options.seed, 'webcam', corruption, severity, heldNoise ? 0 : this.frames)
    return corrupt(image, corruption, severity, plan.family, new NumpyRandom(seed))
  }

  /** When a quarter of the window is new. A step that took T is followed by at least T without one, so that frames go on being answered. */
  private adaptIfDue(parts: Parts): void {
    const { window, tally } = parts
    const due = window.fresh >= Math.max(1, Math.floor(window.size / 4))
    if (!due && !tally.full) return
    if (!this.settings.adapting || window.frames < Math.min(2, window.size)) {
      window.taken()
      this.record(parts, null)
      return
    }
    if (performance.now() < this.restUntil && !tally.full) return
    const begun = performance.now()
    const result = this.adapt(parts)
    this.lastAdaptMs = performance.now() - begun
    this.adaptMs = this.lastAdaptMs
    this.restUntil = performance.now() + this.lastAdaptMs
    window.taken()
    this.record(parts, result)
  }

  private adapt({ device, side, lane, prediction, window, model }: Parts): StepResult {
    const x = device.fromBytes(window.pixels(), [window.frames, side, side, 3])
    device.takePeakBytes()
    const result = lane.method.step(x)
    const finite = result.logits.every(Number.isFinite) && Object.values(result.losses).every(Number.isFinite)
    // Few classes in view are nothing odd here: only numbers that are none count as a collapse.
    if (!finite) {
      lane.method.reset()
      prediction.clear()
      this.collapsed = true
    } else prediction.gather(x, lane.method.currentWeights?.() ?? model.parameters, this.settings.statisticsShare)
    x.dispose()
    return result
  }

  /** Writes down what was answered since the last report; `result` of the adaptation step that came after it. */
  private record(parts: Parts, result: StepResult | null): void {
    const { tally, unadapted, lane, device, plan, meter } = parts
    if (tally.frames === 0) return
    const { run } = this.start
    this.openDomain()
    const domain = this.domains.at(-1) as Domain
    const batch = tally.batch(this.steps, domain.index)
    const own = result
      ? {
          losses: result.losses,
          keptMask: result.keptMask,
          kept: result.kept,
          tensors: result.tensors,
          adaptedShare: result.adaptedShare,
        }
      : idle
    const said = { unadapted: tally.result('unadapted', idle), adapted: tally.result('adapted', own) }
    const agreement =
      said.adapted.predictions.filter((label, i) => label === said.unadapted.predictions[i]).length / tally.frames
    const reports = [
      { ...stepReport(unadapted.id, batch, said.unadapted, this.frames, tally.predictMs / 2, 0, null), agreement: 1 },
      {
        ...withChanges(
          stepReport(
            lane.id,
            batch,
            said.adapted,
            this.frames,
            tally.predictMs / 2 + (result ? this.lastAdaptMs : 0),
            result ? device.takePeakBytes() : 0,
            null,
          ),
          lane.changes,
          lane.method,
        ),
        agreement,
      },
    ]
    this.domains[domain.index] = { ...domain, images: domain.images + tally.frames, steps: domain.steps + 1 }
    const collapse = this.collapsed
      ? ({ lane: lane.id, step: this.steps, kind: 'not-finite', restored: -1 } as const)
      : null
    this.collapsed = false
    this.steps += 1
    this.sendPlan(plan)
    const progress = {
      ...meter.measure(
        performance.now(),
        { images: this.frames, steps: this.steps },
        { images: this.frames, steps: this.steps },
        0,
      ),
      etaMs: null,
    }
    const events = this.store.transaction((): RunEvent[] => {
      for (const report of reports) this.store.steps.insert(run, report)
      this.store.runs.setProgress(run, this.steps, progress)
      const out: RunEvent[] = [{ event: 'step', seq: this.store.runs.nextSeq(run), reports, progress }]
      if (collapse) {
        this.store.collapses.insert(run, collapse)
        out.push({ event: 'collapse', seq: this.store.runs.nextSeq(run), collapse })
      }
      return out
    })
    tally.clear()
    for (const event of events) this.send(event)
  }

  /** A new one when the corruption changed or the weights were reset since the last report. */
  private openDomain(): void {
    const { corruption, severity } = this.settings
    const name = corruption === null ? 'clean' : `${corruption} ${severity}`
    const key = `${name} ${this.resets}`
    if (key === this.domainKey) return
    this.endDomain()
    this.domainKey = key
    const visit = this.domains.filter((domain) => domain.name === name || domain.name.startsWith(`${name} #`)).length
    this.domains.push({
      index: this.domains.length,
      name: visit === 0 ? name : `${name} #${visit + 1}`,
      corruption,
      severity: corruption === null ? null : severity,
      images: 0,
      steps: 0,
      firstStep: this.steps,
    })
  }

  private endDomain(): void {
    const domain = this.domains.at(-1)
    if (!domain) return
    const { run } = this.start
    const event = this.store.transaction((): RunEvent => {
      const metrics = this.store.steps.domainSums(run, domain.index)
      for (const metric of metrics) this.store.steps.insertDomain(run, metric)
      return { event: 'domain', seq: this.store.runs.nextSeq(run), domain: domain.index, metrics }
    })
    this.send(event)
  }

  /** Weights, what the method learned, and the statistics that frames are normalised with now. */
  private checkpoint({ lane, prediction, unchanged }: Parts): void {
    if (lane.method.adapts().length === 0) return
    const { run } = this.start
    const state = lane.method.state()
    const statistics = [...prediction.statistics()].map(
      ([name, data]) => [`${statisticsPrefix}${name}`, { shape: [data.length], data }] as const,
    )
    const blob = encodeState(
      { scalars: state.scalars, arrays: new Map([...state.arrays, ...statistics]) },
      unchanged,
      lane.watch.state(),
    )
    const event = this.store.transaction((): RunEvent => {
      const checkpoint = this.store.checkpoints.insert(
        run,
        lane.id,
        this.steps - 1,
        Math.max(0, this.domains.length - 1),
        blob,
        this.now(),
      )
      return { event: 'checkpoint', seq: this.store.runs.nextSeq(run), checkpoint }
    })
    this.send(event)
  }

  private setStatus(status: RunStatus): void {
    this.status = status
    const seq = this.store.transaction(() => this.store.runs.setStatus(this.start.run, status, null, this.now()))
    this.send({ event: 'status', seq, status, error: null, message: null })
  }

  private send(event: RunEvent): void {
    this.link.send({ type: 'event', event })
  }
}

/** @throws PalmError `input-size` for a picture of another size than the model's */
function imageOf({ width, height, pixels }: WebcamFrame, side: number): RgbImage {
  if (width !== side || height !== side)
    throw new PalmError('input-size', `The frame is ${width} x ${height}, and the model takes ${side} x ${side}.`)
  const data = new Uint8Array(Buffer.from(pixels, 'base64'))
  if (data.length !== width * height * 3)
    throw new PalmError(
      'bad-request',
      `The frame has ${data.length} bytes, and ${width} x ${height} pixels have ${width * height * 3}.`,
    )
  return rgbImage(width, height, data)
}

const base64Of = ({ data }: RgbImage): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')

/** The most likely classes, most likely first. */
export function opinionsOf(logits: Float32Array, classes: number): Opinion[] {
  const log = logSoftmax(logits, classes)
  return Array.from(log, (value, index) => ({ index, probability: Math.min(1, Math.exp(value)) }))
    .map(({ index, probability }) => ({ index, probability: Number.isFinite(probability) ? probability : 0 }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, shownClasses)
}
