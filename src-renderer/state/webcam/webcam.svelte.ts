// The webcam as a screen needs it: what is chosen before it starts (`setup`, `source`), its run from start to end, the frames that go to it (`frames`), what it
// reports (`reports`), what the user says is truly in view (`truth`), and what went wrong. Runs without a page: frames come from behind `Cameras`.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { ModelOptionsInput, RunOptionsInput } from '#contract/runs/run-options.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import type { WebcamSettings } from '#contract/webcam.ts'
import type { Cameras } from '#renderer/lib/webcam/frame-source.ts'
import { FrameLoop } from './frame-loop.svelte.ts'
import { RunReports } from './run-reports.svelte.ts'
import { TaughtTruth } from './taught-truth.svelte.ts'
import { corruptionOf, usualSettings, WebcamSetup } from './webcam-setup.svelte.ts'
import { WebcamSource } from './webcam-source.svelte.ts'

export class Webcam {
  phase = $state<'idle' | 'starting' | 'running' | 'paused'>('idle')
  settings = $state<WebcamSettings>({ ...usualSettings })
  /** What went wrong, in words; '' = nothing. */
  problem = $state('')
  run = $state<number | null>(null)
  /** Of the model that runs. */
  classNames = $state.raw<readonly string[]>([])
  readonly setup: WebcamSetup
  readonly source: WebcamSource
  readonly truth = new TaughtTruth()
  readonly frames: FrameLoop
  readonly reports: RunReports
  private started: RunOptionsInput | null = null
  private renewing = false
  private readonly client: PalmClient

  constructor(client: PalmClient, devices: Cameras, now: () => number, schedule: (work: () => void) => void) {
    this.client = client
    const say = (problem: string) => void (this.problem = problem)
    this.setup = new WebcamSetup(client, say)
    this.source = new WebcamSource(devices, say, () => this.phase === 'running' && void this.frames.pump())
    this.frames = new FrameLoop({
      client,
      source: this.source,
      truth: this.truth,
      running: () => this.phase === 'running',
      run: () => this.run,
      failed: (error) => this.over(error),
      now,
      schedule,
    })
    this.reports = new RunReports({ client, schedule, over: (error) => this.over(error), say })
  }

  /** With a camera, or with a video file that was chosen. */
  async start(file: File | null = null, instead = false): Promise<void> {
    await this.starting(async () => {
      const { name } = await this.source.open(file)
      const model = this.setup.modelOptions
      const classes = await this.learnModel(model, this.setup.window)
      this.started = this.setup.runOf(name, model, classes, this.settings)
      await this.begin(await this.launch(this.started, instead))
    })
  }

  /** `instead`: of what is under way. @returns its run */
  private async launch(options: RunOptionsInput, instead: boolean): Promise<number> {
    if (!instead) return (await this.client.call('runs.start', options)).run
    const { run } = await this.client.call('queue.instead', { work: { kind: 'start', options } })
    if (run === null) throw new Error('A webcam is no sweep.')
    return run
  }

  /** Ends what is under way (a run, the sweep that it may belong to) when the camera is there, and starts in its place, before what is lined up. */
  startInstead(file: File | null = null): Promise<void> {
    return this.start(file, true)
  }

  /** A new run over the same frames with the same options: the old one's record stays, and what a run gathers does not grow for ever. */
  async renew(): Promise<void> {
    const { started } = this
    if (this.phase !== 'running' || !started) return
    this.phase = 'starting'
    this.renewing = true
    try {
      await this.begin(await this.launch({ ...started, ...corruptionOf(this.settings) }, true))
      this.renewing = false
    } catch (thrown) {
      this.renewing = false
      this.over(toWireError(thrown))
    }
  }

  /** Goes on with a run that this page did not start, after a reload. */
  async adopt(summary: RunSummary, file: File | null = null): Promise<void> {
    await this.starting(async () => {
      await this.source.open(file)
      await this.learnModel(summary.options.model, 1)
      this.started = summary.options
      if (summary.status === 'paused') await this.client.call('runs.continue', { run: summary.id })
      await this.begin(summary.id)
    })
  }

  /** What a start that failed began is taken back; what failed first is what is said. */
  private async starting(work: () => Promise<void>): Promise<void> {
    if (this.phase !== 'idle') return
    this.phase = 'starting'
    this.problem = ''
    try {
      await work()
    } catch (thrown) {
      this.source.close()
      this.phase = 'idle'
      if (this.problem === '') this.problem = toWireError(thrown).message
    }
  }

  /** @returns how many classes it tells apart */
  private async learnModel(model: ModelOptionsInput, batch: number): Promise<number> {
    const { inputSize, classNames, classes } = await this.client.call('models.details', { model, batch })
    this.frames.side = inputSize.width
    this.classNames = classNames
    return classes
  }

  private async begin(run: number): Promise<void> {
    this.run = run
    this.truth.hold(null)
    this.frames.begin()
    this.reports.follow(run)
    const { settings } = this
    await this.client.call('webcam.control', { run, settings: { ...settings } })
    this.phase = 'running'
    if (this.settings !== settings) void this.set({ ...this.settings }) // changed meanwhile
    void this.frames.pump()
  }

  private over(error: WireError | null): void {
    if (this.renewing) return
    this.source.close()
    this.source.lost = false
    this.phase = 'idle'
    this.truth.hold(null)
    if (error) this.problem = error.message
  }

  async pause(): Promise<void> {
    const { run } = this
    if (run === null || this.phase !== 'running') return
    this.phase = 'paused'
    await this.attempt(() => this.client.call('runs.pause', { run }))
  }

  async continue(): Promise<void> {
    const { run } = this
    if (run === null || this.phase !== 'paused') return
    await this.attempt(() => this.client.call('runs.continue', { run }))
    this.phase = 'running'
    void this.frames.pump()
  }

  async stop(): Promise<void> {
    const { run } = this
    if (run === null || this.phase === 'idle') return
    this.over(null)
    await this.attempt(() => this.client.call('runs.stop', { run }))
  }

  /** While it starts, `run` is the one before: what is set then goes out with the start. */
  private get takesOrders(): boolean {
    return this.phase === 'running' || this.phase === 'paused'
  }

  /** From the next frame on. */
  async set(changes: Partial<WebcamSettings>): Promise<void> {
    this.settings = { ...this.settings, ...changes }
    const { run } = this
    if (run !== null && this.takesOrders)
      await this.attempt(() => this.client.call('webcam.control', { run, settings: changes }))
  }

  async act(action: 'reset' | 'snapshot'): Promise<void> {
    const { run } = this
    if (run !== null && this.takesOrders) await this.attempt(() => this.client.call('webcam.control', { run, action }))
  }

  /** What was chosen in another one, whose connection is gone. */
  resemble(other: Webcam): void {
    this.setup.resemble(other.setup)
    this.source.resemble(other.source)
    this.settings = { ...other.settings }
  }

  dismiss(): void {
    this.problem = ''
  }

  /** The connection is gone: the page asks for a new one and for another `Webcam`. */
  close(): void {
    this.reports.close()
    this.over(null)
  }

  private async attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (thrown) {
      this.problem = toWireError(thrown).message
    }
  }
}
