// The app as a whole: the connection and its return after a loss, the list of runs, the run on the screen, the theme. No DOM but timers
// and frames, which a test may replace.
import type { PalmClient } from '../../src-main/app/rpc/client.ts'
import type { ExportRequest, ExportResult } from '../../src-main/contract/export.ts'
import type { AppInfo, InputInfo, Settings } from '../../src-main/contract/api.ts'
import { toWireError, type WireError } from '../../src-main/contract/errors.ts'
import type { LibraryModel, ModelDetailsReport } from '../../src-main/contract/library.ts'
import { isUnderWay, type RunSummary } from '../../src-main/contract/report.ts'
import type { StageSettings } from '../../src-main/contract/webcam.ts'
import type { InputOptionsInput, ModelOptionsInput, RunOptionsInput } from '../../src-main/contract/run-options.ts'
import { History, shelfOf } from './history.svelte.ts'
import { LiveRun } from './live-run.svelte.ts'
import type { Cameras } from '../lib/frame-source.ts'
import { strings } from '../lib/strings/strings.svelte.ts'
import { Models } from './models.svelte.ts'
import { Sweeps } from './sweeps.svelte.ts'
import { Webcam } from './webcam.svelte.ts'

export interface ClientConnection {
  readonly client: PalmClient
  onClose(listener: (reason: string) => void): void
}

const firstRetryMs = 500
const longestRetryMs = 8000
const setupPollMs = 2000
const frame = (work: () => void): unknown => (typeof requestAnimationFrame === 'function' ? requestAnimationFrame(work) : queueMicrotask(work))

export class AppState {
  connected = $state(false)
  info = $state.raw<AppInfo | null>(null)
  settings = $state.raw<Settings>({ theme: 'system', order: '' })
  /** All that there are, put away and deleted ones among them; `runs` are the others. */
  allRuns = $state.raw<readonly RunSummary[]>([])
  readonly runs = $derived<readonly RunSummary[]>(this.allRuns.filter((run) => shelfOf(run) === 'kept'))
  history = $state.raw<History | null>(null)
  live = $state.raw<LiveRun | null>(null)
  view = $state<'live' | 'history' | 'sweeps' | 'models' | 'webcam'>('live')
  sweeps = $state.raw<Sweeps | null>(null)
  webcam = $state.raw<Webcam | null>(null)
  models = $state.raw<Models | null>(null)
  problem = $state.raw<WireError | null>(null)
  private client: PalmClient | null = null
  private unfollow: (() => void) | null = null
  private readonly connect: () => Promise<ClientConnection>
  private readonly cameras: Cameras

  constructor(connect: () => Promise<ClientConnection>, cameras: Cameras) {
    this.connect = connect
    this.cameras = cameras
    void this.open(firstRetryMs)
  }

  private async open(retryMs: number): Promise<void> {
    try {
      const { client, onClose } = await this.connect()
      this.client = client
      onClose(() => this.lost())
      this.info = await client.call('app.info', {})
      this.settings = await client.call('settings.get', {})
      this.connected = true
      const { chosen, kind } = this.sweeps ?? {}
      this.sweeps = new Sweeps(client)
      this.models = new Models(client)
      this.history = new History(client, () => this.allRuns)
      this.webcam?.close()
      this.webcam = new Webcam(client, this.cameras, () => performance.now(), frame)
      if (chosen) void this.sweeps.choose(chosen).then(() => this.sweeps?.show(kind ?? 'errors'))
      if (this.info.native.settingUp) this.watchSetup(client)
      client.subscribe('runs', {}, {
        snapshot: (runs) => {
          this.allRuns = runs
          if (!this.live) this.showBest()
          else this.show(this.live.id)
        },
        event: (summary) => {
          const at = this.allRuns.findIndex(({ id }) => id === summary.id)
          this.allRuns = at < 0 ? [summary, ...this.allRuns].sort((a, b) => b.id - a.id) : this.allRuns.with(at, summary)
          if (!this.live && summary.deletedAt === null) this.show(summary.id)
        },
        error: (error) => this.fail(error),
      })
    } catch {
      this.connected = false
      setTimeout(() => void this.open(Math.min(longestRetryMs, 2 * retryMs)), retryMs)
    }
  }

  /** The run that is under way, whoever started it. */
  get active(): RunSummary | null {
    return this.runs.find(({ status }) => isUnderWay(status)) ?? null
  }

  /** Asks again until the native library is there or could not be had. */
  private watchSetup(client: PalmClient): void {
    setTimeout(() => {
      if (client !== this.client) return
      client.call('app.info', {}).then(
        (info) => {
          this.info = info
          if (info.native.settingUp) this.watchSetup(client)
        },
        () => undefined, // the connection is gone: it is opened again, and with it this
      )
    }, setupPollMs)
  }

  private lost(): void {
    this.connected = false
    this.client = null
    this.unfollow = null
    setTimeout(() => void this.open(firstRetryMs), firstRetryMs)
  }

  private showBest(): void {
    const run = this.info?.activeRun ?? this.runs[0]?.id ?? null
    if (run !== null) this.show(run)
  }

  /** Shows a run: its snapshot, then every event. */
  show(run: number): void {
    this.unfollow?.()
    const live = new LiveRun(run, frame)
    let known = false
    this.unfollow =
      this.client?.subscribe('run', { run }, {
        snapshot: (snapshot) => {
          live.applySnapshot(snapshot)
          if (!known) this.live = live
          known = true
        },
        event: (event) => live.applyEvent(event),
        error: (error) => this.fail(error),
      }) ?? null
  }

  async start(options: RunOptionsInput): Promise<boolean> {
    return this.attempt(async (client) => {
      const { run } = await client.call('runs.start', options)
      this.show(run)
    })
  }

  async pause(): Promise<void> {
    const run = this.live?.id
    if (run !== undefined) await this.attempt((client) => client.call('runs.pause', { run }))
  }

  async continue(): Promise<void> {
    const run = this.live?.id
    if (run !== undefined) await this.attempt((client) => client.call('runs.continue', { run }))
  }

  async stop(): Promise<void> {
    const run = this.live?.id
    if (run !== undefined) await this.attempt((client) => client.call('runs.stop', { run }))
  }

  async resume(): Promise<void> {
    const run = this.live?.id
    if (run !== undefined) await this.attempt((client) => client.call('runs.resume', { run }))
  }

  async setTheme(theme: Settings['theme']): Promise<void> {
    await this.keep({ theme })
  }

  /** Kept for the next run. */
  async keepOrder(order: string): Promise<void> {
    if (order !== this.settings.order) await this.keep({ order })
  }

  async keepStage(stage: StageSettings): Promise<void> {
    await this.keep({ stage })
  }

  private async keep(changed: Partial<Settings>): Promise<void> {
    this.settings = { ...this.settings, ...changed }
    await this.attempt((client) => client.call('settings.set', { ...this.settings }))
  }

  /** With a model its classes are matched. */
  inspectInput(input: InputOptionsInput, model: ModelOptionsInput | null): Promise<InputInfo> {
    return this.need().call('inputs.inspect', { input, model })
  }

  describeModel(model: ModelOptionsInput, batch: number): Promise<ModelDetailsReport> {
    return this.need().call('models.details', { model, batch })
  }

  libraryModels(): Promise<readonly LibraryModel[]> {
    return this.need().call('models.list', {})
  }

  exportCheckpoint(request: ExportRequest): Promise<ExportResult> {
    return this.need().call('runs.export', request)
  }

  pick(what: 'folder' | 'model'): Promise<string | null> {
    return this.need().call(what === 'folder' ? 'dialogs.pickFolder' : 'dialogs.pickModel', {})
  }

  dismiss(): void {
    this.problem = null
  }

  private need(): PalmClient {
    if (!this.client) throw new Error(strings.charts.noConnection)
    return this.client
  }

  private fail(error: WireError): void {
    this.problem = error
  }

  private async attempt(work: (client: PalmClient) => Promise<unknown>): Promise<boolean> {
    try {
      this.problem = null
      await work(this.need())
      return true
    } catch (thrown) {
      this.fail(toWireError(thrown))
      return false
    }
  }
}
