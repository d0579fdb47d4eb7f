// Rows of many runs, read at once for a list: where one cannot be read, only its own run is damaged.
import { z } from 'zod'
import type { PalmError } from '#contract/errors.ts'
import { readEach } from './rows.ts'

export const runSchema = z.object({ run: z.number().int() })

/** The column is one of whole numbers. */
const runOf = (row: unknown): number =>
  typeof row === 'object' && row !== null && 'run' in row ? Number(row.run) : Number.NaN

export class ByRun<T> {
  private readonly rows: Map<number, T[]>
  private readonly damaged: Map<number, PalmError>

  /** Each row with its `run`. */
  constructor(rows: readonly unknown[], parse: (row: unknown) => T) {
    const read = readEach(
      rows,
      (row): [number, T] => [runOf(row), parse(row)],
      (row, error): [number, PalmError] => [runOf(row), error],
    )
    this.damaged = new Map(read.damaged)
    this.rows = new Map()
    for (const [run, value] of read.rows) {
      const own = this.rows.get(run)
      if (own) own.push(value)
      else this.rows.set(run, [value])
    }
  }

  /** @throws PalmError `store-damaged` */
  of(run: number): readonly T[] {
    const error = this.damaged.get(run)
    if (error) throw error
    return this.rows.get(run) ?? []
  }
}
