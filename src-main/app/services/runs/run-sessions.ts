// Starts, resumes and branches runs, one at a time, passes orders on to the session at work, and records how a run ended whose process
// died. It never computes; a run's rows belong to its session while that lives, and to the services before and after.
import { isLive } from '#contract/inputs/input-kinds.ts'
import { kindName, type DeviceChoice, type RuledOut } from '#contract/devices.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import { adjusted, optionsAt, type OptionChange, type OptionRequest } from '#contract/runs/option-change.ts'
import type { QueuedWork } from '#contract/runs/queue.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { isUnderWay } from '#contract/tables/report.ts'
import type { WebcamAnswer, WebcamControl, WebcamFrame } from '#contract/webcam.ts'
import { forgetBy, readPolicy } from '#app/services/data/storage.ts'
import { readSettings } from '#app/services/machine/settings.ts'
import type { SessionEnd } from '#app/services/processes/supervisor.ts'
import { ActiveSession } from './active-session.ts'
import { planBranch, recordBranch, type BranchRequest } from './branching.ts'
import { checkHalving } from './halving.ts'
import type { RunCatalogue } from './run-catalogue.ts'
import type { RunFeeds } from './run-feeds.ts'
import type { RunSessionsParts } from './run-sessions-parts.ts'
import { isRunLocked, orUnlock, takeRunLock, type RunLock } from './run-lock.ts'
import { refuseResume } from './resumable.ts'
import { sessionOrder } from './session-order.ts'

interface Launched {
  readonly asked: DeviceChoice | null
  readonly without: RuledOut
}

/** How long a session may take to finish its step and write its states before it is killed. It can be resumed either way. */
const stopPatienceMs = 30_000

export class RunSessions {
  private readonly parts: RunSessionsParts
  private readonly catalogue: RunCatalogue
  private readonly feeds: RunFeeds
  /** `over` resolves when the process is gone and what it left is recorded. */
  private active: { readonly session: ActiveSession; readonly over: Promise<void> } | null = null
  private closing = false

  constructor(parts: RunSessionsParts, catalogue: RunCatalogue, feeds: RunFeeds) {
    this.parts = parts
    this.catalogue = catalogue
    this.feeds = feeds
  }

  /** The run that a session of this program works on now. */
  get activeRun(): number | null {
    return this.active?.session.run ?? null
  }

  /** Records a run and starts its session. @throws PalmError `run-busy` while another one is under way */
  start(options: RunOptions): number {
    const { store, now } = this.parts
    return this.begin(() => store.runs.createRun(options, now()))
  }

  /**
   * Goes on with a stopped, interrupted or failed run in a new session, on the device that it began on, or on `device`; `halve`: with batches of half the size.
   * @throws PalmError `run-not-found`, `run-busy`; `bad-request` where batches cannot be halved
   */
  resume(run: number, device: DeviceChoice | null = null, halve = false): void {
    this.begin(
      () => {
        const resumed = this.resumed(run)
        if (halve) checkHalving(this.parts.store, run)
        return resumed
      },
      device,
      halve,
    )
  }

  /** A new run from a checkpoint of another one, which stays as it is: on the same stream from the next step on. @throws PalmError `run-not-found`, `run-busy`, `checkpoint-not-found`, `bad-request` */
  branch(request: BranchRequest): number {
    const { store, now } = this.parts
    return this.begin(() => recordBranch(store, request, now()))
  }

  /** The same of a run that was lined up. `claim` is asked in the transaction that records it and takes its lock, one program at a time; false = nothing is done. @returns its run */
  startQueued(work: Exclude<QueuedWork, { kind: 'sweep' }>, claim: () => boolean): number | null {
    const { store, now } = this.parts
    return this.begin(() => {
      if (!claim()) return null
      if (work.kind === 'start') return store.runs.createRun(work.options, now())
      return work.kind === 'branch' ? recordBranch(store, work, now()) : this.resumed(work.run)
    })
  }

  /** Throws what `branch` would, but for the run being under way itself: asked before it is stopped for it. */
  checkBranch(request: BranchRequest): void {
    planBranch(this.parts.store, request, this.parts.now())
  }

  /** One batch of a paused run, which is paused again afterwards. */
  step(run: number): void {
    const session = this.sessionOf(run)
    if (this.isWebcam(run))
      throw new PalmError('bad-request', `Run ${run} is over a webcam: frames come when they come.`)
    session.send({ type: 'step' })
  }

  /** Another value of an option, from the next step on. Resolves when it is recorded; null: it has that value already. @throws PalmError `run-busy`, `bad-request` where it may not change or is out of bounds, `cancelled` when the run ends first */
  async adjust(run: number, change: OptionRequest): Promise<OptionChange | null> {
    const session = this.sessionOf(run)
    const { options, changes } = this.catalogue.get(run)
    if (this.isWebcam(run))
      throw new PalmError('bad-request', `The options of a run over a webcam do not change while it runs.`)
    if (this.parts.store.cells.holds(run))
      throw new PalmError('bad-request', `Run ${run} computes cells of a sweep, whose settings must stay as they are.`)
    const now = optionsAt(options.lanes, changes, Number.MAX_SAFE_INTEGER).get(change.lane)
    if (!now) throw new PalmError('bad-request', `Run ${run} has no lane “${change.lane}”.`)
    adjusted(now, change.option, change.value)
    return session.adjust(change)
  }

  pause(run: number): void {
    this.sessionOf(run).send({ type: 'pause' })
  }

  continue(run: number): void {
    this.sessionOf(run).send({ type: 'continue' })
  }

  /** Asks the session to end after its current step; `over(run)` resolves when it has. */
  stop(run: number): void {
    const session = this.sessionOf(run)
    session.send({ type: 'stop' })
    const patience = setTimeout(() => session.kill(), stopPatienceMs)
    void this.over(run).finally(() => clearTimeout(patience))
  }

  /** Sends a webcam's frame and waits for what the models say of it. @throws PalmError `run-busy` while another one is on its way */
  async frame(frame: WebcamFrame): Promise<WebcamAnswer> {
    return this.webcamOf(frame.run).answerFrame(frame)
  }

  /** Changes what is done with a webcam's frames from the next one on. */
  control(control: WebcamControl): void {
    this.webcamOf(control.run).send({ type: 'control', control })
  }

  /** Ends the session at once. The run can be resumed from what it had recorded. */
  kill(run: number): void {
    this.sessionOf(run).kill()
  }

  /**
   * Waits for a session that has said its end but whose process is not gone yet: who sees “stopped” and at once presses Resume shall not be
   * told that the run is under way. Returns at once while a run really is.
   */
  async settled(): Promise<void> {
    if (this.active && !this.catalogue.isUnderWay(this.active.session.run)) await this.active.over
  }

  /** Resolves when no session works on `run` any more. */
  async over(run: number): Promise<void> {
    if (this.activeRun === run) await this.active?.over
  }

  /** Marks runs that ended with their program (a crash, a power cut) as interrupted, and removes for good what was deleted a week ago. Call once at the start. */
  recover(): void {
    this.catalogue.purge()
    for (const { id, status } of this.catalogue.list()) {
      if (!isUnderWay(status) || isRunLocked(this.parts.dataFolder, id)) continue
      this.feeds.recordEnd(id, 'interrupted', {
        code: 'session-died',
        message: 'The program ended while this run was under way. What was recorded is kept: resume the run to go on.',
      })
    }
  }

  /** Stops what is under way, leaving it resumable, and waits for it. */
  async close(): Promise<void> {
    this.closing = true
    const { active } = this
    if (active) {
      this.stop(active.session.run)
      await active.over
    }
    this.feeds.settle()
  }

  /** Whether it can go on. @returns its number */
  private resumed(run: number): number {
    refuseResume(this.catalogue.get(run), isRunLocked(this.parts.dataFolder, run))
    return run
  }

  /** `record` belongs to a transaction and gives the run's number; null = none shall begin. */
  private begin(record: () => number, asked?: DeviceChoice | null, halve?: boolean): number
  private begin(record: () => number | null): number | null
  private begin(record: () => number | null, asked: DeviceChoice | null = null, halve = false): number | null {
    this.refuseSecond()
    const taken: RunLock[] = []
    let run: number | null = null
    try {
      run = this.parts.store.transaction(() => {
        const recorded = record()
        if (recorded !== null) taken.push(this.lockOf(recorded))
        return recorded
      })
      const [lock] = taken
      if (run !== null && lock) this.launch(run, asked, [], lock, halve)
      return run
    } catch (thrown) {
      for (const lock of taken) lock.release()
      // One that cannot even begin (a full disk) is not left waiting for a session that never comes.
      if (run !== null && this.catalogue.get(run).status === 'queued')
        this.feeds.recordEnd(run, 'failed', toWireError(thrown))
      throw thrown
    }
  }

  private lockOf(run: number): RunLock {
    const lock = takeRunLock(this.parts.dataFolder, run)
    if (!lock) throw new PalmError('run-busy', `Run ${run} is under way in another window or command.`)
    return lock
  }

  private refuseSecond(): void {
    if (this.closing) throw new PalmError('cancelled', 'The program is closing.')
    if (this.active)
      throw new PalmError(
        'run-busy',
        `Run ${this.activeRun} is under way. Stop it first: two runs at once would share the processor and slow each other down.`,
      )
  }

  private sessionOf(run: number): ActiveSession {
    if (this.active?.session.run === run) return this.active.session
    const { status } = this.catalogue.get(run)
    const elsewhere = isUnderWay(status) && isRunLocked(this.parts.dataFolder, run)
    throw new PalmError(
      'run-busy',
      elsewhere ? `Run ${run} belongs to another window or command.` : `Run ${run} is not under way (it is ${status}).`,
    )
  }

  private isWebcam(run: number): boolean {
    return isLive(this.catalogue.get(run).options.input)
  }

  private webcamOf(run: number): ActiveSession {
    const session = this.sessionOf(run)
    if (!this.isWebcam(run))
      throw new PalmError('bad-request', `Run ${run} takes its images from files, not from a webcam.`)
    return session
  }

  /** `without`: devices that failed this run since it was started or resumed. */
  private launch(run: number, asked: DeviceChoice | null, without: RuledOut, lock: RunLock, halve = false): void {
    const { dataFolder, resourcesFolder, preview, startSession, store } = this.parts
    const workers = this.parts.workers ?? readSettings(store).workers
    const { wanted, device } = sessionOrder(this.parts, run, asked, without)
    const session = new ActiveSession(
      startSession(wanted),
      { type: 'start', run, dataFolder, resourcesFolder, workers, preview, device, ...(halve ? { halve } : {}) },
      lock,
      (event) => this.feeds.heard(run, event),
    )
    const over = session.end.then((end) => this.ended(session, end, { asked, without }))
    this.active = { session, over }
    this.feeds.sessionBegan(run)
  }

  /** Resolves when the run is over: where it goes on without a device that failed, with its next session. */
  private async ended(session: ActiveSession, end: SessionEnd, { asked, without }: Launched): Promise<void> {
    const { run } = session
    session.close()
    this.active = null
    this.feeds.sessionEnded()
    if (end.kind === 'ended' && end.leaves !== null && !this.closing) {
      const reason = end.error?.message ?? `${kindName(end.leaves)} failed.`
      try {
        const lock = this.lockOf(run)
        const ruledOut = [...without, { kind: end.leaves, reason }]
        orUnlock(lock, () => this.launch(run, asked, ruledOut, lock))
        return await this.over(run)
      } catch (thrown) {
        this.feeds.recordEnd(run, 'failed', toWireError(thrown))
      }
    }
    if (end.kind === 'died') this.feeds.recordEnd(run, 'interrupted', end.error)
    // It said how it ended but could not write it (a full disk, a damaged store): say it here, where it may work by now.
    else if (this.catalogue.isUnderWay(run)) this.feeds.recordEnd(run, end.status, end.error)
    else this.feeds.changed(run)
    this.tidy(run)
  }

  /** A run that ended keeps of its checkpoints what the policy says. */
  private tidy(run: number): void {
    try {
      const { store } = this.parts
      const forgot = (...what: Parameters<RunFeeds['forgot']>) => this.feeds.forgot(...what)
      forgetBy(readPolicy(store), this.catalogue.get(run), { store, forgot })
    } catch {
      // The store cannot be asked now: it is done at the next end, or when somebody asks for it.
    }
  }
}
