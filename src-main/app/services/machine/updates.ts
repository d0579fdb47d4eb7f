// Looks for newer versions, but only where a person said so: by the setting, or by a click. What is found is fetched on a click, and installed on another one.
// Knows no updater: the host's `UpdateSource` does the work.
import type { FoundUpdate, UpdateState } from '#contract/app/updates.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import type { FeedSink } from '#app/services/runs/run-feed.ts'
import type { Log } from './log.ts'

/** What a host can do. Everything throws PalmErrors in plain words; nothing asks anybody before it is called. */
export interface UpdateSource {
  /** Null: this version is the newest. */
  look(): Promise<FoundUpdate | null>
  /** Of what was found last: the whole file, checked. */
  fetch(told: (doneBytes: number, totalBytes: number) => void): Promise<void>
  /** Ends a look or a fetch on its way, which then throws. */
  cancel(): void
  /** Throws where what was fetched cannot be put in place. Called before anything is closed for it. */
  makeReady(): Promise<void>
  /** Ends the program, and starts the new one. */
  install(): void
}

export interface UpdatesParts {
  readonly installed: string
  /** Or why this copy has nothing to look for. */
  readonly source: UpdateSource | string
  readonly now: () => number
  /** Between two looks of a program that stays open, where it may look by itself. */
  readonly everyMs: number
}

const day = 86_400_000
export const usualLook: Pick<UpdatesParts, 'now' | 'everyMs'> = { now: Date.now, everyMs: day }

export class Updates {
  private readonly parts: UpdatesParts
  private readonly source: UpdateSource | null
  private readonly listeners = new Set<(state: UpdateState) => void>()
  private current: UpdateState
  private log: Pick<Log, 'info' | 'error'> | null = null
  private remember: () => void = () => undefined
  private timer: NodeJS.Timeout | null = null
  private cancelled = false

  constructor(parts: UpdatesParts) {
    this.parts = parts
    this.source = typeof parts.source === 'string' ? null : parts.source
    this.current = {
      installed: parts.installed,
      impossible: typeof parts.source === 'string' ? parts.source : null,
      phase: 'idle',
      found: null,
      doneBytes: 0,
      totalBytes: 0,
      etaMs: null,
      lookedAt: null,
      error: null,
    }
  }

  get state(): UpdateState {
    return this.current
  }

  /** The data folder was opened, perhaps another one. `remember`: writes down what is under way, to go on with it after the restart. */
  opened(log: Pick<Log, 'info' | 'error'>, remember: () => void): void {
    this.log = log
    this.remember = remember
  }

  /** Whether it may look by itself. At once when that is new, then once a day. */
  allow(may: boolean): void {
    if (!this.source || may === (this.timer !== null)) return
    if (this.timer) clearInterval(this.timer)
    this.timer = null
    if (!may) return
    const look = (): void => void this.look()
    this.timer = setInterval(look, this.parts.everyMs)
    this.timer.unref()
    look()
  }

  /** Resolves when there is an answer; what goes wrong on the way is in the state. @throws PalmError `bad-request` at once, where there is nothing to look for */
  look(): Promise<void> {
    const source = this.sourceOrThrow()
    if (this.isBusy || this.current.phase === 'ready') return Promise.resolve()
    return this.work('looking', async () => {
      const found = await source.look()
      this.set({ phase: found ? 'found' : 'none', found, lookedAt: this.parts.now() })
      this.log?.info('updates', found ? `Version ${found.version} was found.` : 'This version is the newest.')
    })
  }

  /** The same of what was found. */
  fetch(): Promise<void> {
    const source = this.sourceOrThrow()
    const { found } = this.current
    if (this.isBusy || this.current.phase === 'ready') return Promise.resolve()
    if (!found) throw new PalmError('bad-request', 'Nothing newer was found: look first.')
    if (found.byHand !== null) throw new PalmError('bad-request', found.byHand)
    return this.work('fetching', async () => {
      const began = this.parts.now()
      this.set({ doneBytes: 0, totalBytes: found.sizeBytes, etaMs: null })
      await source.fetch((doneBytes, totalBytes) => {
        const etaMs = doneBytes > 0 ? ((this.parts.now() - began) * (totalBytes - doneBytes)) / doneBytes : null
        if (this.current.phase === 'fetching') this.set({ doneBytes, totalBytes, etaMs })
      })
      this.set({ phase: 'ready' })
      this.log?.info('updates', `Version ${found.version} was fetched and checked.`)
    })
  }

  cancel(): void {
    if (this.current.phase !== 'looking' && this.current.phase !== 'fetching') return
    this.cancelled = true
    this.source?.cancel()
  }

  /** Resolves when it is certain that the program ends; that itself comes a moment later, so that the page still hears of it. */
  install(): Promise<void> {
    const source = this.sourceOrThrow()
    if (this.current.phase !== 'ready')
      throw new PalmError('bad-request', 'Nothing was fetched that could be installed.')
    return this.work('installing', async () => {
      await source.makeReady()
      this.remember()
      this.log?.info('updates', `Version ${this.current.found?.version} is being installed.`)
      setImmediate(() => source.install())
    })
  }

  follow(sink: FeedSink<UpdateState, UpdateState>): () => void {
    const listener = (state: UpdateState): void => sink.event(state)
    sink.snapshot(this.current)
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  close(): void {
    this.allow(false)
    this.cancel()
  }

  private get isBusy(): boolean {
    return ['looking', 'fetching', 'installing'].includes(this.current.phase)
  }

  private sourceOrThrow(): UpdateSource {
    if (!this.source) throw new PalmError('bad-request', this.current.impossible ?? '')
    return this.source
  }

  /** Where it fails or is cancelled, everything is as before but for the reason. */
  private async work(phase: UpdateState['phase'], task: () => Promise<void>): Promise<void> {
    const before = this.current.phase
    this.cancelled = false
    this.set({ phase, error: null })
    try {
      await task()
    } catch (thrown) {
      const error = this.cancelled ? null : toWireError(thrown)
      if (error) this.log?.error('updates', error, 'warning')
      this.set({ phase: before, error })
    }
  }

  private set(changes: Partial<UpdateState>): void {
    this.current = { ...this.current, ...changes }
    for (const listener of [...this.listeners]) listener(this.current)
  }
}
