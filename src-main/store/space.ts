// How much of the database file what takes, and giving unused space back to the system. Sizes are lengths of values: without the file's own bookkeeping.
import { z } from 'zod'
import type { SpaceOfFile, SpaceOfRun } from '#contract/data/storage.ts'
import type { Connection } from './open-database.ts'
import { parseRow } from './rows.ts'

const sumSchema = z.object({ bytes: z.number().nullable(), rows: z.number().int() })

/** Tables with a column of their own in the account; the others of a run are summed up. */
const known: readonly string[] = ['checkpoints', 'resume_states', 'steps']

export class Space {
  private readonly db: Connection
  private tables: readonly (readonly [string, string])[] | null = null

  constructor(db: Connection) {
    this.db = db
  }

  ofRun(run: number): SpaceOfRun {
    const of = (table: string, length: string) =>
      parseRow(
        sumSchema,
        this.db.prepare(`SELECT sum(${length}) AS bytes, count(*) AS rows FROM "${table}" WHERE run = ?`).get(run),
        table,
      )
    const sums = new Map(this.tablesOfRuns().map(([table, length]) => [table, of(table, length)]))
    const bytes = (table: string) => sums.get(table)?.bytes ?? 0
    return {
      run,
      checkpoints: sums.get('checkpoints')?.rows ?? 0,
      checkpointBytes: bytes('checkpoints'),
      stateBytes: bytes('resume_states'),
      stepBytes: bytes('steps'),
      otherBytes: [...sums.keys()].reduce((sum, table) => sum + (known.includes(table) ? 0 : bytes(table)), 0),
    }
  }

  ofFile(): SpaceOfFile {
    const pageBytes = this.pragma('page_size')
    return {
      fileBytes: this.pragma('page_count') * pageBytes,
      freeBytes: this.pragma('freelist_count') * pageBytes,
      releasable: this.pragma('auto_vacuum') === 2,
    }
  }

  /** @returns pages that are still free */
  release(pages: number): number {
    if (this.pragma('freelist_count') === 0) {
      this.db.pragma('wal_checkpoint(TRUNCATE)')
      return 0
    }
    this.db.pragma(`incremental_vacuum(${Math.max(1, Math.floor(pages))})`)
    const left = this.pragma('freelist_count')
    if (left === 0) this.db.pragma('wal_checkpoint(TRUNCATE)')
    return left
  }

  /** Writes the file anew, without free pages, and so that later ones can be given back one by one. Takes long where the file is large, and its size again on the disk meanwhile. */
  rewrite(): void {
    this.db.pragma('auto_vacuum = INCREMENTAL')
    this.db.exec('VACUUM')
    this.db.pragma('wal_checkpoint(TRUNCATE)')
  }

  private pragma(name: string): number {
    return z
      .number()
      .int()
      .nonnegative()
      .parse(this.db.pragma(name, { simple: true }))
  }

  /** Tables whose rows belong to a run, each with the length of a row's values. */
  private tablesOfRuns(): readonly (readonly [string, string])[] {
    const names = z.array(z.object({ name: z.string() }))
    this.tables ??= names
      .parse(this.db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all())
      .flatMap(({ name }) => {
        const columns = names
          .parse(this.db.prepare('SELECT name FROM pragma_table_info(?)').all(name))
          .map((column) => column.name)
        return columns.includes('run')
          ? [[name, columns.map((column) => `coalesce(length("${column}"), 0)`).join(' + ')] as const]
          : []
      })
    return this.tables
  }
}
