// Damaged rows of the lists: found, read as far as they can be, removed. Rows that fit are not touched here.
import { z } from 'zod'
import type { DamagedKey, DamagedRow } from '#contract/data/damage.ts'
import { PalmError } from '#contract/errors.ts'
import type { Connection } from './open-database.ts'

/** What says which of its rows are damaged. */
interface Checked {
  damaged(): DamagedRow[]
}
type CheckedTables = Readonly<Record<DamagedKey['table'], Checked>>

/** Small tables of a run that a reader may want beside its row, without what is only bytes. */
const partsOfRuns: Readonly<Record<string, string>> = {
  domains: 'SELECT * FROM domain_metrics WHERE run = ? ORDER BY domain, lane',
  options: 'SELECT * FROM option_changes WHERE run = ? ORDER BY step, id',
  collapses: 'SELECT * FROM collapses WHERE run = ? ORDER BY step, lane',
  skipped: 'SELECT * FROM skipped_files WHERE run = ? ORDER BY path',
  checkpoints:
    'SELECT id, lane, step, domain, created_at, length(delta) AS bytes FROM checkpoints WHERE run = ? ORDER BY step, lane',
  steps: `SELECT lane, step, domain, images, labelled, correct, losses, kept, adapted_share, mean_confidence, mean_entropy, agreement, estimate
    FROM steps WHERE run = ? ORDER BY step, lane`,
}
const rowsSchema = z.array(z.record(z.string(), z.unknown()))

export class Damage {
  private readonly db: Connection
  private readonly tables: CheckedTables

  constructor(db: Connection, tables: CheckedTables) {
    this.db = db
    this.tables = tables
  }

  /** Of all lists. */
  list(): DamagedRow[] {
    const { runs, models, sweeps, queue, settings } = this.tables
    return [runs, models, sweeps, queue, settings].flatMap((table) => table.damaged())
  }

  /** What is in the file, as JSON: a person can read it. @throws PalmError `bad-request` where the row is not damaged */
  read(which: DamagedKey): string {
    const found = this.find(which)
    const { table, key } = which
    const rows = rowsSchema.parse(this.statement(table, 'SELECT *').all(key))
    const parts =
      table === 'runs'
        ? Object.entries(partsOfRuns).map(([name, sql]) => [name, rowsSchema.parse(this.db.prepare(sql).all(key))])
        : []
    const plain = (_name: string, value: unknown) =>
      value instanceof Uint8Array ||
      (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer')
        ? 'bytes'
        : value
    return `${JSON.stringify({ table, key, damaged: [found.message, found.detail], row: rows[0] ?? null, ...Object.fromEntries(parts) }, plain, 1)}\n`
  }

  /** For good, with all that belongs to it. Belongs in a transaction. @throws PalmError `bad-request` where the row is not damaged */
  remove(which: DamagedKey): void {
    this.find(which)
    this.statement(which.table, 'DELETE').run(which.key)
  }

  private find({ table, key }: DamagedKey): DamagedRow {
    const found = this.tables[table].damaged().find((row) => row.key === key)
    if (found) return found
    throw new PalmError('bad-request', 'This row is not damaged, or not there any more: look at the list again.')
  }

  private statement(table: DamagedKey['table'], what: 'SELECT *' | 'DELETE') {
    return this.db.prepare(`${what} FROM ${table} WHERE ${table === 'settings' ? 'key' : 'id'} = ?`)
  }
}
