// What the services need of the store: rows of runs and settings. The store satisfies it; nothing here knows SQL.
import type { DamagedRow } from '#contract/data/damage.ts'
import type { WireError } from '#contract/errors.ts'
import type { OptionChange } from '#contract/runs/option-change.ts'
import type {
  CheckpointInfo,
  RunChanges,
  RunPlan,
  RunSnapshot,
  RunStatus,
  RunSummary,
} from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { SpaceOfFile, SpaceOfRun } from '#contract/data/storage.ts'

export interface Records {
  readonly runs: {
    /** A new row with status `queued`; gives its id. */
    createRun(options: RunOptions, createdAt: number): number
    /** Throws `run-not-found`. */
    get(run: number): RunSummary
    /** Null before its first session opened input and model. Throws `run-not-found`. */
    plan(run: number): RunPlan | null
    /** Newest first; those that were deleted only when asked for. */
    list(which?: { readonly deleted: boolean }): RunSummary[]
    /** Those that cannot be read. */
    damaged(which?: { readonly deleted: boolean }): DamagedRow[]
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
    /** Null before the session has opened input and model. */
    plan(run: number): RunPlan | null
    /** The next `seq` of the run. Belongs in a transaction. */
    nextSeq(run: number): number
  }
  readonly checkpoints: {
    /** @throws PalmError `store-damaged` where one cannot be read */
    list(run: number): CheckpointInfo[]
    /** Those that can be read. */
    read(run: number): { readonly rows: CheckpointInfo[] }
    /** Belongs in a transaction. */
    remove(run: number, ids: readonly number[]): void
  }
  readonly branches: {
    /** Steps of this run that other runs come from. */
    pointsOf(run: number): number[]
    /** A new row with status `queued` and the parent's rows up to the step; gives its id. Belongs in a transaction. Throws `checkpoint-not-found`. */
    create(
      from: { readonly parent: number; readonly step: number; readonly domain: number },
      options: RunOptions,
      changes: readonly Omit<OptionChange, 'id'>[],
      createdAt: number,
    ): number
  }
  readonly steps: {
    /** Packs recorded steps for quicker reading, so many stretches at most. Belongs in a transaction. @returns whether there are more */
    pack(run: number, most: number): boolean
  }
  readonly cells: {
    /** Whether a sweep counts on the results of this run. */
    holds(run: number): boolean
  }
  readonly space: {
    /** Measures piece by piece, so that a large file keeps nobody waiting. */
    ofRun(run: number): Generator<void, SpaceOfRun>
    ofFile(): SpaceOfFile
    /** Gives some free pages back to the system. @returns pages that are still free */
    release(pages: number): number
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
