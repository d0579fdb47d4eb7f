// What a lab's queue holds and which machines work on it, as it is shown.
import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import type { LabState } from '#contract/sweeps/lab.ts'
import { triesOfCell } from './lab-results.ts'
import { countRow, rowsOf } from './lab-tables.ts'

/** Counts, machines and speed; `jobs`: pg-boss's table. Counts of waiting cells are pg-boss's own, some seconds old. */
export async function labState(boss: PgBoss, jobs: string): Promise<LabState> {
  const db = boss.getDb()
  const [queues, instances, active, working, doneBy, recent, aside] = await Promise.all([
    boss.getQueues(),
    boss.getInstances(),
    rowsOf(db, countRow, `SELECT count(*) AS n FROM ${jobs} WHERE state = 'active'`),
    rowsOf(db, z.object({ worker: z.string(), label: z.string() }), 'SELECT worker, label FROM palm.working'),
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
  ])
  const waiting = queues.reduce((sum, { readyCount, deferredCount }) => sum + readyCount + deferredCount, 0)
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
    workers: instances
      .filter(({ live }) => live)
      .map(({ name, host, live, startedOn }) => ({
        name: name ?? host,
        host,
        live,
        startedAt: startedOn.getTime(),
        cell: working.find(({ worker }) => worker === name)?.label ?? null,
        done: counts.get(name ?? '') ?? 0,
      })),
    perMinute,
    etaMs: perMinute === null ? null : ((waiting + (active[0]?.n ?? 0)) / perMinute) * 60_000,
  }
}
