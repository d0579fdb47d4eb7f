// Runs carried between database files: written into a file of their own (a shard of a sweep, what a worker sends), and taken from one. A file from elsewhere is not
// trusted: it is opened for reading, must have exactly this version's schema, pass SQLite's own check, and each run that is taken must read back.
import { renameSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { runPlanSchema } from '#contract/tables/report.ts'
import type { SweepDefinition } from '#contract/sweeps/sweep.ts'
import { openDatabase, storeError, type Connection } from './open-database.ts'
import { parseJson, parseRow } from './rows.ts'
import { CellsTable } from './tables/cells-table.ts'
import { RunsTable } from './tables/runs-table.ts'
import { StepsTable } from './tables/steps-table.ts'
import { SweepsTable, type RememberedPlan } from './tables/sweeps-table.ts'

/** Large, and of use only where a run is gone on with. */
const states: readonly string[] = ['checkpoints', 'resume_states']
/** What a copy gets anew, or where it would point into another file. */
const own: readonly string[] = ['id', 'run', 'parent_run', 'parent_step']

const nameSchema = z.object({ name: z.string() })
const schemaRow = z.object({ type: z.string(), name: z.string(), sql: z.string().nullable() })

/** A sweep as it is written into such a file, with what its inputs and models were. */
export interface CarriedSweep {
  readonly definition: SweepDefinition
  readonly createdAt: number
  readonly planned: RememberedPlan | null
}

/** A run with other words for its places than this machine's. */
export interface SentRun {
  readonly run: number
  readonly options: RunOptions
}

export class RunFiles {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  /** A new file with some runs, whole but for checkpoints and states, the cells that lie in them, and sweeps. A file of that name is replaced once the new one is whole. @throws PalmError `disk-full`, `input-unreadable` */
  write(file: string, runs: readonly (number | SentRun)[], sweeps: readonly CarriedSweep[]): void {
    const partial = `${file}.partial`
    let to: Connection | null = null
    try {
      rmSync(partial, { force: true })
      to = openDatabase(partial)
      const target = to
      const table = new SweepsTable(target)
      target
        .transaction(() => {
          for (const run of runs)
            if (typeof run === 'number') this.copyWithCells(target, run, null)
            else this.copyWithCells(target, run.run, run.options)
          for (const { definition, createdAt, planned } of sweeps) {
            table.put(definition, createdAt)
            if (planned) table.remember(definition, planned)
          }
        })
        .immediate()
      // One file, without companions, that can be sent.
      target.pragma('journal_mode = DELETE')
      target.close()
      to = null
      renameSync(partial, file)
    } catch (thrown) {
      throw storeError(thrown, file)
    } finally {
      to?.close()
      rmSync(partial, { force: true })
    }
  }

  /** A file that another program or machine wrote; whoever opens it closes it. @throws PalmError `input-unreadable`, `store-damaged` */
  open(file: string): RunPart {
    let db: Connection | null = null
    try {
      db = new Database(file, { readonly: true, fileMustExist: true })
      db.pragma('trusted_schema = OFF')
      db.pragma('cell_size_check = ON')
      refuseOther(db, this.db, file)
      return new RunPart(db, this.db)
    } catch (thrown) {
      db?.close()
      throw storeError(thrown, file)
    }
  }

  private copyWithCells(target: Connection, run: number, options: RunOptions | null): void {
    const copy = copyRun(this.db, target, run, options)
    const put = target.prepare('INSERT INTO cells (key, run, lane) VALUES (?, ?, ?)')
    for (const { key, lane } of new CellsTable(this.db).ofRun(run)) put.run(key, copy, lane)
  }
}

const fail = (error: PalmError): never => {
  throw error
}

/** Another program's file, opened for reading. */
export class RunPart {
  readonly runs: RunsTable
  readonly steps: StepsTable
  readonly cells: CellsTable
  readonly sweeps: SweepsTable
  private readonly db: Connection
  private readonly ours: Connection

  constructor(db: Connection, ours: Connection) {
    this.db = db
    this.ours = ours
    this.runs = new RunsTable(db)
    this.steps = new StepsTable(db)
    this.cells = new CellsTable(db)
    this.sweeps = new SweepsTable(db)
  }

  /** Takes a run into our file, where `options` names the same inputs and models in their places here, and reads it back. Belongs in a transaction of ours. @returns its number there. @throws PalmError `run-not-found`, `store-damaged` */
  take(run: number, options: RunOptions | null = null): number {
    const copy = copyRun(this.db, this.ours, run, options)
    const runs = new RunsTable(this.ours)
    const steps = new StepsTable(this.ours)
    runs.get(copy)
    runs.plan(copy)
    runs.progress(copy)
    steps.columns(copy, fail)
    steps.domains(copy)
    return copy
  }

  close(): void {
    this.db.close()
  }
}

function refuseOther(db: Connection, ours: Connection, file: string): void {
  const version = z.number().parse(db.pragma('user_version', { simple: true }))
  const known = z.number().parse(ours.pragma('user_version', { simple: true }))
  if (version !== known)
    throw new PalmError(
      'store-damaged',
      version > known
        ? `${file} was written by a newer version of PALM Studio. Use that version.`
        : `${file} was written by an older version of PALM Studio, or is not its file. Compute it with this version.`,
    )
  if (schemaOf(db) !== schemaOf(ours))
    throw new PalmError('store-damaged', `${file} is a database, but not one of PALM Studio’s. It was not read.`)
  const found = z.array(z.record(z.string(), z.unknown())).parse(db.pragma('quick_check(1)'))
  if (Object.values(found[0] ?? {})[0] !== 'ok')
    throw new PalmError('store-damaged', `${file} is damaged. Copy it anew, or compute it anew.`)
}

/** All rows of a run but checkpoints and states; `options` as they are to be written. @returns its number there */
function copyRun(from: Connection, to: Connection, run: number, options: RunOptions | null): number {
  const columns = columnsOf(to, 'runs').filter((name) => !own.includes(name))
  const row = z
    .array(z.unknown())
    .optional()
    .parse(
      from
        .prepare(`SELECT ${columns.map(quoted).join(', ')} FROM runs WHERE id = ?`)
        .raw()
        .get(run),
    )
  if (row === undefined) throw new PalmError('run-not-found', `There is no run ${run} in that file.`)
  const copy = Number(
    insertInto(to, 'runs', columns).run(options ? elsewhere(columns, row, options) : row).lastInsertRowid,
  )
  for (const table of tablesOfRuns(to)) {
    if (states.includes(table) || table === 'cells') continue
    const names = columnsOf(to, table).filter((name) => !own.includes(name))
    const insert = insertInto(to, table, ['run', ...names])
    const rows = from
      .prepare(`SELECT ${names.map(quoted).join(', ')} FROM ${quoted(table)} WHERE run = ?`)
      .raw()
      .iterate(run)
    for (const values of rows) insert.run([copy, ...z.array(z.unknown()).parse(values)])
  }
  return copy
}

/** The columns of a run whose files lie elsewhere. Changed before they are written: what is overwritten in a database file can still be read in it. */
function elsewhere(columns: readonly string[], row: readonly unknown[], options: RunOptions): unknown[] {
  const path = options.model.kind === 'file' ? options.model.path : null
  const changed: Readonly<Record<string, (value: unknown) => unknown>> = {
    name: () => options.name,
    options: () => JSON.stringify(options),
    plan(text) {
      if (text === null) return null
      const plan = parseJson(runPlanSchema, text, 'plan of a run')
      return JSON.stringify({ ...plan, model: { ...plan.model, path } })
    },
  }
  return row.map((value, i) => changed[columns[i] ?? '']?.(value) ?? value)
}

const quoted = (name: string): string => `"${name}"`

const insertInto = (db: Connection, table: string, columns: readonly string[]) =>
  db.prepare(
    `INSERT INTO ${quoted(table)} (${columns.map(quoted).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  )

const namesIn = (db: Connection, sql: string, ...values: unknown[]): string[] =>
  db
    .prepare(sql)
    .all(...values)
    .map((row) => parseRow(nameSchema, row, 'schema').name)

const columnsOf = (db: Connection, table: string): string[] =>
  namesIn(db, 'SELECT name FROM pragma_table_info(?)', table)

const tablesOfRuns = (db: Connection): string[] =>
  namesIn(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").filter(
    (table) => columnsOf(db, table).includes('run'),
  )

const schemaOf = (db: Connection): string =>
  JSON.stringify(
    db
      .prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name")
      .all()
      .map((row) => parseRow(schemaRow, row, 'schema')),
  )
