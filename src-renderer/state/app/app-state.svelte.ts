// The app as a whole: the connection and its return after a loss, the list of runs, the run on the screen, the theme. No DOM but timers
// and frames, which a test may replace.
import type { PalmClient } from '#app/rpc/client.ts'
import type { Preview, PreviewRequestInput } from '#contract/inputs/input-preview.ts'
import type { Estimate, EstimateRequestInput } from '#contract/runs/run-estimate.ts'
import type { ExportRequest, ExportResult } from '#contract/models/export.ts'
import type { CompareRequest, CompareResult } from '#contract/compare/compare-checkpoints.ts'
import type { OptionRequest } from '#contract/runs/option-change.ts'
import { settingsSchema, type AppInfo, type InputInfo, type Settings } from '#contract/api.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { LibraryModel, ModelDetailsReport } from '#contract/models/library.ts'
import { isUnderWay, type RunSummary } from '#contract/tables/report.ts'
import type { StageSettings } from '#contract/webcam.ts'
import type { InputOptionsInput, ModelOptionsInput, RunOptionsInput } from '#contract/runs/run-options.ts'
import { Compare } from '#renderer/state/history/compare.svelte.ts'
import { folderOf } from '#renderer/lib/runs/run-list.ts'
import { History } from '#renderer/state/history/history.svelte.ts'
import { Inspect } from '#renderer/state/live/inspect.svelte.ts'
import { LayerMap } from '#renderer/state/live/layer-map.svelte.ts'
import { LiveRun } from '#renderer/state/live/live-run.svelte.ts'
import type { Cameras } from '#renderer/lib/webcam/frame-source.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { StorageUse } from './storage.svelte.ts'
import { Timeline, type BranchRequest } from '#renderer/state/live/timeline.svelte.ts'
import type { Notifier } from '#renderer/lib/notifier.ts'
import { DataPlace } from './data-place.svelte.ts'
import { LogReader } from './log.svelte.ts'
import { Machine } from './machine.svelte.ts'
import { Models } from '#renderer/state/models/models.svelte.ts'
import { RunEnds } from './run-ends.svelte.ts'
import { Sweeps } from '#renderer/state/sweeps/sweeps.svelte.ts'
import { Tour } from './tour.svelte.ts'
import { Undo } from './undo.svelte.ts'
import { Webcam } from '#renderer/state/webcam/webcam.svelte.ts'

export const settingsSections = ['general', 'computing', 'data', 'storage', 'log', 'report', 'about'] as const
export type SettingsSection = (typeof settingsSections)[number]

export interface ClientConnection {
  readonly client: PalmClient
  onClose(listener: (reason: string) => void): void
}

const firstRetryMs = 500
const longestRetryMs = 8000
const setupPollMs = 2000
const togetherMs = 20
const manyRuns = 50
const frame = (work: () => void): unknown =>
  typeof requestAnimationFrame === 'function' ? requestAnimationFrame(work) : queueMicrotask(work)

export class AppState {
  connected = $state(false)
  /** How often the program did not answer since it did last. */
  misses = $state(0)
  /** Whether the list of runs is known. */
  listed = $state(false)
  /** The run that is being opened while none is on the screen, and why it could not be. */
  opening = $state<number | null>(null)
  openProblem = $state('')
  info = $state.raw<AppInfo | null>(null)
  settings = $state.raw<Settings>(settingsSchema.parse({}))
  /** All that there are, put away and deleted ones among them; `runs` are the others. */
  allRuns = $state.raw<readonly RunSummary[]>([])
  readonly runs = $derived<readonly RunSummary[]>(this.allRuns.filter((run) => folderOf(run) === 'kept'))
  history = $state.raw<History | null>(null)
  live = $state.raw<LiveRun | null>(null)
  /** Looking at the images of `live`. */
  inspect = $state.raw<Inspect | null>(null)
  /** Kept when the connection is lost: the same runs are read again. */
  compare = $state.raw<Compare | null>(null)
  /** Of the run on the screen. */
  timeline = $state.raw<Timeline | null>(null)
  storage = $state.raw<StorageUse | null>(null)
  view = $state<'live' | 'history' | 'compare' | 'sweeps' | 'models' | 'webcam' | 'settings'>('live')
  section = $state<SettingsSection>('general')
  sweeps = $state.raw<Sweeps | null>(null)
  webcam = $state.raw<Webcam | null>(null)
  models = $state.raw<Models | null>(null)
  problem = $state.raw<WireError | null>(null)
  data = $state.raw<DataPlace | null>(null)
  machine = $state.raw<Machine | null>(null)
  log = $state.raw<LogReader | null>(null)
  readonly undo = new Undo()
  readonly tour = new Tour(() => void this.change({ tourSeen: true }))
  readonly ends: RunEnds
  private client: PalmClient | null = null
  private readonly waiting = new Map<number, RunSummary>()
  private compared: readonly number[] = []
  private unfollow: (() => void) | null = null
  /** The one that was asked for last, which may not be on the screen yet. */
  private shown: LiveRun | null = null
  private readonly connect: () => Promise<ClientConnection>
  private readonly cameras: Cameras

  constructor(connect: () => Promise<ClientConnection>, cameras: Cameras, notifier: Notifier) {
    this.connect = connect
    this.cameras = cameras
    this.ends = new RunEnds({ notifier, now: Date.now, settings: () => this.settings })
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
      this.misses = 0
      const { chosen, kind } = this.sweeps ?? {}
      this.undo.forget()
      this.sweeps = new Sweeps(client, this.undo)
      this.models = new Models(client)
      this.history = new History(client, () => this.allRuns, this.undo, {
        view: this.settings.history,
        keep: (history) => void this.keep({ history }),
      })
      const compared = this.compare?.runs ?? this.compared
      this.compare = new Compare(client)
      if (compared.length > 0) void this.compare.open(compared)
      this.storage = new StorageUse(client)
      this.data = new DataPlace(client)
      this.machine = new Machine(client)
      this.log?.close()
      this.log = null
      const told = (settings: Settings): void => void (this.settings = settings)
      client.subscribe('settings', {}, { snapshot: told, event: told, error: (error) => this.fail(error) })
      this.webcam?.close()
      this.webcam = new Webcam(client, this.cameras, () => performance.now(), frame)
      if (chosen) void this.sweeps.choose(chosen).then(() => this.sweeps?.show(kind ?? 'errors'))
      if (this.info.native.settingUp) this.watchSetup(client)
      client.subscribe(
        'runs',
        {},
        {
          snapshot: (runs) => {
            this.allRuns = runs
            this.listed = true
            for (const run of runs) this.ends.run(run, false)
            if (!this.live) this.showBest()
            else this.show(this.live.id)
          },
          event: (summary) => {
            this.take(summary)
            this.compare?.heard(summary)
            this.ends.run(summary, this.sweeps?.running != null)
            if (!this.live && summary.deletedAt === null) this.show(summary.id)
          },
          error: (error) => this.fail(error),
        },
      )
    } catch {
      this.connected = false
      this.misses += 1
      setTimeout(() => void this.open(Math.min(longestRetryMs, 2 * retryMs)), retryMs)
    }
  }

  /** Many at once (a thousand runs that were tagged) make one change of the list: each would search and sort it anew. */
  private take(summary: RunSummary): void {
    this.waiting.set(summary.id, summary)
    if (this.waiting.size > 1) return
    let before = 0
    const merge = () => {
      // As long as more are coming, wait for them.
      if (this.waiting.size > manyRuns && this.waiting.size !== before) {
        before = this.waiting.size
        setTimeout(merge, 5 * togetherMs)
        return
      }
      const known = new Set(this.allRuns.map(({ id }) => id))
      const changed = this.allRuns.map((run) => this.waiting.get(run.id) ?? run)
      const fresh = [...this.waiting.values()].filter(({ id }) => !known.has(id))
      this.waiting.clear()
      this.allRuns = fresh.length === 0 ? changed : [...fresh, ...changed].sort((a, b) => b.id - a.id)
    }
    setTimeout(merge, togetherMs) // not a frame: a page in the background draws none
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

  /** Several runs side by side; also before there is a connection. */
  compareRuns(runs: readonly number[]): void {
    this.view = 'compare'
    this.compared = runs
    void this.compare?.open(runs)
  }

  /** Shows a run: its snapshot, then every event. */
  show(run: number): void {
    this.unfollow?.()
    const live = new LiveRun(run, frame)
    this.shown = live
    live.layerMap = new LayerMap(
      run,
      {
        layers: (request) => this.need().call('runs.layers', request),
        tensors: (request) => this.need().call('runs.tensors', request),
      },
      frame,
    )
    let known = false
    this.opening = this.live ? null : run
    this.openProblem = ''
    this.unfollow =
      this.client?.subscribe(
        'run',
        { run },
        {
          snapshot: (snapshot) => {
            live.applySnapshot(snapshot)
            // Reading it and building its screen are tasks of their own.
            if (!known) {
              setTimeout(() => {
                if (this.shown !== live) return
                this.live = live
                this.timeline = new Timeline(live, this)
                if (this.client) this.inspect = new Inspect(run, () => live.plan?.lanes ?? [], this.client)
              })
            }
            known = true
            this.opening = null
          },
          event: (event) => {
            live.applyEvent(event)
            // Its session has just copied the steps of the run that it comes from: they are in the next snapshot.
            if (event.event === 'plan' && live.summary?.parent && live.lanes.size === 0) this.show(run)
          },
          error: (error) => {
            if (this.opening === run) this.openProblem = error.message
            else this.fail(error)
          },
        },
      ) ?? null
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

  /** One batch of the paused run. */
  async step(): Promise<void> {
    const run = this.live?.id
    if (run !== undefined) await this.attempt((client) => client.call('runs.step', { run }))
  }

  adjust(run: number, change: OptionRequest): Promise<boolean> {
    return this.attempt((client) => client.call('runs.adjust', { run, change }))
  }

  /** A new run from a checkpoint, which is shown. Rejects with what was wrong. */
  async branch(request: BranchRequest): Promise<void> {
    const { run } = await this.need().call('runs.branch', request)
    this.show(run)
  }

  compareCheckpoints(request: CompareRequest): Promise<CompareResult> {
    return this.need().call('checkpoints.compare', request)
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
    await this.change(changed)
  }

  /** Of the settings what is named, in every window. @returns whether it was taken; if not, all is as it was */
  async change(changes: Partial<Settings>): Promise<boolean> {
    const before = this.settings
    this.settings = { ...before, ...changes }
    const taken = await this.attempt((client) => client.call('settings.change', { changes: { ...changes } }))
    if (!taken) this.settings = before
    return taken
  }

  /** All settings as they were at first; can be taken back. */
  async resetSettings(): Promise<void> {
    const before = this.settings
    const { tourSeen, recentCommands } = before
    if (await this.attempt((client) => client.call('settings.set', { tourSeen, recentCommands })))
      this.undo.offer(strings.settings.resetDone, () => this.change(before))
  }

  /** The log is read from when somebody looks at it. */
  openLog(): void {
    if (this.client && !this.log) this.log = new LogReader(this.client)
  }

  /** Shows a part of the settings. */
  openSettings(section: SettingsSection): void {
    this.section = section
    this.view = 'settings'
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

  previewInput(request: PreviewRequestInput): Promise<Preview> {
    return this.need().call('inputs.preview', request)
  }

  estimateRun(request: EstimateRequestInput): Promise<Estimate> {
    return this.need().call('runs.estimate', request)
  }

  /** Any call, over whichever connection there is now. */
  readonly caller: Pick<PalmClient, 'call'> = { call: (method, request) => this.need().call(method, request) }

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
    if (error.code === 'cancelled') return // the connection went, which is said already, and comes back by itself
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
