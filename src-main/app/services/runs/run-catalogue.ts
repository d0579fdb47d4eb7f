// The runs that there are: their names, notes and tags, put away, deleted and brought back. Rows of a run belong to its session while
// that lives; what is changed here, no session writes.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import { isUnderWay, mostTags, type RunChanges, type RunSummary } from '#contract/tables/report.ts'
import type { Records } from './records.ts'
import type { RunFeeds } from './run-feeds.ts'

/** How long a deleted run can be brought back. */
const keptDeletedMs = 7 * 24 * 3_600_000
/** When the data folder was opened last, ms since the epoch. */
const openedKey = 'opened-at'

export class RunCatalogue {
  private readonly store: Records
  private readonly feeds: RunFeeds
  private readonly now: () => number

  /** `now` in ms since the epoch. */
  constructor(store: Records, feeds: RunFeeds, now: () => number) {
    this.store = store
    this.feeds = feeds
    this.now = now
  }

  /** Newest first, without those that were deleted. */
  list(): RunSummary[] {
    return this.store.runs.list()
  }

  /** @throws PalmError `run-not-found` */
  get(run: number): RunSummary {
    return this.store.runs.get(run)
  }

  /** Whether a session works on it; true as well when the store cannot be asked. */
  isUnderWay(run: number): boolean {
    try {
      return isUnderWay(this.get(run).status)
    } catch {
      return true
    }
  }

  /** A name, a note, tags, put away or not. @throws PalmError `run-not-found` */
  change(run: number, changes: RunChanges): void {
    const { store } = this
    store.transaction(() => store.runs.change(run, changes))
    this.feeds.changed(run)
  }

  /** All or none. @throws PalmError `run-not-found` */
  archive(runs: readonly number[], archived: boolean): void {
    const { store } = this
    store.transaction(() => runs.forEach((run) => store.runs.change(run, { archived })))
    this.feeds.changedAll(runs)
  }

  /** All or none. @throws PalmError `run-not-found`, `bad-request` where a run would have too many */
  tag(runs: readonly number[], add: readonly string[], remove: readonly string[]): void {
    const { store } = this
    store.transaction(() => {
      for (const run of runs) {
        const tags = [...new Set([...store.runs.tags(run).filter((tag) => !remove.includes(tag)), ...add])]
        if (tags.length > mostTags)
          throw new PalmError('bad-request', `Run ${run} would have more than ${mostTags} tags. Nothing was changed.`)
        store.runs.change(run, { tags })
      }
    })
    this.feeds.changedAll(runs)
  }

  /** Deletes all or none; `restore` undoes it for a week, after which a sweep whose results lie there computes them again. @throws PalmError `run-not-found`, `run-busy` */
  remove(runs: readonly number[]): void {
    const { store } = this
    const at = this.now()
    store.transaction(() => {
      for (const run of runs) {
        if (isUnderWay(this.get(run).status))
          throw new PalmError('run-busy', `Run ${run} is under way: stop it first. Nothing was deleted.`)
        store.runs.setDeleted(run, at)
      }
    })
    this.feeds.changedAll(runs)
  }

  /** @throws PalmError `run-not-found` */
  restore(runs: readonly number[]): void {
    const { store } = this
    store.transaction(() => runs.forEach((run) => store.runs.setDeleted(run, null)))
    this.feeds.changedAll(runs)
  }

  /**
   * Removes for good what was deleted a week ago, by the clock of this start and of the one before: a clock that is wrong once (an empty battery, a system that was set by hand) takes
   * nobody’s runs. Where nothing can be written (a full disk, a locked database) it is done at the next start: whoever would make room must get in.
   */
  purge(): void {
    const { store, now } = this
    try {
      store.transaction(() => {
        const before = z.number().safeParse(store.settings.get(openedKey))
        if (before.success) store.runs.purge(Math.min(now(), before.data) - keptDeletedMs)
        store.settings.set(openedKey, now())
      })
    } catch {
      // See above.
    }
  }
}
