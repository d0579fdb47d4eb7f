// Files of a run that could not be read.
import { skippedFileSchema, type SkippedFile } from '#contract/tables/report.ts'
import type { PalmError } from '#contract/errors.ts'
import type { Connection } from '#store/open-database.ts'
import { parseRow, readEach, type ReadRows } from '#store/rows.ts'

export class SkippedTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  put(run: number, files: readonly SkippedFile[]): void {
    const insert = this.db.prepare('INSERT OR REPLACE INTO skipped_files (run, path, reason) VALUES (?, ?, ?)')
    for (const { path, reason } of files) insert.run(run, path, reason)
  }

  /** Those that can be read. */
  read(run: number): ReadRows<SkippedFile, PalmError> {
    const rows = this.db.prepare('SELECT path, reason FROM skipped_files WHERE run = ? ORDER BY path').all(run)
    return readEach(
      rows,
      (row) => parseRow(skippedFileSchema, row, 'skipped_files'),
      (_row, error) => error,
    )
  }

  list(run: number): SkippedFile[] {
    return this.read(run).rows
  }
}
