// Puts cells into a lab's queue, many at a time.
import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import { queuedCellSchema, type QueuedCell } from '#contract/sweeps/lab.ts'
import type { LabResults } from './lab-results.ts'
import { countRow, jobId, rowsOf, type QueueDatabase } from './lab-tables.ts'

/** Workers that wait are woken by it. */
export const cellsChannel = 'palm_cells'

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
  const left = await leftovers(target)
  const lane = async (): Promise<void> => {
    while (next < cells.length) {
      const part = cells.slice(next, (next += insertedAtOnce))
      added += await putSome(target, part, left)
      told((sent += part.length))
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return added
}

/** Of what was there before: a new queue has nothing to be looked through. */
interface Leftovers {
  readonly results: boolean
  readonly ended: boolean
  readonly failures: boolean
}

async function leftovers({ boss, jobs, queue }: Target): Promise<Leftovers> {
  const [row] = await rowsOf(
    boss.getDb(),
    z.object({ results: z.boolean(), ended: z.boolean(), failures: z.boolean() }),
    `SELECT EXISTS (SELECT 1 FROM palm.results) AS results, EXISTS (SELECT 1 FROM palm.failures) AS failures,
            EXISTS (SELECT 1 FROM ${jobs} WHERE name = $1 AND state > 'active') AS ended`,
    [queue],
  )
  return row ?? { results: true, ended: true, failures: true }
}

async function putSome(
  { boss, results, jobs, queue }: Target,
  cells: readonly QueuedCell[],
  left: Leftovers,
): Promise<number> {
  const done = new Set(left.results ? await results.have(cells.map(({ key }) => key)) : [])
  const wanted = done.size === 0 ? cells : cells.filter(({ key }) => !done.has(key))
  const ids = wanted.map(({ key }) => jobId(key))
  const db = boss.getDb()
  // Ended without a result: set aside, or its result was cleared away.
  if (left.ended)
    await db.executeSql(`DELETE FROM ${jobs} WHERE name = $1 AND id = ANY($2::uuid[]) AND state > 'active'`, [
      queue,
      ids,
    ])
  if (left.failures)
    await db.executeSql('DELETE FROM palm.failures WHERE key = ANY($1)', [wanted.map(({ key }) => key)])
  const made = await boss.insert(
    queue,
    wanted.map((data, i) => ({ id: ids[i] as string, data })),
    { returnId: true },
  )
  if ((made?.length ?? 0) > 0) await db.executeSql('SELECT pg_notify($1, $2)', [cellsChannel, queue])
  return made?.length ?? 0
}

/** Waiting cells go; what was set aside is forgotten. @returns how many waited */
export async function takeOutCells(db: QueueDatabase, jobs: string, keys: readonly string[]): Promise<number> {
  let taken = 0
  for (let at = 0; at < keys.length; at += insertedAtOnce) {
    const part = keys.slice(at, at + insertedAtOnce)
    const [row] = await rowsOf(
      db,
      countRow,
      `WITH gone AS (DELETE FROM ${jobs} WHERE id = ANY($1::uuid[]) AND state < 'active' RETURNING 1)
       SELECT count(*) AS n FROM gone`,
      [part.map(jobId)],
    )
    taken += row?.n ?? 0
    await db.executeSql('DELETE FROM palm.failures WHERE key = ANY($1)', [part])
  }
  return taken
}

/** A cell that was set aside waits again. @throws PalmError `bad-request` where it is not there any more */
export async function putAgain(boss: PgBoss, results: LabResults, jobs: string, key: string): Promise<void> {
  const [row] = await rowsOf(
    boss.getDb(),
    z.object({ name: z.string(), data: z.unknown() }),
    `SELECT name, data FROM ${jobs} WHERE id = $1::uuid AND state > 'active'`,
    [jobId(key)],
  )
  const cell = queuedCellSchema.safeParse(row?.data)
  if (!row || !cell.success || cell.data.key !== key)
    throw new PalmError('bad-request', 'The queue does not hold that cell any more: put its sweep in again.')
  await putSome({ boss, results, jobs, queue: row.name }, [cell.data], { results: true, ended: true, failures: true })
}
