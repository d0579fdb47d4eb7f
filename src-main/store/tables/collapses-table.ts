// Where lanes collapsed.
import { collapseSchema, type Collapse } from '#contract/tables/report.ts'
import type { PalmError } from '#contract/errors.ts'
import type { Connection } from '#store/open-database.ts'
import { parseRow, readEach, type ReadRows } from '#store/rows.ts'

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

  /** Those that can be read. */
  read(run: number): ReadRows<Collapse, PalmError> {
    const rows = this.db
      .prepare('SELECT lane, step, kind, restored FROM collapses WHERE run = ? ORDER BY step, lane')
      .all(run)
    return readEach(
      rows,
      (row) => parseRow(collapseSchema, row, 'collapses'),
      (_row, error) => error,
    )
  }

  list(run: number): Collapse[] {
    return this.read(run).rows
  }
}
