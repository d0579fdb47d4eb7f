// A run made from another one at a checkpoint: a copy of what the other had recorded up to there, so that its curves and tables show the whole history
// and it stands by itself when the other is deleted. Rows of steps are many: its session copies them bit by bit before it begins (`inheritSome`).
// Checkpoints are copied at that step only: they are large, and the earlier ones are the parent's.
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import type { OptionChange } from '#contract/runs/option-change.ts'
import type { Progress } from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { Connection } from './open-database.ts'
import { parseRow } from './rows.ts'

export interface BranchPoint {
  readonly parent: number
  /** The last step of the parent that the new run has too. */
  readonly step: number
  readonly domain: number
}

/** Tables that a branch does not inherit row by row. */
const apart: readonly string[] = ['runs', 'checkpoints', 'resume_states', 'cells', 'step_stretches']
/** Tables with a step in each row, but few of them. */
const few: readonly string[] = ['option_changes', 'collapses']
/** Steps in one transaction, so that other writers wait for a moment only. */
const stepsAtOnce = 250

const originSchema = z.object({ parent: z.number().int().nullable(), step: z.number().int().nullable() })
const isLarge = (table: string, columns: readonly string[]): boolean =>
  columns.includes('step') && ![...apart, ...few].includes(table)

export class Branches {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  /** Numbers of the steps of this run that other runs come from, or will: those that are lined up count. */
  pointsOf(run: number): number[] {
    return this.db
      .prepare(
        `SELECT parent_step AS step FROM runs WHERE parent_run = ? AND parent_step IS NOT NULL UNION
         SELECT json_extract(work, '$.step') FROM queue WHERE CASE WHEN json_valid(work)
         THEN json_extract(work, '$.kind') = 'branch' AND json_extract(work, '$.run') = ? END`,
      )
      .all(run, run)
      .map((row) => parseRow(z.object({ step: z.number().int() }), row, 'runs').step)
  }

  /** All but the rows of steps. Belongs in a transaction. @returns the new run's number. @throws PalmError `checkpoint-not-found` */
  create(
    { parent, step, domain }: BranchPoint,
    options: RunOptions,
    changes: readonly Omit<OptionChange, 'id'>[],
    createdAt: number,
  ): number {
    const { db } = this
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO runs (name, status, options, plan, created_at, step, total_steps, parent_run, parent_step)
         SELECT ?, 'queued', ?, plan, ?, ? + 1, total_steps, id, ? FROM runs WHERE id = ?`,
      )
      .run(options.name, JSON.stringify(options), createdAt, step, step, parent)
    const run = Number(lastInsertRowid)
    for (const [table, columns] of this.tablesOfRuns()) {
      if (apart.includes(table) || isLarge(table, columns)) continue
      const upTo = columns.includes('step')
        ? 'AND step <= @step'
        : columns.includes('domain')
          ? 'AND domain <= @domain'
          : ''
      this.copy(table, columns, upTo, { run, parent, step, domain })
    }
    const checkpoints = this.columnsOf('checkpoints')
    // The guard may go back further than the last one.
    this.copy('checkpoints', checkpoints, options.guard ? 'AND step <= @step' : 'AND step = @step', {
      run,
      parent,
      step,
      domain,
    })
    const states = db
      .prepare(
        'INSERT INTO resume_states (run, lane, step, state) SELECT ?, lane, step, delta FROM checkpoints WHERE run = ? AND step = ?',
      )
      .run(run, run, step)
    if (states.changes === 0)
      throw new PalmError('checkpoint-not-found', `Run ${parent} has no checkpoint after step ${step}.`)
    const { images, totalSteps } = parseRow(
      z.object({ images: z.number().nullable(), totalSteps: z.number().int() }),
      db
        .prepare(
          'SELECT (SELECT max(seen) FROM steps WHERE run = @parent AND step = @step) AS images, total_steps AS totalSteps FROM runs WHERE id = @run',
        )
        .get({ run, parent, step }),
      'runs',
    )
    const progress: Progress = {
      step: step + 1,
      totalSteps,
      images: images ?? 0,
      imagesPerSecond: 0,
      etaMs: null,
      waitShare: 0,
    }
    db.prepare('UPDATE runs SET progress = ? WHERE id = ?').run(JSON.stringify(progress), run)
    for (const { lane, option, from, to, step: first, at } of changes)
      db.prepare(
        'INSERT INTO option_changes (run, lane, option, old_value, new_value, step, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ).run(run, lane, option, from, to, first, at)
    return run
  }

  /** Copies some of the parent's rows of steps, the latest first, from where it was left. @returns whether there are more; false for a run without a parent */
  inheritSome(run: number): boolean {
    const origin = this.db.prepare('SELECT parent_run AS parent, parent_step AS step FROM runs WHERE id = ?').get(run)
    const { parent, step } =
      origin === undefined ? { parent: null, step: null } : parseRow(originSchema, origin, 'runs')
    if (parent === null || step === null) return false
    // A parent that was cut off before it had all of its own parent's.
    if (this.inheritSome(parent)) return true
    const have = this.stepOf('SELECT min(step) AS step FROM steps WHERE run = ? AND step <= ?', run, step) ?? step + 1
    const to = this.stepOf('SELECT max(step) AS step FROM steps WHERE run = ? AND step < ?', parent, have)
    if (to === null) return false
    const from = to - stepsAtOnce + 1
    const copy = this.db.transaction(() => {
      for (const [table, columns] of this.tablesOfRuns())
        if (isLarge(table, columns))
          this.copy(table, columns, 'AND step BETWEEN @from AND @to', { parent, run, from, to })
    })
    copy.immediate()
    return this.stepOf('SELECT max(step) AS step FROM steps WHERE run = ? AND step < ?', parent, from) !== null
  }

  private stepOf(sql: string, run: number, step: number): number | null {
    return parseRow(z.object({ step: z.number().int().nullable() }), this.db.prepare(sql).get(run, step), 'steps').step
  }

  /** `which`: more conditions, with names of `values`. */
  private copy(
    table: string,
    columns: readonly string[],
    which: string,
    values: Readonly<Record<string, number>>,
  ): void {
    const own = columns.filter((column) => column !== 'run')
    const list = own.map((column) => `"${column}"`).join(', ')
    const named = Object.fromEntries(
      Object.entries(values).filter(([name]) => name === 'run' || name === 'parent' || which.includes(`@${name}`)),
    )
    this.db
      .prepare(
        `INSERT INTO "${table}" (run, ${list}) SELECT @run, ${list} FROM "${table}" WHERE run = @parent ${which}`,
      )
      .run(named)
  }

  /** Every table whose rows belong to a run, with its columns. */
  private tablesOfRuns(): [string, string[]][] {
    const names = this.db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all()
      .map((row) => parseRow(z.object({ name: z.string() }), row, 'schema').name)
    return names
      .map((name): [string, string[]] => [name, this.columnsOf(name)])
      .filter(([, columns]) => columns.includes('run'))
  }

  /** Without the row's own number, which a copy gets anew. */
  private columnsOf(table: string): string[] {
    return this.db
      .prepare("SELECT name FROM pragma_table_info(?) WHERE NOT (name = 'id' AND pk > 0)")
      .all(table)
      .map((row) => parseRow(z.object({ name: z.string() }), row, 'schema').name)
  }
}
