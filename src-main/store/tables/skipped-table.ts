// Files of a run that could not be read.
import { skippedFileSchema, type SkippedFile } from '#contract/tables/report.ts'
import type { Connection } from '#store/open-database.ts'
import { parseRow } from '#store/rows.ts'

export class SkippedTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  put(run: number, files: readonly SkippedFile[]): void {
    const insert = this.db.prepare('INSERT OR REPLACE INTO skipped_files (run, path, reason) VALUES (?, ?, ?)')
    for (const { path, reason } of files) insert.run(run, path, reason)
  }

  list(run: number): SkippedFile[] {
    return this.db
      .prepare('SELECT path, reason FROM skipped_files WHERE run = ? ORDER BY path')
      .all(run)
      .map((row) => parseRow(skippedFileSchema, row, 'skipped_files'))
  }
}
