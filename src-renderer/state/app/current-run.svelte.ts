// The run on the screen: opened and followed, steered, and what is looked at of it. Runs without a page.
import type { CompareRequest, CompareResult } from '#contract/compare/compare-checkpoints.ts'
import { devicesOf, type DeviceChoice } from '#contract/devices.ts'
import type { OptionRequest } from '#contract/runs/option-change.ts'
import type { RunOptionsInput } from '#contract/runs/run-options.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { Inspect } from '#renderer/state/live/inspect.svelte.ts'
import { LayerMap } from '#renderer/state/live/layer-map.svelte.ts'
import { LiveRun } from '#renderer/state/live/live-run.svelte.ts'
import { Timeline, type BranchRequest } from '#renderer/state/live/timeline.svelte.ts'
import type { Connection } from './connection/connection.svelte.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { frame } from './frame.ts'
import type { Problems } from './problems.svelte.ts'
import type { Queue, Waiting } from './queue.svelte.ts'
import type { RunList } from './run-list.svelte.ts'

export interface CurrentRunParts {
  readonly connection: Pick<Connection, 'client' | 'caller'>
  readonly list: RunList
  readonly problems: Problems
  readonly queue: Queue
}

export class CurrentRun {
  live = $state.raw<LiveRun | null>(null)
  /** Looking at the images of `live`. */
  inspect = $state.raw<Inspect | null>(null)
  /** Of `live`. */
  timeline = $state.raw<Timeline | null>(null)
  /** The run that is being opened while none is on the screen, and why it could not be. */
  opening = $state<number | null>(null)
  openProblem = $state('')
  private unfollow: (() => void) | null = null
  /** The one that was asked for last, which may not be on the screen yet. */
  private shown: LiveRun | null = null
  private readonly connection: CurrentRunParts['connection']
  private readonly list: RunList
  private readonly problems: Problems
  private readonly queue: Queue

  constructor({ connection, list, problems, queue }: CurrentRunParts) {
    this.connection = connection
    this.list = list
    this.problems = problems
    this.queue = queue
  }

  /** Those that a checkpoint can be compared with. */
  get runs(): readonly RunSummary[] {
    return this.list.kept
  }

  /** The connection is gone, and with it what was followed. */
  lost(): void {
    this.unfollow = null
  }

  /** Shows a run: its snapshot, then every event. */
  show(run: number): void {
    this.unfollow?.()
    const live = new LiveRun(run, frame)
    this.shown = live
    const { caller } = this.connection
    live.layerMap = new LayerMap(
      run,
      {
        layers: (request) => caller.call('runs.layers', request),
        tensors: (request) => caller.call('runs.tensors', request),
      },
      frame,
    )
    let known = false
    this.opening = this.live ? null : run
    this.openProblem = ''
    this.unfollow =
      this.connection.client?.subscribe(
        'run',
        { run },
        {
          snapshot: (snapshot) => {
            live.applySnapshot(snapshot)
            // Reading it and building its screen are tasks of their own.
            if (!known) setTimeout(() => this.present(live))
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
            else this.problems.show(error)
          },
        },
      ) ?? null
  }

  /** At once, where its device is free, else lined up under this name. @returns whether that worked */
  startOrLineUp(options: RunOptionsInput, name: string): Promise<boolean> {
    const { queue } = this
    return queue.busyFor(options.device)
      ? this.problems.attempt(() => queue.lineUp({ kind: 'start', options }, name))
      : this.start(options)
  }

  /** @returns whether it was started; it is shown then */
  async start(options: RunOptionsInput): Promise<boolean> {
    return this.problems.attempt(async () => {
      const { run } = await this.connection.caller.call('runs.start', options)
      this.show(run)
    })
  }

  pause(): Promise<void> {
    return this.steer('runs.pause')
  }

  continue(): Promise<void> {
    return this.steer('runs.continue')
  }

  pauseOrContinue(): void {
    if (this.live?.status === 'paused') void this.continue()
    else if (this.live?.status === 'running') void this.pause()
  }

  /** One batch of the paused run. */
  step(): Promise<void> {
    return this.steer('runs.step')
  }

  stop(): Promise<void> {
    return this.steer('runs.stop')
  }

  /** At once; lined up while something else computes. */
  async resume(): Promise<void> {
    const { live, queue } = this
    if (!live || !queue.busyFor(this.asks)) return this.steer('runs.resume')
    const name = live.summary?.name || live.summary?.inputName || String(live.id)
    await this.problems.attempt(() => queue.lineUp({ kind: 'resume', run: live.id }, name))
  }

  /** Where memory ran out: from here on with batches of half the size. */
  async resumeHalved(): Promise<void> {
    const run = this.live?.id
    if (run !== undefined)
      await this.problems.attempt(() => this.connection.caller.call('runs.resume', { run, halve: true }))
  }

  adjust(run: number, change: OptionRequest): Promise<boolean> {
    return this.problems.attempt(() => this.connection.caller.call('runs.adjust', { run, change }))
  }

  /** The device that the run would go on with: its own choice, else what it was computed on. */
  get asks(): DeviceChoice | null {
    const { live } = this
    const own = live?.summary?.options.device ?? 'auto'
    return own === 'auto' && live?.plan ? (devicesOf(live.plan).at(-1)?.kind ?? null) : own
  }

  /** Of a branch, which begins as a new run does. */
  get waiting(): Waiting | null {
    return this.queue.waiting(this.live?.summary?.options.device)
  }

  /** A new run from a checkpoint, which is shown; or lined up. Rejects with what was wrong. */
  async branch(request: BranchRequest, later: boolean): Promise<void> {
    if (later) {
      const { stop: _, ...work } = request
      const { branchName } = strings.queue
      return this.queue.lineUp({ kind: 'branch', ...work }, request.name || branchName(request.run, request.step + 1))
    }
    const { run } = await this.connection.caller.call('runs.branch', request)
    this.show(run)
  }

  compareCheckpoints(request: CompareRequest): Promise<CompareResult> {
    return this.connection.caller.call('checkpoints.compare', request)
  }

  private present(live: LiveRun): void {
    if (this.shown !== live) return
    this.live = live
    this.timeline = new Timeline(live, this)
    const { client } = this.connection
    if (client) this.inspect = new Inspect(live.id, () => live.plan?.lanes ?? [], client)
  }

  private async steer(how: 'runs.pause' | 'runs.continue' | 'runs.step' | 'runs.stop' | 'runs.resume'): Promise<void> {
    const run = this.live?.id
    if (run !== undefined) await this.problems.attempt(() => this.connection.caller.call(how, { run }))
  }
}
