// The queue: what was lined up begins when the device that it asks for is free, one after the other on each. It starts runs and sweeps through their own services and computes nothing;
// what is lined up is in the store, so that it is there after a restart. What keeps it from going on is told, in the state that pages follow.
import type { DeviceChoice } from '#contract/devices.ts'
import { PalmError, toWireError, type ErrorCode, type WireError } from '#contract/errors.ts'
import { isLive } from '#contract/inputs/input-kinds.ts'
import { emptyQueue, beginsNow, blockerOf, mostQueued, nextOf } from '#contract/runs/queue.ts'
import type { QueueAdd, QueuedWork, QueueState } from '#contract/runs/queue.ts'
import type { FeedSink } from '#app/services/runs/run-feed.ts'
import type { Runs } from '#app/services/runs/runs.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import { describeQueued, missingPlace, type QueueRecords } from './queued-work.ts'

export interface RunQueueParts {
  readonly store: QueueRecords
  readonly runs: Runs
  readonly sweeps: Pick<SweepService, 'start' | 'stop' | 'over'> & { onChange(listener: () => void): () => void }
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Whether the data folder is being moved. */
  readonly isMoving: () => boolean
  /** Another program on the same data folder may change the queue and run something: looked at so often, ms. */
  readonly everyMs: number
}

type QueuedRun = Exclude<QueuedWork, { kind: 'sweep' }>

/** Faults of the machine: what comes next would end the same way. */
const spoilsNext: readonly ErrorCode[] = ['disk-full', 'store-damaged', 'native-missing']
const pausedKey = 'queue-paused'

export class RunQueue {
  private readonly parts: RunQueueParts
  private readonly listeners = new Set<(state: QueueState) => void>()
  private readonly timer: NodeJS.Timeout
  private readonly unfollow: readonly (() => void)[]
  /** Why nothing begins by itself, beside what a person said. */
  private stopped: 'reopened' | 'trouble' | null = null
  private trouble = ''
  /** Runs under way, until their end was looked at. */
  private readonly begun = new Set<number>()
  /** Whether something is being begun: until then nothing else is. */
  private busy = false
  private closed = false
  private told = ''

  constructor(parts: RunQueueParts) {
    this.parts = parts
    const { store, runs, sweeps, everyMs } = parts
    store.transaction(() => store.queue.purge())
    if (store.queue.list().length > 0) this.stopped = 'reopened'
    this.unfollow = [runs.feeds.onChange(() => this.look()), sweeps.onChange(() => this.look())]
    runs.sessions.slots.onFound(() => this.look())
    this.timer = setInterval(() => this.look(), everyMs).unref()
  }

  state(): QueueState {
    const { store, runs, isMoving } = this.parts
    const rows = store.queue.list()
    if (rows.length === 0 && this.stopped === 'reopened') this.stopped = null
    const state = {
      items: rows.map((row) => describeQueued(store, row, this.asks(row.work))),
      paused: store.settings.get(pausedKey) === true ? ('user' as const) : this.stopped,
      trouble: this.trouble,
      moving: isMoving(),
      slots: runs.sessions.usedSlots(),
      asks: runs.sessions.asks(null),
    }
    return { ...state, waitsFor: blockerOf(state, nextOf(state) ?? { kind: 'start', asks: state.asks }) }
  }

  /** The state, then each other one. */
  follow(sink: FeedSink<QueueState, QueueState>): () => void {
    const listener = (state: QueueState): void => sink.event(state)
    sink.snapshot(this.state())
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Whether something will begin by itself. */
  get isPending(): boolean {
    const state = this.state()
    return state.paused === null && nextOf(state) !== null
  }

  /** At the end, or before all others. A person who lines something up is there: what was left from before goes on with it. @throws PalmError `bad-request` for a webcam's run, or where there is no room */
  add({ work, estimateMs, first }: QueueAdd): number {
    refuseLive(work)
    const { store, now } = this.parts
    const id = store.transaction(() => {
      if (store.queue.list().length >= mostQueued)
        throw new PalmError(
          'bad-request',
          `${mostQueued} runs are lined up already. Wait until some are done, or remove some.`,
        )
      return store.queue.add(work, estimateMs, now(), first)
    })
    if (this.stopped === 'reopened') this.stopped = null
    this.look()
    return id
  }

  /** To that place, counted from 0. @throws PalmError `bad-request` when it is not in the queue any more */
  move(id: number, to: number): void {
    const { store } = this.parts
    store.transaction(() => {
      const ids = store.queue.list().map((row) => row.id)
      if (!ids.includes(id))
        throw new PalmError('bad-request', 'It is not in the queue any more: it has begun or was removed.')
      const others = ids.filter((one) => one !== id)
      store.queue.arrange([...others.slice(0, to), id, ...others.slice(to)])
    })
    this.look()
  }

  /** Passed over, or not any more; what could not begin is tried again. @throws PalmError `bad-request` */
  hold(id: number, held: boolean): void {
    this.change(() => this.parts.store.queue.hold(id, held))
  }

  /** @throws PalmError `bad-request` */
  remove(id: number): void {
    this.change(() => this.parts.store.queue.remove(id, this.parts.now()))
  }

  /** Back to where it was. @throws PalmError `bad-request` */
  restore(id: number): void {
    this.change(() => this.parts.store.queue.restore(id))
  }

  /** What is under way goes on; nothing begins after it until the queue goes on. */
  pause(paused: boolean): void {
    this.stopped = null
    this.trouble = ''
    this.change(() => this.parts.store.settings.set(pausedKey, paused))
  }

  /** Stops what is under way on the device that this asks for, with the sweep that it may belong to, and does this. @returns its run; null = a sweep. @throws PalmError as starting it does */
  instead(work: QueuedRun): Promise<number>
  instead(work: QueuedWork): Promise<number | null>
  async instead(work: QueuedWork): Promise<number | null> {
    if (this.busy) throw new PalmError('run-busy', 'Another run is just beginning. Try it again in a moment.')
    this.busy = true
    const { runs, sweeps } = this.parts
    try {
      if (work.kind === 'branch') runs.sessions.checkBranch(work)
      const before = this.blockerOf(work)
      if (before?.kind === 'sweep') {
        sweeps.stop()
        await sweeps.over()
      } else if (before?.kind === 'run') {
        if (runs.catalogue.isUnderWay(before.run)) runs.sessions.stop(before.run)
        await runs.sessions.over(before.run)
      }
      return this.start(work)
    } finally {
      this.busy = false
      this.look()
    }
  }

  /** Looks whether the next one can begin, and tells what changed. */
  look(): void {
    if (this.closed) return
    try {
      this.noteEnd()
      const state = this.state()
      this.tell(state)
      this.lookForSlots()
      const next = beginsNow(state)
      if (this.busy || state.paused !== null || next === null) return
      this.busy = true
      void this.begin(next.id).finally(() => {
        this.busy = false
        this.look()
      })
    } catch (thrown) {
      this.stopFor(toWireError(thrown)) // the store cannot be read
    }
  }

  close(): void {
    this.closed = true
    clearInterval(this.timer)
    for (const stop of this.unfollow) stop()
  }

  /** Never rejects: what goes wrong is noted with the item, or stops the queue. */
  private async begin(id: number): Promise<void> {
    const { store, runs } = this.parts
    try {
      const work = store.queue.list().find((row) => row.id === id)?.work
      if (!work) return
      const missing = await missingPlace(store, work)
      if (missing) return this.note(id, missing)
      await runs.sessions.settled()
      // A sweep takes each card that there is.
      if (work.kind === 'sweep') await runs.sessions.slots.find()
      if (this.closed || this.blockerOf(work) !== null) return
      // Programs on the same data folder take turns here: the lock of a run that another one has just begun is seen.
      const claim = (): boolean => this.blockerOf(work) === null && store.queue.take(id)
      if (work.kind !== 'sweep') runs.sessions.startQueued(work, claim)
      else if (store.transaction(claim)) this.start(work)
    } catch (thrown) {
      const error = toWireError(thrown)
      if (spoilsNext.includes(error.code)) this.stopFor(error)
      else if (error.code !== 'cancelled') this.note(id, error)
    }
  }

  private start(work: QueuedWork): number | null {
    const { runs, sweeps } = this.parts
    switch (work.kind) {
      case 'start':
        return runs.sessions.start(work.options)
      case 'resume':
        runs.sessions.resume(work.run)
        return work.run
      case 'branch':
        return runs.sessions.branch(work)
      case 'sweep':
        sweeps.start(work.sweep)
        return null
    }
  }

  private blockerOf(work: QueuedWork): QueueState['waitsFor'] {
    const { runs, isMoving } = this.parts
    const state = { moving: isMoving(), slots: runs.sessions.usedSlots() }
    return blockerOf(state, { kind: work.kind, asks: this.asks(work) })
  }

  /** Where the run is gone that this goes on with, it says so when it begins. */
  private asks(work: QueuedWork): DeviceChoice {
    try {
      return this.parts.runs.sessions.asks(work)
    } catch {
      return emptyQueue.asks
    }
  }

  /** While something computes: whether something else could compute beside it. Not before its first step, from which the look would take. */
  private lookForSlots(): void {
    const { sessions } = this.parts.runs
    const { runs } = this.parts.store
    if (!sessions.slots.isKnown && sessions.activeRuns.some((run) => runs.plan(run) !== null))
      void sessions.slots.find()
  }

  /** What runs that ended say of the next one. */
  private noteEnd(): void {
    const { runs } = this.parts
    const ended = [...this.begun].filter((run) => !runs.sessions.isActive(run))
    for (const run of runs.sessions.activeRuns) this.begun.add(run)
    for (const run of ended) {
      this.begun.delete(run)
      const { status, error, options } = runs.catalogue.get(run)
      const early = status === 'failed' || status === 'interrupted'
      if (early && error && (spoilsNext.includes(error.code) || isLive(options.input))) this.stopFor(error)
    }
  }

  private note(id: number, problem: WireError): void {
    try {
      this.parts.store.queue.setProblem(id, problem)
    } catch (thrown) {
      this.stopFor(toWireError(thrown))
    }
  }

  private stopFor({ message }: WireError): void {
    this.stopped = 'trouble'
    this.trouble = message
    this.tell()
  }

  private change(work: () => void): void {
    this.parts.store.transaction(work)
    this.look()
  }

  private tell(state?: QueueState): void {
    try {
      const now = state ?? this.state()
      const text = JSON.stringify(now)
      if (text === this.told) return
      this.told = text
      for (const listener of [...this.listeners]) listener(now)
    } catch {
      // The store cannot be read: whoever asks is told why.
    }
  }
}

function refuseLive(work: QueuedWork): void {
  if (work.kind === 'start' && isLive(work.options.input))
    throw new PalmError('bad-request', 'A webcam’s frames come when they come: its run cannot be lined up.')
}
