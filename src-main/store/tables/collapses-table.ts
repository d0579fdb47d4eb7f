// Where lanes collapsed.
import { collapseSchema, type Collapse } from '#contract/tables/report.ts'
import type { Connection } from '#store/open-database.ts'
import { parseRow } from '#store/rows.ts'

export class CollapsesTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  insert(run: number, { lane, step, kind, restored }: Collapse): void {
    this.db
      .prepare('INSERT INTO collapses (run, lane, step, kind, restored) VALUES (?, ?, ?, ?, ?)')
      .run(run, lane, step, kind, restored)
  }

  list(run: number): Collapse[] {
    return this.db
      .prepare('SELECT lane, step, kind, restored FROM collapses WHERE run = ? ORDER BY step, lane')
      .all(run)
      .map((row) => parseRow(collapseSchema, row, 'collapses'))
  }
}
