// What a lab's queue holds and which machines work on it, as it is shown.
import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import { wireErrorSchema } from '#contract/errors.ts'
import { mostAside, type LabState } from '#contract/sweeps/lab.ts'
import { triesOfCell } from './lab-results.ts'
import { jobId, countRow, rowsOf, type QueueDatabase } from './lab-tables.ts'

/** Beyond so many, waiting cells are as pg-boss counted them, some seconds ago: counting a million takes longer than a look may. */
const countedAtOnce = 50_000

/** Counts, machines and speed; `jobs`: pg-boss's table. */
export async function labState(boss: PgBoss, jobs: string): Promise<LabState> {
  const db = boss.getDb()
  const [queues, instances, active, working, devices, doneBy, recent, aside, asideCells] = await Promise.all([
    boss.getQueues(),
    boss.getInstances(),
    rowsOf(db, countRow, `SELECT count(*) AS n FROM ${jobs} WHERE state = 'active'`),
    rowsOf(db, z.object({ worker: z.string(), label: z.string() }), 'SELECT worker, label FROM palm.working'),
    rowsOf(db, z.object({ worker: z.string(), device: z.string() }), 'SELECT worker, device FROM palm.devices'),
    rowsOf(
      db,
      countRow.extend({ worker: z.string() }),
      'SELECT worker, count(*) AS n FROM palm.results GROUP BY worker',
    ),
    rowsOf(db, countRow, `SELECT count(*) AS n FROM palm.results WHERE at > now() - interval '10 minutes'`),
    rowsOf(
      db,
      countRow,
      `SELECT count(*) AS n FROM (SELECT key FROM palm.failures GROUP BY key HAVING count(*) >= ${triesOfCell}) AS f`,
    ),
    asideOf(db, jobs),
  ])
  const counted = queues.reduce((sum, { readyCount, deferredCount }) => sum + readyCount + deferredCount, 0)
  const [waits] =
    counted > countedAtOnce
      ? [{ n: counted }]
      : await rowsOf(db, countRow, `SELECT count(*) AS n FROM ${jobs} WHERE state < 'active'`)
  const waiting = waits?.n ?? 0
  const counts = new Map(doneBy.map(({ worker, n }) => [worker, n]))
  const done = doneBy.reduce((sum, { n }) => sum + n, 0)
  const first = Math.min(...instances.map(({ startedOn }) => startedOn.getTime()))
  const minutes = Math.min(10, Math.max(0.25, (Date.now() - first) / 60_000))
  const perMinute = (recent[0]?.n ?? 0) > 0 ? (recent[0]?.n ?? 0) / minutes : null
  return {
    waiting,
    active: active[0]?.n ?? 0,
    done,
    aside: aside[0]?.n ?? 0,
    asideCells,
    workers: instances
      .filter(({ live }) => live)
      .map(({ name, host, live, startedOn, heartbeatOn }) => ({
        name: name ?? host,
        host,
        device: devices.find(({ worker }) => worker === name)?.device ?? '',
        live,
        heardAt: heartbeatOn.getTime(),
        startedAt: startedOn.getTime(),
        cell: working.find(({ worker }) => worker === name)?.label ?? null,
        done: counts.get(name ?? '') ?? 0,
      })),
    perMinute,
    etaMs:
      perMinute === null || !instances.some(({ live }) => live)
        ? null
        : ((waiting + (active[0]?.n ?? 0)) / perMinute) * 60_000,
  }
}

const asideRow = z.object({
  key: z.string().regex(/^[0-9a-f]{64}$/),
  worker: z.string(),
  error: wireErrorSchema,
  at: z.date(),
})

/** The newest cells that were set aside, with their last errors. */
async function asideOf(db: QueueDatabase, jobs: string): Promise<LabState['asideCells']> {
  const failed = await rowsOf(
    db,
    asideRow,
    `SELECT f.key, f.worker, f.error, f.at FROM palm.failures AS f
     JOIN (SELECT max(id) AS id FROM palm.failures GROUP BY key HAVING count(*) >= ${triesOfCell}
           ORDER BY 1 DESC LIMIT ${mostAside}) AS last ON last.id = f.id ORDER BY f.id DESC`,
  )
  const labels = await rowsOf(
    db,
    z.object({ id: z.string(), label: z.string().nullable(), seed: z.string().nullable() }),
    `SELECT job.id, left(job.data->>'label', 200) AS label, left(spec->'run'->>'seed', 20) AS seed
     FROM ${jobs} AS job LEFT JOIN palm.streams AS stream ON stream.id = job.data->>'stream'
     WHERE job.id = ANY($1::uuid[])`,
    [failed.map(({ key }) => jobId(key))],
  )
  const byId = new Map(
    labels.map(({ id, label, seed }) => [id, seed === null ? label : `${label ?? ''}, seed ${seed}`]),
  )
  return failed.map(({ at, ...row }) => ({ ...row, label: byId.get(jobId(row.key)) ?? '', at: at.getTime() }))
}
