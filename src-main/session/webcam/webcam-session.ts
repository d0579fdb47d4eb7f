// A run over frames that a window sends while it goes on: each frame is corrupted, shown to the unadapted model and to the adapting
// lane, and answered; then, if it is time, the lane adapts on the sliding window. Open-ended: a domain is a stretch with one corruption.
// Frames are not kept, so it cannot be resumed; its steps, checkpoints and numbers are recorded as any run's.
import { PalmError } from '#contract/errors.ts'
import type { RunStatus } from '#contract/tables/report.ts'
import { webcamDefaults, type WebcamControl, type WebcamFrame, type WebcamSettings } from '#contract/webcam.ts'
import type { SessionCore } from '#session/core/session-core.ts'
import { refusalOf } from '#session/core/session-link.ts'
import { FrameAnswers } from './frame-answers.ts'
import { FrameTally } from './frame-tally.ts'
import { closeWebcam, openWebcam, type WebcamParts } from './open-webcam.ts'
import { WebcamRecord, type Adaptation } from './webcam-record.ts'

interface Running {
  readonly parts: WebcamParts
  readonly tally: FrameTally
  readonly answers: FrameAnswers
  readonly record: WebcamRecord
}

export class WebcamSession {
  private readonly core: SessionCore
  private settings: WebcamSettings
  /** Of the last adaptation step; null once a frame's answer told of it. */
  private adaptMs: number | null = null
  /** On the clock of `performance.now()`: no adaptation before. */
  private restUntil = 0

  constructor(core: SessionCore) {
    this.core = core
    const { window: _window, spacingMs: _spacing, ...usual } = webcamDefaults
    const { corruptions, severities } = core.options
    this.settings = { ...usual, corruption: corruptions[0] ?? null, severity: severities[0] ?? usual.severity }
  }

  /** Until it is stopped. @throws PalmError for a model or lanes that do not fit */
  async run(): Promise<RunStatus> {
    const { recorder, options } = this.core
    recorder.status('starting')
    const parts = await openWebcam(this.core)
    try {
      const tally = new FrameTally(parts.model.classes, parts.side)
      const record = await WebcamRecord.open(this.core, parts, tally)
      const running = { parts, tally, record, answers: new FrameAnswers(parts, tally, options.seed) }
      recorder.status('running')
      await this.followMessages(running)
      recorder.status('stopping')
      await this.recordFrames(running, null)
      await record.checkpoint()
      record.endDomain()
      recorder.status('done')
      return 'done'
    } finally {
      closeWebcam(parts)
    }
  }

  /** Takes messages one by one, until one says stop. */
  private async followMessages(running: Running): Promise<void> {
    const { control, recorder } = this.core
    while (control.course !== 'stop') {
      const message = control.take()
      if (!message) await control.arrival()
      else if (message.type === 'frame') await this.processFrame(running, message)
      else if (message.type === 'control') await this.change(running, message.control)
      else {
        const before = control.course
        const course = control.follow(message)
        if (course !== before && course !== 'stop') recorder.status(course === 'pause' ? 'paused' : 'running')
      }
    }
  }

  /** Answers a frame and then, if it is time, adapts. */
  private async processFrame(
    running: Running,
    message: { type: 'frame'; id: number; frame: WebcamFrame },
  ): Promise<void> {
    const { control, link } = this.core
    const { answers, record } = running
    try {
      if (control.course === 'pause') throw new PalmError('run-busy', 'The run is paused: continue it first.')
      const answer = await answers.answer(message.frame, this.settings, record.steps, this.adaptMs)
      this.adaptMs = null
      link.send({ type: 'answer', id: message.id, answer, error: null })
    } catch (thrown) {
      link.send(refusalOf(message, thrown))
      return
    }
    await new Promise((resolve) => setImmediate(resolve)) // the answer goes out before the device is busy
    await this.adaptIfDue(running)
  }

  private async change(running: Running, { settings, action }: WebcamControl): Promise<void> {
    const { parts, record } = running
    const changed = Object.fromEntries(
      Object.entries(settings).filter(([, value]) => value !== undefined),
    ) as Partial<WebcamSettings>
    const next = { ...this.settings, ...changed }
    const other =
      next.corruption !== this.settings.corruption ||
      (next.corruption !== null && next.severity !== this.settings.severity)
    // What was answered so far belongs to the domain that ends here.
    if (other || action === 'reset') await this.recordFrames(running, null)
    this.settings = next
    if (action === 'reset') {
      parts.lane.method.reset()
      parts.lane.watch.restart()
      parts.prediction.clear()
      parts.window.clear()
      record.reset()
    }
    if (action === 'snapshot') {
      await this.recordFrames(running, null)
      await record.checkpoint()
    }
  }

  /** When a quarter of the window is new. A step that took T is followed by at least T without one, so that frames go on being answered. */
  private async adaptIfDue(running: Running): Promise<void> {
    const { window } = running.parts
    const { tally } = running
    const due = window.fresh >= Math.max(1, Math.floor(window.size / 4))
    if (!due && !tally.full) return
    if (!this.settings.adapting || window.frames < Math.min(2, window.size)) {
      window.taken()
      await this.recordFrames(running, null)
      return
    }
    if (performance.now() < this.restUntil && !tally.full) return
    const adaptation = await this.adapt(running.parts)
    this.adaptMs = adaptation.ms
    this.restUntil = performance.now() + adaptation.ms
    window.taken()
    await this.recordFrames(running, adaptation)
  }

  private async adapt({ device, side, lane, prediction, window, model }: WebcamParts): Promise<Adaptation> {
    const begun = performance.now()
    const x = device.fromBytes(window.pixels(), [window.frames, side, side, 3])
    try {
      device.takePeakBytes()
      const result = await lane.method.step(x)
      const finite = result.logits.every(Number.isFinite) && Object.values(result.losses).every(Number.isFinite)
      // Few classes in view are nothing odd here: only numbers that are none count as a collapse.
      if (!finite) {
        lane.method.reset()
        prediction.clear()
      } else prediction.gather(x, lane.method.currentWeights?.() ?? model.parameters, this.settings.statisticsShare)
      return { result, ms: performance.now() - begun, finite }
    } finally {
      x.dispose()
    }
  }

  /** Writes down what was answered since the last report, and the adaptation that came after it. */
  private async recordFrames({ record, answers }: Running, adaptation: Adaptation | null): Promise<void> {
    await record.step(this.settings, answers.count, adaptation)
  }
}
