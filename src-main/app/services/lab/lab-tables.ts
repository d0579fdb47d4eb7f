// The tables beside pg-boss's own: contents and streams that cells name by their hashes, results, failures, and files that travel with the queue.
import type { PgBoss } from 'pg-boss'
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'

/** Runs SQL on the queue's server, within a transaction or not. */
export type QueueDatabase = ReturnType<PgBoss['getDb']>

/** Raised when the tables change: another version of the program leaves the queue alone. */
const tablesVersion = 1

const create = `
BEGIN;
SELECT pg_advisory_xact_lock(7256011);
CREATE SCHEMA IF NOT EXISTS palm;
CREATE TABLE IF NOT EXISTS palm.meta (version integer PRIMARY KEY);
INSERT INTO palm.meta (version) SELECT ${tablesVersion} WHERE NOT EXISTS (SELECT 1 FROM palm.meta);
CREATE TABLE IF NOT EXISTS palm.queues (name text PRIMARY KEY, contents jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS palm.streams (id text PRIMARY KEY, spec jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS palm.results (
  key text PRIMARY KEY,
  seq bigserial UNIQUE,
  bytes bytea NOT NULL,
  worker text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS results_by_time ON palm.results (at);
ALTER TABLE palm.results ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS palm.failures (
  id bigserial PRIMARY KEY,
  key text NOT NULL,
  worker text NOT NULL,
  error jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS failures_by_key ON palm.failures (key);
CREATE TABLE IF NOT EXISTS palm.working (worker text PRIMARY KEY, label text NOT NULL, since timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS palm.devices (worker text PRIMARY KEY, device text NOT NULL);
CREATE TABLE IF NOT EXISTS palm.files (content text PRIMARY KEY, list jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS palm.blobs (hash text PRIMARY KEY, bytes bytea NOT NULL);
COMMIT;
`

/** A job is known by its cell, so that the same cell is never in the queue twice. */
export const jobId = (key: string): string =>
  `${key.slice(0, 8)}-${key.slice(8, 12)}-8${key.slice(13, 16)}-8${key.slice(17, 20)}-${key.slice(20, 32)}`

export const countRow = z.object({ n: z.coerce.number().int() })

/** Makes them where they are missing. @throws PalmError `bad-request` where another version made them */
export async function makeTables(db: QueueDatabase): Promise<void> {
  await db.executeSql(create)
  const [row] = await rowsOf(db, z.object({ version: z.number() }), 'SELECT max(version) AS version FROM palm.meta')
  if (row?.version !== tablesVersion)
    throw new PalmError(
      'bad-request',
      `The queue’s tables are of version ${row?.version ?? 'unknown'}, this program knows ${tablesVersion}. Use one version of PALM Studio for all machines.`,
    )
}

/** Rows, each parsed. @throws PalmError `bad-request` for a row that does not fit */
export async function rowsOf<T extends z.ZodType>(
  db: QueueDatabase,
  schema: T,
  sql: string,
  values: unknown[] = [],
): Promise<z.output<T>[]> {
  const answer = await db.executeSql(sql, values)
  const parsed = z.array(schema).safeParse(answer.rows)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new PalmError(
    'bad-request',
    'The queue holds something that this program does not understand. Was it filled by another version?',
    `${issue?.path.join('.')}: ${issue?.message}`,
  )
}
