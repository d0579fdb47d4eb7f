// Puts cells into a lab's queue, many at a time.
import type { PgBoss } from 'pg-boss'
import type { QueuedCell } from '#contract/sweeps/lab.ts'
import type { LabResults } from './lab-results.ts'

const insertedAtOnce = 2000
/** Of those at the same time: a server has more than one core. */
const lanes = 3

interface Target {
  readonly boss: PgBoss
  readonly results: LabResults
  /** pg-boss's table. */
  readonly jobs: string
  readonly queue: string
}

/** Those that are there already, under way or done are not put in again. @returns how many were put in */
export async function putCells(
  target: Target,
  cells: readonly QueuedCell[],
  told: (cells: number) => void,
): Promise<number> {
  let added = 0
  let sent = 0
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < cells.length) {
      const part = cells.slice(next, (next += insertedAtOnce))
      added += await putSome(target, part)
      told((sent += part.length))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return added
}

async function putSome({ boss, results, jobs, queue }: Target, cells: readonly QueuedCell[]): Promise<number> {
  const done = new Set(await results.have(cells.map(({ key }) => key)))
  const wanted = cells.filter(({ key }) => !done.has(key))
  const ids = wanted.map(({ key }) => jobId(key))
  const db = boss.getDb()
  // Ended without a result: set aside, or its result was cleared away.
  await db.executeSql(`DELETE FROM ${jobs} WHERE name = $1 AND id = ANY($2::uuid[]) AND state > 'active'`, [queue, ids])
  await db.executeSql('DELETE FROM palm.failures WHERE key = ANY($1)', [wanted.map(({ key }) => key)])
  const made = await boss.insert(
    queue,
    wanted.map((data, i) => ({ id: ids[i] as string, data })),
    { returnId: true },
  )
  return made?.length ?? 0
}

/** A job is known by its cell, so that the same cell is never in the queue twice. */
export const jobId = (key: string): string =>
  `${key.slice(0, 8)}-${key.slice(8, 12)}-8${key.slice(13, 16)}-8${key.slice(17, 20)}-${key.slice(20, 32)}`
