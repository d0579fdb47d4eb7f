// How much of the database file what takes, and giving unused space back to the system. Sizes are lengths of values: without the file's own bookkeeping.
import { z } from 'zod'
import type { SpaceOfFile, SpaceOfRun } from '#contract/data/storage.ts'
import type { Connection } from './open-database.ts'
import { parseRow } from './rows.ts'

const sumSchema = z.object({ bytes: z.number().nullable(), rows: z.number().int() })
const mostSchema = z.object({ most: z.number().int().nullable() })
const laneSchema = z.object({ lane: z.string().nullable() })

/** Tables with a column of their own in the account; the others of a run are summed up. */
const known: readonly string[] = ['checkpoints', 'resume_states', 'steps', 'step_layers', 'step_stretches']

/** Tables that get as long as a run does: by which column they are read in pieces, within a lane where that comes first in their key. */
const long: Readonly<Record<string, { readonly by: 'step' | 'sample'; readonly rows: number; readonly lanes?: true }>> =
  {
    steps: { by: 'step', rows: 4000 },
    step_layers: { by: 'step', rows: 4000 },
    step_images: { by: 'step', rows: 16_000 },
    predictions: { by: 'step', rows: 16_000, lanes: true },
    run_images: { by: 'sample', rows: 50_000 },
  }

export class Space {
  private readonly db: Connection
  private tables: readonly (readonly [string, string])[] | null = null

  constructor(db: Connection) {
    this.db = db
  }

  /** Measured piece by piece: between two of them others may be let in. */
  *ofRun(run: number): Generator<void, SpaceOfRun> {
    const sums = new Map<string, { bytes: number; rows: number }>()
    for (const [table, length] of this.tablesOfRuns()) {
      const sum = { bytes: 0, rows: 0 }
      for (const [where, values] of this.pieces(run, table)) {
        const row = this.db
          .prepare(`SELECT sum(${length}) AS bytes, count(*) AS rows FROM "${table}" WHERE run = ? ${where}`)
          .get(run, ...values)
        const piece = parseRow(sumSchema, row, table)
        sum.bytes += piece.bytes ?? 0
        sum.rows += piece.rows
        yield
      }
      sums.set(table, sum)
    }
    const bytes = (...tables: readonly string[]) =>
      tables.reduce((sum, table) => sum + (sums.get(table)?.bytes ?? 0), 0)
    return {
      run,
      checkpoints: sums.get('checkpoints')?.rows ?? 0,
      checkpointBytes: bytes('checkpoints'),
      stateBytes: bytes('resume_states'),
      stepBytes: bytes('steps', 'step_layers', 'step_stretches'),
      otherBytes: bytes(...[...sums.keys()].filter((table) => !known.includes(table))),
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

  /** Conditions that together hold for every row of a run, each for few. */
  private pieces(run: number, table: string): [string, (string | number)[]][] {
    const way = long[table]
    if (!way) return [['', []]]
    const { by, rows } = way
    const lanes: [string, string[]][] = way.lanes
      ? this.lanesIn(run, table).map((lane) => ['AND lane = ?', [lane]])
      : [['', []]]
    return lanes.flatMap(([where, values]) => {
      const row = this.db
        .prepare(`SELECT max("${by}") AS most FROM "${table}" WHERE run = ? ${where}`)
        .get(run, ...values)
      const most = parseRow(mostSchema, row, table).most ?? -1
      return Array.from({ length: Math.ceil((most + 1) / rows) }, (_, i): [string, (string | number)[]] => [
        `${where} AND "${by}" >= ? AND "${by}" < ?`,
        [...values, i * rows, (i + 1) * rows],
      ])
    })
  }

  /** From one to the next by the key, not by looking at every row. */
  private lanesIn(run: number, table: string): string[] {
    const next = this.db.prepare(`SELECT min(lane) AS lane FROM "${table}" WHERE run = ? AND lane > ?`)
    const lanes: string[] = []
    for (;;) {
      const { lane } = parseRow(laneSchema, next.get(run, lanes.at(-1) ?? ''), table)
      if (lane === null) return lanes
      lanes.push(lane)
    }
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
