// Options that changed during a run, in the order in which they apply.
import { optionChangeSchema, type OptionChange } from '#contract/runs/option-change.ts'
import type { Connection } from '#store/open-database.ts'
import { ByRun, runSchema } from '#store/by-run.ts'
import { parseRow } from '#store/rows.ts'

const columns = 'id, run, lane, option, old_value AS "from", new_value AS "to", step, at'

export class ChangesTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  insert(run: number, change: Omit<OptionChange, 'id'>): OptionChange {
    const { lastInsertRowid } = this.db
      .prepare(
        'INSERT INTO option_changes (run, lane, option, old_value, new_value, step, at) VALUES (@run, @lane, @option, @from, @to, @step, @at)',
      )
      .run({ ...change, run })
    return { id: Number(lastInsertRowid), ...change }
  }

  list(run: number): OptionChange[] {
    return this.db
      .prepare(`SELECT ${columns} FROM option_changes WHERE run = ? ORDER BY step, id`)
      .all(run)
      .map((row) => parseRow(optionChangeSchema, row, 'option_changes'))
  }

  /** Of all runs that have any; a run whose own cannot all be read says so when it is asked for. */
  byRun(): ByRun<OptionChange> {
    const rows = this.db.prepare(`SELECT ${columns} FROM option_changes ORDER BY run, step, id`).all()
    return new ByRun(rows, (row) => {
      const { run: _run, ...change } = parseRow(optionChangeSchema.extend(runSchema.shape), row, 'option_changes')
      return change
    })
  }
}
