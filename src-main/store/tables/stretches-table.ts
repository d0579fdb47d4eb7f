// Steps of a run as stretches: those that are packed, and the rows behind them. A stretch is packed once, when a later step than its last is recorded: rows of
// steps never change. Runs of versions before 007 have none until somebody opens them.
import { z } from 'zod'
import type { PalmError } from '#contract/errors.ts'
import { gatherStretches, packStretch, unpackStretch, type StepRow, type Stretch } from '#store/codecs/step-stretch.ts'
import type { Connection } from '#store/open-database.ts'
import { parseRow, readEach } from '#store/rows.ts'

/** Steps in a stretch. Never to be changed: it says which rows a stored stretch stands for. */
export const stretchSteps = 512
export const endsStretch = (step: number): boolean => (step + 1) % stretchSteps === 0

const placeSchema = z.looseObject({ stretch: z.number().int(), lane: z.string() })
const packedSchema = z.object({
  lane: z.string(),
  rows: z.number().int().nonnegative(),
  losses: z.string(),
  predicted: z.string(),
  numbers: z.instanceof(Uint8Array),
})

export class StretchesTable {
  private readonly db: Connection

  constructor(db: Connection) {
    this.db = db
  }

  /** All steps of a run, in order; rows that cannot be read are left out and told. */
  all(run: number, onDamage: (error: PalmError) => void = () => undefined): Stretch[] {
    const rows = this.db
      .prepare(
        'SELECT stretch, lane, rows, losses, predicted, numbers FROM step_stretches WHERE run = ? ORDER BY stretch, lane',
      )
      .all(run)
    const packed = rows.flatMap((row) => {
      const { stretch, lane } = parseRow(placeSchema, row, 'step_stretches')
      const read = readEach(
        [row],
        (one) => unpackStretch(parseRow(packedSchema, one, 'step_stretches')),
        () => null,
      )
      if (read.damaged.length === 0) return read.rows
      // It repeats what lies in the rows.
      const from = stretch * stretchSteps
      return this.rows(run, from, from + stretchSteps, onDamage).filter((one) => one.lane === lane)
    })
    return [...packed, ...this.rows(run, this.nextOf(run) * stretchSteps, Number.MAX_SAFE_INTEGER, onDamage)]
  }

  /** Packs at most so many stretches that are whole and not packed yet. Belongs in a transaction. @returns whether there are more */
  pack(run: number, most: number): boolean {
    const { first, last } = this.recorded(run)
    if (last === null || this.isInheriting(run, first)) return false
    let next = this.nextOf(run)
    const whole = Math.floor((last + 1) / stretchSteps)
    const insert = this.db.prepare(
      'INSERT OR IGNORE INTO step_stretches (run, stretch, lane, rows, losses, predicted, numbers) VALUES (@run, @stretch, @lane, @rows, @losses, @predicted, @numbers)',
    )
    for (let i = 0; i < most && next < whole; i++, next++) {
      let damaged = false
      const stretches = this.rows(run, next * stretchSteps, (next + 1) * stretchSteps, () => (damaged = true))
      // It stays as it is: packed, nobody would see that something is missing.
      if (damaged) return false
      for (const stretch of stretches) insert.run({ ...packStretch(stretch), run, stretch: next })
    }
    return next < whole
  }

  private rows(run: number, from: number, to: number, onDamage: (error: PalmError) => void): Stretch[] {
    const rows = this.db
      .prepare(
        `SELECT lane, losses, predicted, step, domain, images, labelled, correct, seen, kept, adapted_share, mean_confidence, mean_entropy, agreement, estimate, step_ms, peak_bytes
         FROM steps WHERE run = ? AND step >= ? AND step < ? ORDER BY step, lane`,
      )
      .raw()
      .iterate(run, from, to)
    return gatherStretches(rows as IterableIterator<StepRow>, onDamage)
  }

  /** Number of the first stretch that is not packed. */
  private nextOf(run: number): number {
    const schema = z.object({ next: z.number().int() })
    const row = this.db
      .prepare('SELECT coalesce(max(stretch) + 1, 0) AS next FROM step_stretches WHERE run = ?')
      .get(run)
    return parseRow(schema, row, 'step_stretches').next
  }

  private recorded(run: number): { first: number | null; last: number | null } {
    const schema = z.object({ step: z.number().int().nullable() })
    const step = (which: 'min' | 'max') =>
      parseRow(schema, this.db.prepare(`SELECT ${which}(step) AS step FROM steps WHERE run = ?`).get(run), 'steps').step
    return { first: step('min'), last: step('max') }
  }

  /** A branch gets its parent's rows from the last to the first (branches.ts). */
  private isInheriting(run: number, first: number | null): boolean {
    return (
      this.db
        .prepare(
          'SELECT 1 FROM runs JOIN steps ON steps.run = runs.parent_run AND steps.step < ? WHERE runs.id = ? LIMIT 1',
        )
        .get(first, run) !== undefined
    )
  }
}
