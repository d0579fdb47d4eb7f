// Tells whoever looks: each run's events to those who follow it, each summary that changes to those who follow the list. Keeps the
// images that each session sent last, because they are not stored.
import { toWireError, type WireError } from '#contract/errors.ts'
import { isLive } from '#contract/inputs/input-kinds.ts'
import {
  isUnderWay,
  type PreviewImage,
  type RunEvent,
  type RunSnapshot,
  type RunStatus,
  type RunSummary,
} from '#contract/tables/report.ts'
import type { Records } from './records.ts'
import { followRun, type FeedSink } from './run-feed.ts'

/** Up to so many changed runs are read one by one. */
const fewRuns = 50

/** How soon an end that could not be recorded is tried again. */
const retryMs = 5_000

export class RunFeeds {
  private readonly store: Records
  private readonly now: () => number
  private readonly runListeners = new Map<number, Set<(event: RunEvent) => void>>()
  private readonly listListeners = new Set<(summary: RunSummary) => void>()
  /** Of runs that a session is at work on. */
  private readonly previews = new Map<number, PreviewImage[]>()
  /** Of the run that ended last: a short one is over before anybody looks. Not of a camera, whose pictures go with it. */
  private last: { readonly run: number; readonly createdAt: number; readonly images: PreviewImage[] } | null = null

  /** Ends that are told but could not be recorded: a full disk, a locked database. */
  private readonly owed = new Map<number, { readonly status: RunStatus; readonly error: WireError | null }>()
  private retry: NodeJS.Timeout | undefined

  /** `now` in ms since the epoch. */
  constructor(store: Records, now: () => number) {
    this.store = store
    this.now = now
  }

  /** All rows of a run, with the images that its session sent last, while it is at work or no other ended after it. @throws PalmError `run-not-found` */
  snapshot(run: number): RunSnapshot {
    const snapshot = this.store.snapshot(run)
    const preview = this.previews.get(run) ?? this.lastOf(snapshot.run)
    return preview ? { ...snapshot, preview } : snapshot
  }

  /** Snapshot, then every later event. The returned function ends it. */
  follow(run: number, sink: FeedSink<RunSnapshot, RunEvent>): () => void {
    this.packSoon(run)
    return followRun({ onEvent: (listener) => this.listen(run, listener), snapshot: () => this.snapshot(run) }, sink)
  }

  /** The list, deleted runs among them, then each summary that changes. */
  followList(sink: FeedSink<RunSummary[], RunSummary>): () => void {
    sink.snapshot(this.store.runs.list({ deleted: true }))
    return this.onChange((summary) => sink.event(summary))
  }

  /** Each summary that changes. */
  onChange(listener: (summary: RunSummary) => void): () => void {
    this.listListeners.add(listener)
    return () => this.listListeners.delete(listener)
  }

  /** A session begins to work on the run. */
  sessionBegan(run: number): void {
    this.previews.set(run, [])
    this.owed.delete(run)
    this.changed(run)
  }

  sessionEnded(run: number): void {
    const images = this.previews.get(run) ?? []
    this.previews.delete(run)
    if (images.length === 0) return
    try {
      const { options, createdAt } = this.store.runs.get(run)
      if (!isLive(options.input)) this.last = { run, createdAt, images }
    } catch {
      // It cannot be read any more, and shows nothing.
    }
  }

  /** A run that was removed for good leaves its number to the next one, not its pictures. */
  private lastOf({ id, createdAt }: RunSummary): PreviewImage[] | undefined {
    const { last } = this
    return last?.run === id && last.createdAt === createdAt ? last.images : undefined
  }

  /** An event of a run, after it was recorded. */
  heard(run: number, event: RunEvent): void {
    if (event.event === 'preview' && this.previews.has(run)) this.previews.set(run, event.images)
    for (const listener of [...(this.runListeners.get(run) ?? [])]) listener(event)
    if (event.event === 'status' || event.event === 'plan' || event.event === 'domain' || event.event === 'options')
      this.changed(run)
  }

  /** Some checkpoints of a run are gone. */
  forgot(run: number, seq: number, checkpoints: number[]): void {
    this.heard(run, { event: 'forgotten', seq, checkpoints })
  }

  /** Records how a run ended that no session can speak for any more, and tells of it. Where it cannot be recorded now, it is later. */
  recordEnd(run: number, status: RunStatus, error: WireError | null): void {
    try {
      this.writeEnd(run, status, error)
    } catch (thrown) {
      this.owed.set(run, { status, error: error ?? toWireError(thrown) })
      this.retry ??= setInterval(() => this.settle(), retryMs).unref()
      // Whoever looks must hear of it all the same: as the newest event of all.
      const seq = Number.MAX_SAFE_INTEGER
      this.heard(run, { event: 'status', seq, status, error: error ?? toWireError(thrown), message: null })
    }
  }

  /** Tries once more to record what could not be recorded. Call before the store closes. */
  settle(): void {
    for (const [run, { status, error }] of this.owed) {
      try {
        this.writeEnd(run, status, error)
      } catch {
        return // not yet
      }
    }
    clearInterval(this.retry)
    this.retry = undefined
  }

  private writeEnd(run: number, status: RunStatus, error: WireError | null): void {
    const { store, now } = this
    const seq = store.transaction(() => store.runs.setStatus(run, status, error, now()))
    this.owed.delete(run)
    this.heard(run, { event: 'status', seq, status, error, message: error?.message ?? null })
  }

  /** A run's summary is another one than before. */
  changed(run: number): void {
    if (this.listListeners.size === 0) return
    let summary: RunSummary
    try {
      summary = this.store.runs.get(run)
    } catch {
      return // the store cannot be read: whoever asks for the run is told why
    }
    this.tell(summary)
  }

  /** Of many the list is read once, not a row and its counts for each. */
  changedAll(runs: readonly number[]): void {
    if (runs.length <= fewRuns || this.listListeners.size === 0) return runs.forEach((run) => this.changed(run))
    const these = new Set(runs)
    for (const summary of this.store.runs.list({ deleted: true })) if (these.has(summary.id)) this.tell(summary)
  }

  /** An older version of the program left its steps unpacked, or another process was killed before: the next one who opens it shall wait less. */
  private packSoon(run: number): void {
    setImmediate(() => {
      try {
        if (isUnderWay(this.store.runs.get(run).status)) return // its session does it
        if (this.store.transaction(() => this.store.steps.pack(run, 1))) this.packSoon(run)
      } catch {
        // It is read as it is.
      }
    })
  }

  private tell(summary: RunSummary): void {
    for (const listener of [...this.listListeners]) listener(summary)
  }

  private listen(run: number, listener: (event: RunEvent) => void): () => void {
    const listeners = this.runListeners.get(run) ?? new Set()
    this.runListeners.set(run, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.runListeners.delete(run)
    }
  }
}
