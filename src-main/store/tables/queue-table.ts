// The runs that are lined up, in their order.
import { z } from 'zod'
import { PalmError, wireErrorSchema, type WireError } from '#contract/errors.ts'
import { queuedWorkSchema, queueEstimateSchema, type QueuedWork, type QueueEstimate } from '#contract/runs/queue.ts'
import type { Connection } from '#store/open-database.ts'
import type { DamagedRow } from '#contract/data/damage.ts'
import { damagedRowOf, parseJson, parseRow, readEach, type ReadRows } from '#store/rows.ts'

const rowSchema = z.object({
  id: z.number().int(),
  work: z.string(),
  estimate: z.string().nullable(),
  added_at: z.number(),
  held: z.number(),
  problem: z.string().nullable(),
})
const columns = 'id, work, estimate, added_at, held, problem'

export interface QueueRow {
  readonly id: number
  readonly work: QueuedWork
  readonly estimate: QueueEstimate | null
  readonly addedAt: number
  readonly held: boolean
  readonly problem: WireError | null
}

export class QueueTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  /** Next first, without those that were taken out; those that can be read. */
  list(): QueueRow[] {
    return this.read().rows
  }

  damaged(): DamagedRow[] {
    return this.read().damaged
  }

  private read(): ReadRows<QueueRow, DamagedRow> {
    const rows = this.db.prepare(`SELECT ${columns} FROM queue WHERE removed_at IS NULL ORDER BY place, id`).all()
    return readEach(rows, (row) => rowOf(parseRow(rowSchema, row, 'queue')), damagedRowOf('queue'))
  }

  /** @returns its number */
  add(work: QueuedWork, estimate: QueueEstimate | null, addedAt: number, first: boolean): number {
    const place = first
      ? '(SELECT coalesce(min(place), 0) - 1 FROM queue)'
      : '(SELECT coalesce(max(place), 0) + 1 FROM queue)'
    const { lastInsertRowid } = this.db
      .prepare(`INSERT INTO queue (place, work, estimate, added_at) VALUES (${place}, ?, ?, ?)`)
      .run(JSON.stringify(work), estimate && JSON.stringify(estimate), addedAt)
    return Number(lastInsertRowid)
  }

  /** In this order; those that are not named keep their places behind. Belongs in a transaction. */
  arrange(ids: readonly number[]): void {
    const others = this.db
      .prepare('SELECT id FROM queue WHERE removed_at IS NULL ORDER BY place, id')
      .all()
      .map((row) => parseRow(z.object({ id: z.number().int() }), row, 'queue').id)
      .filter((id) => !ids.includes(id))
    const set = this.db.prepare('UPDATE queue SET place = ? WHERE id = ?')
    for (const [place, id] of [...ids, ...others].entries()) set.run(place, id)
  }

  hold(id: number, held: boolean): void {
    this.changed(
      id,
      this.db
        .prepare('UPDATE queue SET held = ?, problem = NULL WHERE id = ? AND removed_at IS NULL')
        .run(held ? 1 : 0, id),
    )
  }

  setProblem(id: number, problem: WireError): void {
    this.db.prepare('UPDATE queue SET problem = ? WHERE id = ?').run(JSON.stringify(problem), id)
  }

  remove(id: number, at: number): void {
    this.changed(id, this.db.prepare('UPDATE queue SET removed_at = ? WHERE id = ? AND removed_at IS NULL').run(at, id))
  }

  /** Where it was. */
  restore(id: number): void {
    this.changed(id, this.db.prepare('UPDATE queue SET removed_at = NULL WHERE id = ?').run(id))
  }

  /** Takes it out because its turn has come. @returns whether it was still there: another program may have been first */
  take(id: number): boolean {
    return this.db.prepare('DELETE FROM queue WHERE id = ? AND removed_at IS NULL').run(id).changes === 1
  }

  /** Forgets what was taken out. */
  purge(): void {
    this.db.prepare('DELETE FROM queue WHERE removed_at IS NOT NULL').run()
  }

  private changed(id: number, { changes }: { readonly changes: number }): void {
    if (changes === 0)
      throw new PalmError('bad-request', `Number ${id} is not in the queue any more: it has begun or was removed.`)
  }
}

function rowOf({ id, work, estimate, added_at: addedAt, held, problem }: z.output<typeof rowSchema>): QueueRow {
  const what = `place ${id} of the queue`
  return {
    id,
    work: parseJson(queuedWorkSchema, work, what),
    estimate: estimate === null ? null : parseJson(queueEstimateSchema, estimate, what),
    addedAt,
    held: held !== 0,
    problem: problem === null ? null : parseJson(wireErrorSchema, problem, what),
  }
}
