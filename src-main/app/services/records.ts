// What the services need of the store: rows of runs and settings. The store satisfies it; nothing here knows SQL.
import type { WireError } from '../../contract/errors.ts'
import type { RunChanges, RunSnapshot, RunStatus, RunSummary } from '../../contract/report.ts'
import type { RunOptions } from '../../contract/run-options.ts'

export interface Records {
  readonly runs: {
    /** A new row with status `queued`; gives its id. */
    createRun(options: RunOptions, createdAt: number): number
    /** Throws `run-not-found`. */
    get(run: number): RunSummary
    /** Newest first; those that were deleted only when asked for. */
    list(which?: { readonly deleted: boolean }): RunSummary[]
    /** Throws `run-not-found`. */
    change(run: number, changes: RunChanges): void
    /** Throws `run-not-found`. */
    tags(run: number): string[]
    /** Null = not deleted any more. Throws `run-not-found`. */
    setDeleted(run: number, at: number | null): void
    /** Removes for good what was deleted before. */
    purge(before: number): void
    /** Records the status and the next `seq` of the run, which it gives back. Belongs in a transaction. */
    setStatus(run: number, status: RunStatus, error: WireError | null, at: number): number
  }
  readonly settings: {
    /** Undefined when never set. */
    get(key: string): unknown
    set(key: string, value: unknown): void
  }
  /** All or nothing. Throws `disk-full`, `store-damaged`. */
  transaction<T>(work: () => T): T
  /** All rows up to its `seq`, read in one transaction. Throws `run-not-found`. */
  snapshot(run: number): RunSnapshot
  close(): void
}
