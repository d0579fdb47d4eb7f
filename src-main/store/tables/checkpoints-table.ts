// Checkpoints (deltas against the model, kept per domain) and the one state per lane from which a run is resumed.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import { checkpointInfoSchema, type CheckpointInfo } from '#contract/tables/report.ts'
import type { Connection } from '#store/open-database.ts'
import { parseRow, readEach, type ReadRows } from '#store/rows.ts'

const info = 'id, lane, step, domain, length(delta) AS sizeBytes, created_at AS createdAt'
const bytes = z.instanceof(Uint8Array)

export class CheckpointsTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  insert(
    run: number,
    lane: string,
    step: number,
    domain: number,
    delta: Uint8Array,
    createdAt: number,
  ): CheckpointInfo {
    const { lastInsertRowid } = this.db
      .prepare('INSERT INTO checkpoints (run, lane, step, domain, created_at, delta) VALUES (?, ?, ?, ?, ?, ?)')
      .run(run, lane, step, domain, createdAt, delta)
    return { id: Number(lastInsertRowid), lane, step, domain, sizeBytes: delta.byteLength, createdAt }
  }

  /** @throws PalmError `store-damaged` where one of them cannot be read */
  list(run: number): CheckpointInfo[] {
    const { rows, damaged } = this.read(run)
    if (damaged[0]) throw damaged[0]
    return rows
  }

  /** Those that can be read. */
  read(run: number): ReadRows<CheckpointInfo, PalmError> {
    const rows = this.db.prepare(`SELECT ${info} FROM checkpoints WHERE run = ? ORDER BY step, lane`).all(run)
    return readEach(
      rows,
      (row) => parseRow(checkpointInfoSchema, row, 'checkpoints'),
      (_row, error) => error,
    )
  }

  /** @throws PalmError `checkpoint-not-found` */
  delta(run: number, id: number): { info: CheckpointInfo; delta: Uint8Array } {
    const row = this.db.prepare(`SELECT ${info}, delta FROM checkpoints WHERE run = ? AND id = ?`).get(run, id)
    if (row === undefined)
      throw new PalmError(
        'checkpoint-not-found',
        `Run ${run} has no checkpoint ${id}. \`palm show ${run}\` lists them.`,
      )
    return {
      info: parseRow(checkpointInfoSchema, row, 'checkpoints'),
      delta: parseRow(z.looseObject({ delta: bytes }), row, 'checkpoints').delta,
    }
  }

  remove(run: number, ids: readonly number[]): void {
    const remove = this.db.prepare('DELETE FROM checkpoints WHERE run = ? AND id = ?')
    for (const id of ids) remove.run(run, id)
  }

  putResumeState(run: number, lane: string, step: number, state: Uint8Array): void {
    this.db
      .prepare('INSERT OR REPLACE INTO resume_states (run, lane, step, state) VALUES (?, ?, ?, ?)')
      .run(run, lane, step, state)
  }

  resumeStates(run: number): { lane: string; step: number; state: Uint8Array }[] {
    const schema = z.object({ lane: z.string(), step: z.number().int(), state: bytes })
    return this.db
      .prepare('SELECT lane, step, state FROM resume_states WHERE run = ?')
      .all(run)
      .map((row) => parseRow(schema, row, 'resume_states'))
  }

  dropResumeStates(run: number): void {
    this.db.prepare('DELETE FROM resume_states WHERE run = ?').run(run)
  }
}
