// Runs: makes their rows, starts and supervises their session processes, hands their events on, and says what happened when a
// process dies. It never computes; a run's rows belong to its session while that lives, and to this service before and after.
import { inputKindOf, isLive } from '#contract/inputs/input-kinds.ts'
import { PalmError, fromWireError, toWireError } from '#contract/errors.ts'
import type { WireError } from '#contract/errors.ts'
import { isUnderWay, mostTags, resumableStatuses } from '#contract/tables/report.ts'
import type { PreviewImage, RunChanges, RunEvent, RunSnapshot, RunStatus, RunSummary } from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { WebcamAnswer, WebcamControl, WebcamFrame } from '#contract/webcam.ts'
import type { OptionRequest } from '#contract/runs/option-change.ts'
import { adjusted, optionsAt } from '#contract/runs/option-change.ts'
import { planBranch, recordBranch } from './branching.ts'
import type { BranchRequest } from './branching.ts'
import type { Records } from './records.ts'
import { followRun } from './run-feed.ts'
import type { FeedSink } from './run-feed.ts'
import { isRunLocked, takeRunLock } from './run-lock.ts'
import type { RunLock } from './run-lock.ts'
import type { StartSession } from '#app/services/processes/session-process.ts'
import { forgetBy, readPolicy } from '#app/services/data/storage.ts'
import { readSettings, sessionSettings } from '#app/services/machine/settings.ts'
import { superviseSession } from '#app/services/processes/supervisor.ts'
import type { SessionAnswer, SessionEnd, Supervised } from '#app/services/processes/supervisor.ts'

export interface RunServiceParts {
  readonly store: Records
  readonly dataFolder: string
  readonly resourcesFolder: string
  readonly startSession: StartSession
  /** Worker threads of a session; null = chosen by the number of cores. */
  readonly workers: number | null
  /** Whether somebody looks at the images. */
  readonly preview: boolean
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

interface ActiveRun {
  readonly run: number
  readonly lock: RunLock
  readonly supervised: Supervised
  /** Resolves when the process is gone and what it left is recorded. */
  readonly over: Promise<void>
  preview: PreviewImage[]
  /** The webcam frame on its way. */
  frame: WaitingFrame | null
}

interface WaitingFrame {
  readonly id: number
  readonly resolve: (answer: WebcamAnswer) => void
  readonly reject: (error: PalmError) => void
}

/** How long a session may take to finish its step and write its states before it is killed. It can be resumed either way. */
const stopPatienceMs = 30_000

/** Up to so many changed runs are read one by one. */
const fewRuns = 50
/** How long a deleted run can be brought back. */
const keptDeletedMs = 7 * 24 * 3_600_000

export class RunService {
  readonly #parts: RunServiceParts
  readonly #runListeners = new Map<number, Set<(event: RunEvent) => void>>()
  readonly #listListeners = new Set<(summary: RunSummary) => void>()
  #active: ActiveRun | null = null
  #closing = false
  #frames = 0

  constructor(parts: RunServiceParts) {
    this.#parts = parts
  }

  /** The run that this service's session works on now. */
  get activeRun(): number | null {
    return this.#active?.run ?? null
  }

  list(): RunSummary[] {
    return this.#parts.store.runs.list()
  }

  /** A name, a note, tags, put away or not. Throws `run-not-found`. */
  change(run: number, changes: RunChanges): void {
    const { store } = this.#parts
    store.transaction(() => store.runs.change(run, changes))
    this.#changed(run)
  }

  /** All or none. Throws `run-not-found`. */
  archive(runs: readonly number[], archived: boolean): void {
    const { store } = this.#parts
    store.transaction(() => runs.forEach((run) => store.runs.change(run, { archived })))
    this.#changedAll(runs)
  }

  /** All or none. Throws `run-not-found`, `bad-request` where a run would have too many. */
  tag(runs: readonly number[], add: readonly string[], remove: readonly string[]): void {
    const { store } = this.#parts
    store.transaction(() => {
      for (const run of runs) {
        const tags = [...new Set([...store.runs.tags(run).filter((tag) => !remove.includes(tag)), ...add])]
        if (tags.length > mostTags)
          throw new PalmError('bad-request', `Run ${run} would have more than ${mostTags} tags. Nothing was changed.`)
        store.runs.change(run, { tags })
      }
    })
    this.#changedAll(runs)
  }

  /** Deletes all or none; `restore` undoes it for a week, after which a sweep whose results lie there computes them again. Throws `run-not-found`, `run-busy`. */
  remove(runs: readonly number[]): void {
    const { store, now } = this.#parts
    store.transaction(() => {
      for (const run of runs) {
        if (isUnderWay(this.get(run).status))
          throw new PalmError('run-busy', `Run ${run} is under way: stop it first. Nothing was deleted.`)
        store.runs.setDeleted(run, now())
      }
    })
    this.#changedAll(runs)
  }

  /** Throws `run-not-found`. */
  restore(runs: readonly number[]): void {
    const { store } = this.#parts
    store.transaction(() => runs.forEach((run) => store.runs.setDeleted(run, null)))
    this.#changedAll(runs)
  }

  /** Throws `run-not-found`. */
  get(run: number): RunSummary {
    return this.#parts.store.runs.get(run)
  }

  /** All rows of a run, with the images that the session sent last when it is the active one. Throws `run-not-found`. */
  snapshot(run: number): RunSnapshot {
    const snapshot = this.#parts.store.snapshot(run)
    return this.#active?.run === run ? { ...snapshot, preview: this.#active.preview } : snapshot
  }

  /** Records a run and starts its session. Throws `run-busy` while another one is under way. */
  start(options: RunOptions): number {
    this.#refuseSecond()
    const { store, now } = this.#parts
    const run = store.transaction(() => store.runs.createRun(options, now()))
    this.#launch(run)
    return run
  }

  /** Goes on with a stopped, interrupted or failed run in a new session. Throws `run-not-found`, `run-busy`. */
  resume(run: number): void {
    const { status, options, deletedAt } = this.get(run)
    this.#refuseSecond()
    if (deletedAt !== null) throw new PalmError('run-busy', `Run ${run} was deleted: bring it back first.`)
    const orphaned = isUnderWay(status) && !isRunLocked(this.#parts.dataFolder, run)
    if (!inputKindOf(options.input).kept)
      throw new PalmError(
        'run-busy',
        `Run ${run} was over a webcam, whose frames are gone: start a new one. Its checkpoints can still be exported.`,
      )
    if (status === 'done') throw new PalmError('run-busy', `Run ${run} is complete: there is nothing to resume.`)
    if (!resumableStatuses.includes(status) && !orphaned)
      throw new PalmError('run-busy', `Run ${run} is ${status} in another window or command. Stop it there first.`)
    this.#launch(run)
  }

  /** A new run from a checkpoint of another one, which stays as it is: on the same stream from the next step on. Throws `run-not-found`, `run-busy`, `checkpoint-not-found`, `bad-request`. */
  branch(request: BranchRequest): number {
    this.#refuseSecond()
    const { store, now } = this.#parts
    const run = store.transaction(() => recordBranch(store, request, now()))
    this.#launch(run)
    return run
  }

  /** Throws what `branch` would, but for the run being under way itself: asked before it is stopped for it. */
  checkBranch(request: BranchRequest): void {
    planBranch(this.#parts.store, request, this.#parts.now())
  }

  /** One batch of a paused run, which is paused again afterwards. */
  step(run: number): void {
    const active = this.#activeOrThrow(run)
    if (isLive(this.get(run).options.input))
      throw new PalmError('bad-request', `Run ${run} is over a webcam: frames come when they come.`)
    active.supervised.send({ type: 'step' })
  }

  /** Another value of an option, from the next step on. Throws `run-busy`, `bad-request` where it may not change or is out of bounds. */
  adjust(run: number, change: OptionRequest): void {
    const active = this.#activeOrThrow(run)
    const { options, changes } = this.get(run)
    if (isLive(options.input))
      throw new PalmError('bad-request', `The options of a run over a webcam do not change while it runs.`)
    if (this.#parts.store.cells.holds(run))
      throw new PalmError('bad-request', `Run ${run} computes cells of a sweep, whose settings must stay as they are.`)
    const now = optionsAt(options.lanes, changes, Number.MAX_SAFE_INTEGER).get(change.lane)
    if (!now) throw new PalmError('bad-request', `Run ${run} has no lane “${change.lane}”.`)
    adjusted(now, change.option, change.value)
    active.supervised.send({ type: 'adjust', change })
  }

  /** Tells whoever looks at a run that some of its checkpoints are gone. */
  forgot(run: number, seq: number, checkpoints: number[]): void {
    this.#heard(run, { event: 'forgotten', seq, checkpoints })
  }

  pause(run: number): void {
    this.#activeOrThrow(run).supervised.send({ type: 'pause' })
  }

  continue(run: number): void {
    this.#activeOrThrow(run).supervised.send({ type: 'continue' })
  }

  /** Asks the session to end after its current step. `stopped(run)` tells when it has. */
  stop(run: number): void {
    const active = this.#activeOrThrow(run)
    active.supervised.send({ type: 'stop' })
    const patience = setTimeout(() => active.supervised.kill(), stopPatienceMs)
    void active.over.finally(() => clearTimeout(patience))
  }

  /** Sends a webcam's frame and waits for what the models say of it. @throws PalmError `run-busy` while another one is on its way */
  async frame(frame: WebcamFrame): Promise<WebcamAnswer> {
    const active = this.#webcamOrThrow(frame.run)
    if (active.frame)
      throw new PalmError('run-busy', 'Another frame is on its way: send the newest one when it is answered.')
    return new Promise((resolve, reject) => {
      active.frame = { id: this.#frames, resolve, reject }
      active.supervised.send({ type: 'frame', id: this.#frames++, frame })
    })
  }

  /** Changes what is done with a webcam's frames from the next one on. */
  control(control: WebcamControl): void {
    this.#webcamOrThrow(control.run).supervised.send({ type: 'control', control })
  }

  /** Ends the session at once. The run can be resumed from what it had recorded. */
  kill(run: number): void {
    this.#activeOrThrow(run).supervised.kill()
  }

  /**
   * Waits for a session that has said its end but whose process is not gone yet: who sees “stopped” and at once presses Resume shall not be
   * told that the run is under way. Returns at once while a run really is.
   */
  async settled(): Promise<void> {
    if (this.#active && !this.#isUnderWay(this.#active.run)) await this.#active.over
  }

  /** Resolves when no session works on `run` any more. */
  async over(run: number): Promise<void> {
    if (this.#active?.run === run) await this.#active.over
  }

  /** Snapshot, then every later event. The returned function ends it. */
  follow(run: number, sink: FeedSink<RunSnapshot, RunEvent>): () => void {
    return followRun({ onEvent: (listener) => this.#listen(run, listener), snapshot: () => this.snapshot(run) }, sink)
  }

  /** The list, then each summary that changes. */
  followList(sink: FeedSink<RunSummary[], RunSummary>): () => void {
    const listener = (summary: RunSummary): void => sink.event(summary)
    sink.snapshot(this.#parts.store.runs.list({ deleted: true }))
    this.#listListeners.add(listener)
    return () => this.#listListeners.delete(listener)
  }

  /** Each summary that changes. */
  onChange(listener: (summary: RunSummary) => void): () => void {
    this.#listListeners.add(listener)
    return () => this.#listListeners.delete(listener)
  }

  /** Marks runs that ended with their program (a crash, a power cut) as interrupted, and removes for good what was deleted a week ago. Call once at the start. */
  recover(): void {
    const { store, now } = this.#parts
    store.transaction(() => store.runs.purge(now() - keptDeletedMs))
    for (const { id, status } of this.list()) {
      if (!isUnderWay(status) || isRunLocked(this.#parts.dataFolder, id)) continue
      this.#record(id, 'interrupted', {
        code: 'session-died',
        message: 'The program ended while this run was under way. What was recorded is kept: resume the run to go on.',
      })
    }
  }

  /** Stops what is under way, leaving it resumable, and waits for it. */
  async close(): Promise<void> {
    this.#closing = true
    const active = this.#active
    if (!active) return
    this.stop(active.run)
    await active.over
  }

  #refuseSecond(): void {
    if (this.#closing) throw new PalmError('cancelled', 'The program is closing.')
    if (this.#active)
      throw new PalmError(
        'run-busy',
        `Run ${this.#active.run} is under way. Stop it first: two runs at once would share the processor and slow each other down.`,
      )
  }

  #activeOrThrow(run: number): ActiveRun {
    if (this.#active?.run === run) return this.#active
    const { status } = this.get(run)
    const elsewhere = isUnderWay(status) && isRunLocked(this.#parts.dataFolder, run)
    throw new PalmError(
      'run-busy',
      elsewhere ? `Run ${run} belongs to another window or command.` : `Run ${run} is not under way (it is ${status}).`,
    )
  }

  #webcamOrThrow(run: number): ActiveRun {
    const active = this.#activeOrThrow(run)
    if (!isLive(this.get(run).options.input))
      throw new PalmError('bad-request', `Run ${run} takes its images from files, not from a webcam.`)
    return active
  }

  #answered(run: number, { id, answer, error }: SessionAnswer): void {
    const waiting = this.#active?.run === run ? this.#active.frame : null
    if (!this.#active || waiting?.id !== id) return
    this.#active.frame = null
    if (answer) waiting.resolve(answer)
    else waiting.reject(fromWireError(error ?? { code: 'internal', message: 'The frame was not answered.' }))
  }

  #launch(run: number): void {
    const { dataFolder, resourcesFolder, preview, startSession, store } = this.#parts
    const settings = readSettings(store)
    const workers = this.#parts.workers ?? settings.workers
    const lock = takeRunLock(dataFolder, run)
    if (!lock) throw new PalmError('run-busy', `Run ${run} is under way in another window or command.`)
    const supervised = superviseSession(
      startSession(sessionSettings(settings, store.runs.plan(run)?.versions ?? null)),
      { type: 'start', run, dataFolder, resourcesFolder, workers, preview },
      {
        ready: (pid) => {
          if (pid !== null) lock.hold(pid)
        },
        event: (event) => this.#heard(run, event),
        answer: (answer) => this.#answered(run, answer),
      },
    )
    const over = supervised.end.then((end) => this.#ended(run, end))
    this.#active = { run, lock, supervised, over, preview: [], frame: null }
    this.#changed(run)
  }

  #heard(run: number, event: RunEvent): void {
    if (event.event === 'preview' && this.#active?.run === run) this.#active.preview = event.images
    for (const listener of [...(this.#runListeners.get(run) ?? [])]) listener(event)
    if (event.event === 'status' || event.event === 'plan' || event.event === 'domain' || event.event === 'options')
      this.#changed(run)
  }

  #ended(run: number, end: SessionEnd): void {
    this.#active?.frame?.reject(new PalmError('cancelled', 'The run is over.'))
    this.#active?.lock.release()
    this.#active = null
    if (end.kind === 'died') this.#record(run, 'interrupted', end.error)
    // It said how it ended but could not write it (a full disk, a damaged store): say it here, where it may work by now.
    else if (this.#isUnderWay(run)) this.#record(run, end.status, end.error)
    else this.#changed(run)
    this.#tidy(run)
  }

  /** A run that ended keeps of its checkpoints what the policy says. */
  #tidy(run: number): void {
    try {
      const { store } = this.#parts
      forgetBy(readPolicy(store), this.get(run), { store, forgot: (...what) => this.forgot(...what) })
    } catch {
      // The store cannot be asked now: it is done at the next end, or when somebody asks for it.
    }
  }

  #record(run: number, status: RunStatus, error: WireError | null): void {
    try {
      const { store, now } = this.#parts
      const seq = store.transaction(() => store.runs.setStatus(run, status, error, now()))
      this.#heard(run, { event: 'status', seq, status, error, message: error?.message ?? null })
    } catch (thrown) {
      // Not recorded, but whoever looks must hear of it all the same: as the newest event of all.
      this.#heard(run, {
        event: 'status',
        seq: Number.MAX_SAFE_INTEGER,
        status,
        error: error ?? toWireError(thrown),
        message: null,
      })
    }
  }

  /** True as well when the store cannot be asked. */
  #isUnderWay(run: number): boolean {
    try {
      return isUnderWay(this.get(run).status)
    } catch {
      return true
    }
  }

  /** Of many the list is read once, not a row and its counts for each. */
  #changedAll(runs: readonly number[]): void {
    if (runs.length <= fewRuns || this.#listListeners.size === 0) return runs.forEach((run) => this.#changed(run))
    const these = new Set(runs)
    for (const summary of this.#parts.store.runs.list({ deleted: true }))
      if (these.has(summary.id)) for (const listener of [...this.#listListeners]) listener(summary)
  }

  #changed(run: number): void {
    if (this.#listListeners.size === 0) return
    let summary: RunSummary
    try {
      summary = this.get(run)
    } catch {
      return // the store cannot be read: whoever asks for the run is told why
    }
    for (const listener of [...this.#listListeners]) listener(summary)
  }

  #listen(run: number, listener: (event: RunEvent) => void): () => void {
    const listeners = this.#runListeners.get(run) ?? new Set()
    this.#runListeners.set(run, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#runListeners.delete(run)
    }
  }
}
