// The webcam as a screen needs it: camera, model and method before it starts; then the loop that sends the newest frame when the last one is answered, what the
// answers say, what the user says is truly in view, and what went wrong. Runs without a page: frames come from behind `Cameras`.
import type { PalmClient } from '#app/rpc/client.ts'
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import { fromWireError, toWireError, type WireError } from '#contract/errors.ts'
import type { LibraryModel } from '#contract/models/library.ts'
import { readyModelNames } from '#contract/models/library.ts'
import { usualLabel, usualOptions } from '#contract/methods/presets.ts'
import type { MethodId } from '#contract/methods/methods.ts'
import type { RunOptionsInput } from '#contract/runs/run-options.ts'
import { isUnderWay, type RunEvent, type RunPlan, type RunSnapshot, type RunSummary } from '#contract/tables/report.ts'
import { webcamDefaults, type WebcamAnswer, type WebcamSettings } from '#contract/webcam.ts'
import { RecentSteps } from '#renderer/lib/curves/recent-steps.ts'
import { FrameRate } from '#renderer/lib/webcam/frame-rate.ts'
import type { CameraInfo, Cameras, FrameSource } from '#renderer/lib/webcam/frame-source.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { LayerMap } from '#renderer/state/live/layer-map.svelte.ts'
import { optionsOf, readyOf } from '#renderer/state/models/models.svelte.ts'

const { window: usualWindow, spacingMs, ...usualSettings } = webcamDefaults

/** What a camera's failure means, in words that say what to do. */
export function cameraProblem(thrown: unknown): string {
  const name =
    thrown instanceof Error || (typeof thrown === 'object' && thrown !== null && 'name' in thrown)
      ? String(thrown.name)
      : ''
  const known: Readonly<Record<string, string>> = {
    NotAllowedError: strings.webcam.denied,
    SecurityError: strings.webcam.insecure,
    NotFoundError: strings.webcam.noCamera,
    OverconstrainedError: strings.webcam.gone,
    NotReadableError: strings.webcam.inUse,
    AbortError: strings.webcam.inUse,
    NotSupportedError: strings.webcam.noVideo,
    EncodingError: strings.webcam.noVideo,
  }
  return known[name] ?? strings.webcam.cameraFailed(thrown instanceof Error ? thrown.message : String(thrown))
}

/** Who looks on, frame by frame: the stage. */
export interface FrameCompanion {
  /** A corruption that the next frame should be drawn under too, or none. */
  wish(): { readonly corruption: CorruptionName; readonly severity: Severity } | null
  answered(answer: WebcamAnswer): void
}

export class Webcam {
  cameras = $state.raw<readonly CameraInfo[]>([])
  cameraId = $state<string | null>(null)
  models = $state.raw<readonly LibraryModel[]>([])
  /** A library model's number, or the bundled one. */
  model = $state<number | 'sample'>('sample')
  method = $state<MethodId>('palm')
  window = $state(usualWindow)
  fetching = $state(false)
  phase = $state<'idle' | 'starting' | 'running' | 'paused'>('idle')
  settings = $state<WebcamSettings>({ ...usualSettings })
  mirrored = $state(true)
  problem = $state('')
  /** The camera went away; it is taken up again when it comes back. */
  lost = $state(false)
  answer = $state.raw<WebcamAnswer | null>(null)
  /** What to paint with the answer: RGBA, side x side. */
  shown = $state.raw<Uint8ClampedArray | null>(null)
  side = $state(0)
  classNames = $state.raw<readonly string[]>([])
  truth = $state<number | null>(null)
  recentTruths = $state.raw<readonly number[]>([])
  framesPerSecond = $state(0)
  latencyMs = $state<number | null>(null)
  latency95Ms = $state<number | null>(null)
  /** Frames that the camera gave and nobody looked at. */
  dropped = $state(0)
  snapshots = $state(0)
  run = $state<number | null>(null)
  plan = $state.raw<RunPlan | null>(null)
  readonly recent = { of: new RecentSteps() }
  layerMap = $state.raw<LayerMap | null>(null)
  /** Rises with each step. */
  version = $state(0)
  sourceKind = $state<'camera' | 'video'>('camera')
  sourceName = $state('')
  /** Methods that the chosen model refuses, and why; null = not known (yet). */
  refusals = $state.raw<readonly { readonly method: string; readonly reason: string }[] | null>(null)
  companion: FrameCompanion | null = null
  /** The video that plays, so that a new run can play it too. */
  file: File | null = null
  private started: RunOptionsInput | null = null
  private renewing = false
  private descriptions = 0
  private readonly client: PalmClient
  private readonly devices: Cameras
  private readonly now: () => number
  private readonly schedule: (work: () => void) => void
  private source: FrameSource | null = null
  private rate = new FrameRate()
  private unfollow: (() => void) | null = null
  private ofSource = 0
  private modelsLooked = false
  private pumping = false

  constructor(client: PalmClient, devices: Cameras, now: () => number, schedule: (work: () => void) => void) {
    this.client = client
    this.devices = devices
    this.now = now
    this.schedule = schedule
    devices.onChange(() => void this.devicesChanged())
    void this.listCameras()
  }

  get ready(): LibraryModel | null {
    return readyOf(this.models)
  }

  async look(): Promise<void> {
    try {
      this.models = await this.client.call('models.list', {})
      if (!this.modelsLooked && this.ready) this.model = this.ready.id
      this.modelsLooked = true
    } catch (thrown) {
      this.problem = toWireError(thrown).message
    }
  }

  async fetchReady(): Promise<void> {
    this.fetching = true
    this.problem = ''
    try {
      const { id } = await this.client.call('models.fetch', {
        name: readyModelNames[0] as (typeof readyModelNames)[number],
      })
      await this.look()
      this.model = id
    } catch (thrown) {
      this.problem = toWireError(thrown).message
    }
    this.fetching = false
  }

  async cancelFetch(): Promise<void> {
    await this.client.call('models.cancelFetch', {})
  }

  /** What the chosen model can do. */
  async describe(): Promise<void> {
    const look = ++this.descriptions
    this.refusals = null
    try {
      const { refusals } = await this.client.call('models.details', { model: this.modelOptions(), batch: 1 })
      if (look === this.descriptions) this.refusals = refusals
    } catch (thrown) {
      if (look === this.descriptions) this.problem = toWireError(thrown).message
    }
  }

  /** Why the chosen method cannot run on the chosen model; null = it can, as far as is known. */
  get refusal(): string | null {
    return this.refusals?.find(({ method }) => method === this.method)?.reason ?? null
  }

  private modelOptions() {
    return optionsOf(this.models.find(({ id }) => id === this.model) ?? null)
  }

  private async listCameras(): Promise<void> {
    this.cameras = await this.devices.list().catch(() => [])
    if (this.cameraId !== null && !this.cameras.some(({ id }) => id === this.cameraId)) this.cameraId = null
  }

  private async devicesChanged(): Promise<void> {
    await this.listCameras()
    if (this.lost && this.cameras.length > 0) await this.reopen()
  }

  /** With a camera, or with a video file that was chosen. */
  async start(file: File | null = null): Promise<void> {
    if (this.phase !== 'idle') return
    this.phase = 'starting'
    this.problem = ''
    try {
      const source = await this.openSource(file)
      const model = this.modelOptions()
      const details = await this.client.call('models.details', { model, batch: this.window })
      this.side = details.inputSize.width
      this.classNames = details.classNames
      const preset = model.kind === 'sample' ? 'sample' : this.ready?.id === this.model ? 'imagenet' : 'cautious'
      const lanes = (['source', this.method] as const).map((method) => {
        const options = usualOptions(method, { preset, classes: details.classes })
        return { id: method, label: usualLabel(options), options }
      })
      const { corruption, severity } = this.settings
      this.started = {
        name: strings.webcam.runName(source.name),
        input: { kind: 'webcam', name: source.name, spacingMs },
        model,
        corruptions: corruption ? [corruption] : [],
        severities: [severity],
        batchSize: this.window,
        lanes,
      }
      const { run } = await this.client.call('runs.start', this.started)
      await this.begin(run)
    } catch (thrown) {
      this.source?.close()
      this.source = null
      this.phase = 'idle'
      if (this.problem === '') this.problem = toWireError(thrown).message
    }
  }

  /** Ends a run that is under way (and the sweep that it may belong to), and starts when it is over. */
  async startInstead(run: number, file: File | null = null): Promise<void> {
    if (this.phase !== 'idle') return
    this.phase = 'starting'
    this.problem = ''
    try {
      await this.client.call('sweeps.stop', {})
      await this.ended(run)
    } catch (thrown) {
      this.problem = toWireError(thrown).message
      return
    } finally {
      this.phase = 'idle'
    }
    await this.start(file)
  }

  /** Stops a run and resolves when it is over. @throws PalmError when it cannot be stopped from here */
  private ended(run: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const underWay = (runs: readonly RunSummary[]) => runs.some(({ id, status }) => id === run && isUnderWay(status))
      const stop = async () => {
        try {
          await this.client.call('runs.stop', { run })
        } catch (thrown) {
          if (underWay(await this.client.call('runs.list', {}))) throw thrown
          settle(resolve) // it was over before it could be stopped
        }
      }
      let unfollow: () => void = () => undefined
      const settle = (work: () => void) => {
        unfollow()
        work()
      }
      unfollow = this.client.subscribe(
        'runs',
        {},
        {
          snapshot: (runs) =>
            underWay(runs) ? void stop().catch((thrown: unknown) => settle(() => reject(thrown))) : settle(resolve),
          event: ({ id, status }) => id === run && !isUnderWay(status) && settle(resolve),
          error: (error) => settle(() => reject(fromWireError(error))),
        },
      )
    })
  }

  /** A new run over the same frames with the same options: the old one's record stays, and what a run gathers does not grow for ever. */
  async renew(): Promise<void> {
    const { run, started } = this
    if (this.phase !== 'running' || run === null || !started) return
    this.phase = 'starting'
    this.renewing = true
    try {
      await this.ended(run)
      const { corruption, severity } = this.settings
      const next = await this.client.call('runs.start', {
        ...started,
        corruptions: corruption ? [corruption] : [],
        severities: [severity],
      })
      await this.begin(next.run)
      this.renewing = false
    } catch (thrown) {
      this.renewing = false
      this.over(toWireError(thrown))
    }
  }

  /** Goes on with a run that this page did not start, after a reload. */
  async adopt(summary: RunSummary, file: File | null = null): Promise<void> {
    if (this.phase !== 'idle') return
    this.phase = 'starting'
    this.problem = ''
    try {
      await this.openSource(file)
      const details = await this.client.call('models.details', { model: summary.options.model, batch: 1 })
      this.side = details.inputSize.width
      this.classNames = details.classNames
      this.started = summary.options
      if (summary.status === 'paused') await this.client.call('runs.continue', { run: summary.id })
      await this.begin(summary.id)
    } catch (thrown) {
      this.source?.close()
      this.source = null
      this.phase = 'idle'
      if (this.problem === '') this.problem = toWireError(thrown).message
    }
  }

  /** @throws after it said what is wrong */
  private async openSource(file: File | null): Promise<FrameSource> {
    try {
      const source = await (file ? this.devices.openVideo(file) : this.devices.open(this.cameraId))
      this.source = source
      this.file = file
      this.sourceKind = source.kind
      this.sourceName = source.name
      this.ofSource = 0
      source.onEnd((why) => this.sourceEnded(source, why))
      void this.listCameras() // names are known now
      return source
    } catch (thrown) {
      this.problem = cameraProblem(thrown)
      throw thrown
    }
  }

  private async begin(run: number): Promise<void> {
    this.unfollow?.()
    this.run = run
    this.plan = null
    this.recent.of = new RecentSteps()
    this.layerMap = new LayerMap(
      run,
      {
        layers: (request) => this.client.call('runs.layers', request),
        tensors: (request) => this.client.call('runs.tensors', request),
      },
      this.schedule,
    )
    this.answer = null
    this.truth = null
    this.snapshots = 0
    this.dropped = 0
    this.rate = new FrameRate()
    this.unfollow = this.client.subscribe(
      'run',
      { run },
      {
        snapshot: (snapshot) => this.take(snapshot),
        event: (event) => this.hear(event),
        error: (error) => (this.problem = error.message),
      },
    )
    const { settings } = this
    await this.client.call('webcam.control', { run, settings: { ...settings } })
    this.phase = 'running'
    if (this.settings !== settings) void this.set({ ...this.settings }) // changed meanwhile
    void this.pump()
  }

  private take(snapshot: RunSnapshot): void {
    this.plan = snapshot.plan
    this.layerMap?.begin(snapshot, true)
    this.snapshots = snapshot.checkpoints.length
    this.recent.of.load(snapshot.steps)
    this.version += 1
    if (!isUnderWay(snapshot.run.status)) this.over(snapshot.run.error)
  }

  private hear(event: RunEvent): void {
    if (event.event === 'plan') {
      this.plan = event.plan
      this.layerMap?.setPlan(event.plan)
    } else if (event.event === 'checkpoint') {
      this.snapshots += 1
      this.layerMap?.addCheckpoint(event.checkpoint)
    } else if (event.event === 'step') {
      this.layerMap?.push(event.reports)
      this.recent.of.push(event.reports)
      this.version += 1
    } else if (event.event === 'status' && !isUnderWay(event.status)) this.over(event.error)
  }

  /** The newest frame, then the next newest when that one is answered: nothing is ever queued. */
  private async pump(): Promise<void> {
    if (this.pumping) return
    this.pumping = true
    try {
      await this.sendNewest()
    } finally {
      this.pumping = false
    }
  }

  private async sendNewest(): Promise<void> {
    while (this.phase === 'running' && this.source && this.run !== null) {
      const { source, run } = this
      const frame = source.grab(this.side)
      if (!frame) {
        await source.next()
        continue
      }
      try {
        const answer = await this.client.call('webcam.frame', {
          run,
          width: this.side,
          height: this.side,
          pixels: frame.pixels,
          truth: this.truth,
          sketch: this.companion?.wish() ?? null,
        })
        if (this.run !== run) continue
        this.answer = answer
        this.shown = frame.shown
        this.companion?.answered(answer)
        this.ofSource += 1
        this.dropped = Math.max(0, source.frames - this.ofSource)
        this.schedule(() => this.painted(frame.takenAt))
      } catch (thrown) {
        const error = toWireError(thrown)
        if (this.phase !== 'running') return
        if (this.run !== run) continue // of the run before, whose end is no fault of this one
        if (error.code === 'run-busy') await new Promise((resolve) => this.schedule(() => resolve(null)))
        else return this.over(error)
      }
      await source.next()
    }
  }

  /** From the moment that the camera took the picture to the one that its answer is on the screen. */
  private painted(takenAt: number): void {
    const at = this.now()
    this.rate.mark(at, Math.max(0, at - takenAt))
    this.framesPerSecond = this.rate.perSecond
    this.latencyMs = this.rate.latencyMs(0.5)
    this.latency95Ms = this.rate.latencyMs(0.95)
  }

  private sourceEnded(source: FrameSource, why: 'unplugged' | 'finished'): void {
    if (source !== this.source) return
    source.close()
    this.source = null
    this.lost = why === 'unplugged'
    this.problem = why === 'unplugged' ? strings.webcam.unplugged : strings.webcam.noVideo
  }

  /** A camera that went away, taken up again while the run goes on. */
  async reopen(): Promise<void> {
    if (!this.lost) return
    try {
      await this.openSource(this.sourceKind === 'video' ? this.file : null)
      this.lost = false
      this.problem = ''
      if (this.phase === 'running') void this.pump()
    } catch {
      // What is wrong has been said; it is tried again when a device comes, or when the user asks.
    }
  }

  private over(error: WireError | null): void {
    if (this.renewing) return
    this.source?.close()
    this.source = null
    this.lost = false
    this.phase = 'idle'
    this.truth = null
    if (error) this.problem = error.message
  }

  async pause(): Promise<void> {
    if (this.run === null || this.phase !== 'running') return
    this.phase = 'paused'
    await this.attempt(() => this.client.call('runs.pause', { run: this.run as number }))
  }

  async continue(): Promise<void> {
    if (this.run === null || this.phase !== 'paused') return
    await this.attempt(() => this.client.call('runs.continue', { run: this.run as number }))
    this.phase = 'running'
    void this.pump()
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

  /** What is truly in view until it is said otherwise; null = not known. */
  teach(truth: number | null): void {
    this.truth = truth
    if (truth !== null) this.recentTruths = [truth, ...this.recentTruths.filter((one) => one !== truth)].slice(0, 9)
  }

  /** While a key is held; the classes of the keys stay where they are. */
  hold(truth: number | null): void {
    this.truth = truth
  }

  /** What was chosen in another one, whose connection is gone. */
  resemble(other: Webcam): void {
    this.models = other.models
    this.modelsLooked = true
    this.cameraId = other.cameraId
    this.model = other.model
    this.method = other.method
    this.window = other.window
    this.settings = { ...other.settings }
    this.mirrored = other.mirrored
    this.file = other.file
  }

  dismiss(): void {
    this.problem = ''
  }

  /** The connection is gone: the page asks for a new one and for another `Webcam`. */
  close(): void {
    this.unfollow?.()
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
