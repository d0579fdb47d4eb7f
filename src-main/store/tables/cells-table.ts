// Which lane of which run holds a cell: the same settings on the same data have the same key, and are computed once.
import { z } from 'zod'
import type { Connection } from '#store/open-database.ts'
import { parseRow } from '#store/rows.ts'

const rowSchema = z.object({ key: z.string(), run: z.number().int(), lane: z.string() })
export type CellPlace = z.output<typeof rowSchema>

export class CellsTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  put(key: string, run: number, lane: string): void {
    this.db.prepare('INSERT OR REPLACE INTO cells (key, run, lane) VALUES (?, ?, ?)').run(key, run, lane)
  }

  /** Whether any cell lies in this run. */
  holds(run: number): boolean {
    return this.db.prepare('SELECT 1 FROM cells WHERE run = ? LIMIT 1').get(run) !== undefined
  }

  ofRun(run: number): CellPlace[] {
    return this.db
      .prepare('SELECT key, run, lane FROM cells WHERE run = ? ORDER BY key')
      .all(run)
      .map((row) => parseRow(rowSchema, row, 'cells'))
  }

  get(key: string): CellPlace | null {
    const row = this.db.prepare('SELECT key, run, lane FROM cells WHERE key = ?').get(key)
    return row === undefined ? null : parseRow(rowSchema, row, 'cells')
  }
}
