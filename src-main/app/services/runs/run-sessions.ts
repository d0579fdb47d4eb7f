// Starts, resumes and branches runs, one at a time on each device, passes orders on to the sessions at work, and records how a run ended whose process
// died. It never computes; a run's rows belong to its session while that lives, and to the services before and after.
import { isLive } from '#contract/inputs/input-kinds.ts'
import { devicesOf, type DeviceChoice, type DeviceKind } from '#contract/devices.ts'
import { PalmError } from '#contract/errors.ts'
import { adjusted, optionsAt, type OptionChange, type OptionRequest } from '#contract/runs/option-change.ts'
import type { UsedSlot } from '#contract/runs/device-slots.ts'
import type { QueuedWork } from '#contract/runs/queue.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { isUnderWay } from '#contract/tables/report.ts'
import type { WebcamAnswer, WebcamControl, WebcamFrame } from '#contract/webcam.ts'
import { refusedDevices } from '#app/services/machine/device-notes.ts'
import { chosenDevice, readSettings } from '#app/services/machine/settings.ts'
import type { ActiveSession } from './active-session.ts'
import { planBranch, recordBranch, type BranchRequest } from './branching.ts'
import { checkHalving } from './halving.ts'
import type { RunCatalogue } from './run-catalogue.ts'
import type { RunFeeds } from './run-feeds.ts'
import { RunLauncher } from './run-launcher.ts'
import { isRunLocked, lockedRuns } from './run-lock.ts'
import type { RunSessionsParts } from './run-sessions-parts.ts'
import { busyError, type MachineSlots, type SlotHold } from './machine-slots.ts'
import { refuseResume } from './resumable.ts'
import { sessionOrder } from './session-order.ts'

/** How long a session may take to finish its step and write its states before it is killed. It can be resumed either way. */
const stopPatienceMs = 30_000

export class RunSessions {
  private readonly parts: RunSessionsParts
  private readonly catalogue: RunCatalogue
  private readonly feeds: RunFeeds
  private readonly launcher: RunLauncher

  constructor(parts: RunSessionsParts, catalogue: RunCatalogue, feeds: RunFeeds) {
    this.parts = parts
    this.catalogue = catalogue
    this.feeds = feeds
    this.launcher = new RunLauncher(parts, catalogue, feeds)
  }

  /** Which run computes on what. */
  get slots(): MachineSlots {
    return this.launcher.slots
  }

  /** The runs that sessions of this program work on now, in the order in which they began. */
  get activeRuns(): readonly number[] {
    return [...this.launcher.active.keys()]
  }

  isActive(run: number): boolean {
    return this.launcher.active.has(run)
  }

  /** What this machine computes with, and what computes on it, runs of other programs on the same data folder among them. */
  usedSlots(): UsedSlot[] {
    const { store, dataFolder, program } = this.parts
    const elsewhere = lockedRuns(dataFolder).filter((run) => !this.isActive(run))
    return this.slots.used(
      elsewhere.map((run) => ({ run, kind: this.kindOf(run) })),
      refusedDevices(dataFolder, program, readSettings(store).precision),
    )
  }

  /** The device that this would ask for; null = a run that says nothing of it. */
  asks(work: QueuedWork | null): DeviceChoice {
    const { store } = this.parts
    if (work?.kind === 'resume') return sessionOrder(this.parts, work.run, null, []).asks
    const options =
      work?.kind === 'start' ? work.options : work?.kind === 'branch' ? store.runs.get(work.run).options : null
    return chosenDevice(options?.device ?? null, false, readSettings(store), process.env)
  }

  /** Every free device of the kind that a sweep asks for; null = as the settings say. Whoever holds them lets go of them. @throws PalmError `run-busy` where none is free */
  holdFor(sweep: number, device: DeviceChoice | null): readonly SlotHold[] {
    const { store, dataFolder, program } = this.parts
    const settings = readSettings(store)
    const asks = chosenDevice(device, false, settings, process.env)
    const without = refusedDevices(dataFolder, program, settings.precision)
    const holds = this.slots.takeAll(asks, without, { kind: 'sweep', sweep })
    if (holds.length === 0) throw busyError(this.slots.blocker(asks, without))
    return holds
  }

  /** Records a run and starts its session; on `lent`, where that is given. @throws PalmError `run-busy` while another one computes on what it asks for */
  start(options: RunOptions, lent: SlotHold | null = null): number {
    const { store, now } = this.parts
    return this.launcher.begin(() => store.runs.createRun(options, now()), { lent })
  }

  /**
   * Goes on with a stopped, interrupted or failed run in a new session, on the device that it began on, or on `device`; `halve`: with batches of half the size.
   * @throws PalmError `run-not-found`, `run-busy`; `bad-request` where batches cannot be halved
   */
  resume(run: number, device: DeviceChoice | null = null, halve = false, lent: SlotHold | null = null): void {
    this.launcher.begin(
      () => {
        const resumed = this.resumed(run)
        if (halve) checkHalving(this.parts.store, run)
        return resumed
      },
      { asked: device, halve, lent },
    )
  }

  /** A new run from a checkpoint of another one, which stays as it is: on the same stream from the next step on. @throws PalmError `run-not-found`, `run-busy`, `checkpoint-not-found`, `bad-request` */
  branch(request: BranchRequest): number {
    const { store, now } = this.parts
    return this.launcher.begin(() => recordBranch(store, request, now()))
  }

  /** The same of a run that was lined up. `claim` is asked in the transaction that records it and takes its lock, one program at a time; false = nothing is done. @returns its run */
  startQueued(work: Exclude<QueuedWork, { kind: 'sweep' }>, claim: () => boolean): number | null {
    const { store, now } = this.parts
    return this.launcher.begin(() => {
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
   * Waits for sessions that have said their end but whose process is not gone yet: who sees “stopped” and at once presses Resume shall not be
   * told that the run is under way. While a run really is, looks what else could compute a second one.
   */
  async settled(): Promise<void> {
    const { active } = this.launcher
    const ending = [...active.values()].filter(({ session }) => !this.catalogue.isUnderWay(session.run))
    await Promise.all(ending.map(({ over }) => over))
    if (active.size > 0) await this.slots.find()
  }

  /** Resolves when no session works on `run` any more. */
  async over(run: number): Promise<void> {
    await this.launcher.active.get(run)?.over
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
    const active = this.launcher.close()
    for (const { session } of active) this.stop(session.run)
    await Promise.all(active.map(({ over }) => over))
    this.feeds.settle()
  }

  /** Whether it can go on. @returns its number */
  private resumed(run: number): number {
    if (this.isActive(run)) throw new PalmError('run-busy', `Run ${run} is under way already.`)
    refuseResume(this.catalogue.get(run), isRunLocked(this.parts.dataFolder, run))
    return run
  }

  private sessionOf(run: number): ActiveSession {
    const active = this.launcher.active.get(run)
    if (active) return active.session
    const { status } = this.catalogue.get(run)
    const elsewhere = isUnderWay(status) && isRunLocked(this.parts.dataFolder, run)
    throw new PalmError(
      'run-busy',
      elsewhere ? `Run ${run} belongs to another window or command.` : `Run ${run} is not under way (it is ${status}).`,
    )
  }

  /** What computes a run of another program; null = not known yet. */
  private kindOf(run: number): DeviceKind | null {
    try {
      const plan = this.parts.store.runs.plan(run)
      return plan ? (devicesOf(plan).at(-1)?.kind ?? null) : null
    } catch {
      return null // its row cannot be read
    }
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
}
