// The app's connection to a lab's queue: puts sweeps in, takes their results as they come, and tells pages how it stands. It asks and writes down; computing is the lab's.
import { PalmError, toWireError } from '#contract/errors.ts'
import type { LabPlace, LabSweepView, LabView } from '#contract/sweeps/lab-view.ts'
import type { LabState } from '#contract/sweeps/lab.ts'
import type { Log } from '#app/services/machine/log.ts'
import type { FeedSink } from '#app/services/runs/run-feed.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { Store } from '#store/store.ts'
import { addressOfPlace, placeOfEnvironment, type LabAddress } from './lab-address.ts'
import { readLab, writeLab } from './lab-kept.ts'
import { unreachable } from './lab-faults.ts'
import type { LabPassword } from './lab-password.ts'
import type { LabQueue } from './lab-queue.ts'
import type { LabSweep } from './lab-sweep.ts'
import { SweepInLab } from './sweep-in-lab.ts'

export interface LabServiceParts {
  readonly store: Store
  readonly sweeps: SweepService
  readonly password: LabPassword
  readonly environment: ReturnType<typeof placeOfEnvironment>
  readonly log: Pick<Log, 'info' | 'error'>
  /** @throws PalmError `bad-request` in plain words */
  readonly open: (address: LabAddress) => Promise<LabQueue>
  readonly labOf: (queue: LabQueue, told: (note: string) => void, signal: AbortSignal) => LabSweep
  /** Nothing may be written then. */
  readonly isMoving: () => boolean
  readonly everyMs: number
}

export class LabService {
  private readonly parts: LabServiceParts
  private readonly listeners = new Set<(view: LabView) => void>()
  private readonly sweeps = new Map<number, SweepInLab>()
  private phase: LabView['phase'] = 'off'
  private problem: string | null = null
  private address: LabAddress | null = null
  private queue: LabQueue | null = null
  private state: LabState | null = null
  /** Of the newest attempt: what an older one finds is thrown away. */
  private attempt = 0
  private looking: Promise<void> | null = null
  /** When the queue may be counted again. */
  private stateDue = 0
  private timer: NodeJS.Timeout | null = null
  private closed = false
  private told = ''

  constructor(parts: LabServiceParts) {
    this.parts = parts
  }

  /** Goes on with what was connected before, where no password has to be asked for. Resolves when that is decided; what goes wrong is in the view. */
  async reopen(): Promise<void> {
    const kept = readLab(this.parts.store)
    if (!kept?.connected) return
    const { password } = this.parts.password.known(kept.place)
    if (kept.asked && password === undefined) return
    await this.connect(kept.place, null, false).catch(() => undefined)
  }

  /** @throws PalmError `bad-request` in plain words, `cancelled` when another attempt took its place */
  async connect(place: LabPlace, password: string | null, keep: boolean): Promise<void> {
    const { password: passwords, log } = this.parts
    if (keep && passwords.refused !== null) throw new PalmError('bad-request', passwords.refused)
    await this.leave()
    const mine = this.attempt
    const address = addressOfPlace(place, password ?? passwords.known(place).password)
    Object.assign(this, { phase: 'connecting', problem: null, address })
    this.tell()
    let queue: LabQueue
    try {
      queue = await this.parts.open(address)
    } catch (thrown) {
      const error = unreachable(thrown, address)
      if (mine === this.attempt) this.off(error.message)
      throw error
    }
    if (mine !== this.attempt || this.closed) {
      await queue.close()
      throw new PalmError('cancelled', 'It was cancelled.')
    }
    if (password !== null) passwords.remember(place, password, keep)
    this.queue = queue
    this.phase = 'on'
    const before = readLab(this.parts.store)?.sweeps ?? []
    writeLab(this.parts.store, { place, connected: true, asked: address.password !== undefined, sweeps: before })
    log.info('lab', `Connected to the queue at ${address.shown}.`)
    for (const sweep of before) this.enter(sweep, false)
    this.timer = setInterval(() => this.look(), this.parts.everyMs)
    this.look()
    this.tell()
  }

  async disconnect(): Promise<void> {
    const kept = readLab(this.parts.store)
    if (kept) writeLab(this.parts.store, { ...kept, connected: false })
    await this.leave()
    this.off(null)
  }

  forgetPassword(): void {
    this.parts.password.forget()
    this.tell()
  }

  /** @throws PalmError `sweep-not-found`, `bad-request` where it is not connected */
  put(sweep: number): void {
    this.connected()
    this.parts.sweeps.definition(String(sweep))
    const phase = this.sweeps.get(sweep)?.view.phase
    if (phase === 'reading' || phase === 'putting' || phase === 'waiting') return
    this.enter(sweep, true)
    this.remember()
    this.tell()
  }

  /** @returns how many cells waited. @throws PalmError `bad-request` where it is not connected or the server does not answer */
  takeOut(sweep: number): Promise<number> {
    const queue = this.connected()
    return this.inWords(async () => {
      const keys = (await this.parts.sweeps.left(String(sweep))).cells.map(({ key }) => key)
      await this.sweeps.get(sweep)?.stop()
      const taken = await queue.takeOut(keys)
      this.forget(sweep)
      return taken
    })
  }

  /** @throws PalmError `bad-request` */
  async again(key: string): Promise<void> {
    const queue = this.connected()
    await this.inWords(() => queue.again(key))
    for (const sweep of this.sweeps.values()) sweep.again(key)
    this.look()
  }

  /** Its results are waited for no more: the sweep is removed here, or was taken out. */
  forget(sweep: number): void {
    void this.sweeps.get(sweep)?.stop()
    this.sweeps.delete(sweep)
    this.remember()
    this.tell()
  }

  /** The view, then each other one. */
  follow(sink: FeedSink<LabView, LabView>): () => void {
    const listener = (view: LabView): void => sink.event(view)
    sink.snapshot(this.view())
    this.listeners.add(listener)
    this.look()
    return () => this.listeners.delete(listener)
  }

  view(): LabView {
    const { environment, password } = this.parts
    const place = readLab(this.parts.store)?.place ?? environment?.place ?? null
    return {
      place,
      phase: this.phase,
      shown: this.address?.shown ?? '',
      problem: this.problem,
      warning: this.phase === 'off' ? null : (this.address?.warning ?? null),
      password: place ? password.known(place).source : 'none',
      keepRefused: password.refused,
      state: this.state,
      sweeps: this.views(),
    }
  }

  async close(): Promise<void> {
    this.closed = true
    await this.leave()
  }

  private views(): LabSweepView[] {
    return [...this.sweeps.values()].map(({ view }) => view)
  }

  private connected(): LabQueue {
    if (!this.queue) throw new PalmError('bad-request', 'There is no connection to a lab’s queue: connect first.')
    return this.queue
  }

  private async inWords<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (thrown) {
      throw this.address ? unreachable(thrown, this.address) : thrown
    }
  }

  private enter(sweep: number, put: boolean): void {
    const { sweeps, labOf } = this.parts
    const queue = this.connected()
    let name: string
    try {
      name = sweeps.definition(String(sweep)).name
    } catch {
      return // removed meanwhile
    }
    const own = new SweepInLab({
      sweep,
      name,
      sweeps,
      lab: (told, signal) => labOf(queue, told, signal),
      changed: () => this.tell(),
    })
    this.sweeps.set(sweep, own)
    void own.begin(put).then(() => {
      // Of one that was remembered nothing may be left to wait for.
      if (own.view.phase === 'over' && own.view.cells === 0 && this.sweeps.get(sweep) === own) this.forget(sweep)
      this.look()
    })
  }

  /** One at a time; what comes is taken before it looks again. */
  private look(): void {
    if (this.looking || !this.queue || this.parts.isMoving()) return
    const { queue, address, attempt } = this
    this.looking = (async () => {
      try {
        for (const own of this.sweeps.values()) {
          const before = own.view.phase
          await own.take(() => attempt !== this.attempt || this.parts.isMoving())
          if (own.view.phase !== before) this.remember()
        }
        if (this.listeners.size > 0 && Date.now() >= this.stateDue) {
          const from = Date.now()
          this.state = await queue.state()
          // A large queue takes long to count: a twentieth of the server's time at most.
          this.stateDue = Date.now() + 20 * (Date.now() - from)
        }
        if (attempt === this.attempt) Object.assign(this, { phase: 'on', problem: null })
      } catch (thrown) {
        if (attempt === this.attempt && address)
          Object.assign(this, { phase: 'lost', problem: unreachable(thrown, address).message })
      }
    })().finally(() => {
      this.looking = null
      this.tell()
    })
  }

  private async leave(): Promise<void> {
    this.attempt += 1
    if (this.timer) clearInterval(this.timer)
    this.timer = null
    const { queue, looking } = this
    this.queue = null
    const stopped = [...this.sweeps.values()].map((own) => own.stop())
    this.sweeps.clear()
    await looking
    await queue?.close()
    await Promise.all(stopped)
  }

  private off(problem: string | null): void {
    Object.assign(this, { phase: 'off', problem, address: null, state: null })
    this.tell()
  }

  private remember(): void {
    const kept = readLab(this.parts.store)
    if (kept)
      writeLab(this.parts.store, {
        ...kept,
        sweeps: this.views().flatMap(({ sweep, phase, aside }) => (phase === 'over' && aside === 0 ? [] : [sweep])),
      })
  }

  private tell(): void {
    if (this.closed || this.listeners.size === 0) return
    try {
      const view = this.view()
      const text = JSON.stringify(view)
      if (text === this.told) return
      this.told = text
      for (const listener of [...this.listeners]) listener(view)
    } catch (thrown) {
      this.parts.log.error('lab', toWireError(thrown)) // the store cannot be read: whoever asks is told why
    }
  }
}
