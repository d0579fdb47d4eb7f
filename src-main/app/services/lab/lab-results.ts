// What came out of a lab's cells: results, each written once, and failures.
import { z } from 'zod'
import { wireErrorSchema, type WireError } from '#contract/errors.ts'
import { countRow, jobId, rowsOf, type QueueDatabase } from './lab-tables.ts'

/** A cell that failed so often by itself is set aside. */
export const triesOfCell = 3

/** Why a job ended whose row could not be parsed. */
export const unreadableJob = 'unreadable'
const changedRow: WireError = {
  code: 'bad-request',
  message:
    'What the queue holds of this cell was changed by somebody and cannot be read. Take the sweep out of the lab and put it in again.',
}

const keyRow = z.object({ key: z.string() })
const seqRow = z.object({ seq: z.coerce.number().int(), key: z.string() })

export class LabResults {
  private readonly db: QueueDatabase
  private readonly jobs: string

  /** `jobs`: the queue’s own table. */
  constructor(db: QueueDatabase, jobs: string) {
    this.db = db
    this.jobs = jobs
  }

  /** Results that came after `seq`, oldest first; some may come late, so ask from a little before. */
  after(seq: number, limit: number): Promise<{ readonly seq: number; readonly key: string }[]> {
    return rowsOf(this.db, seqRow, 'SELECT seq, key FROM palm.results WHERE seq > $1 ORDER BY seq LIMIT $2', [
      seq,
      limit,
    ])
  }

  /** The number of the newest one; 0 = there is none. */
  async last(): Promise<number> {
    const [row] = await rowsOf(this.db, countRow, 'SELECT coalesce(max(seq), 0) AS n FROM palm.results')
    return row?.n ?? 0
  }

  /** Which of these are there. */
  async have(keys: readonly string[]): Promise<string[]> {
    return (await rowsOf(this.db, keyRow, 'SELECT key FROM palm.results WHERE key = ANY($1)', [keys])).map(
      ({ key }) => key,
    )
  }

  /** A file of runs (store/run-files.ts), as it was sent; null where there is none. Not trusted. */
  async one(key: string): Promise<{ readonly bytes: Uint8Array; readonly worker: string } | null> {
    const [row] = await rowsOf(
      this.db,
      z.object({ bytes: z.instanceof(Uint8Array), worker: z.string() }),
      'SELECT bytes, worker FROM palm.results WHERE key = $1',
      [key],
    )
    return row ?? null
  }

  /** Of these, the cells that were set aside, with their last error. */
  async aside(keys: readonly string[]): Promise<ReadonlyMap<string, WireError>> {
    const rows = await rowsOf(
      this.db,
      z.object({ key: z.string(), error: wireErrorSchema, n: z.coerce.number() }),
      `SELECT key, (array_agg(error ORDER BY id DESC))[1] AS error, count(*) AS n FROM palm.failures WHERE key = ANY($1) GROUP BY key`,
      [keys],
    )
    const unreadable = new Set(
      (
        await rowsOf(
          this.db,
          z.object({ id: z.string() }),
          `SELECT id::text AS id FROM ${this.jobs} WHERE id = ANY($1::uuid[]) AND state = 'completed' AND output->>'reason' = '${unreadableJob}'`,
          [keys.map(jobId)],
        )
      ).map(({ id }) => id),
    )
    return new Map([
      ...keys.flatMap((key) => (unreadable.has(jobId(key)) ? [[key, changedRow] as const] : [])),
      ...rows.flatMap(({ key, error, n }) => (n >= triesOfCell ? [[key, error] as const] : [])),
    ])
  }
}
