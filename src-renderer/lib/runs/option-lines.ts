// From the rows of a sweep to lines over the options that vary: mean error against one option's values. Pure.
import { methodInfo } from '#contract/methods/method-info.ts'
import { summarize } from '#contract/tables/sweep-table.ts'
import type { SweepResults } from '#contract/sweeps/sweep.ts'

export interface OptionLine {
  readonly method: string
  readonly option: string
  readonly points: readonly {
    readonly value: string | number
    readonly mean: number
    readonly deviation: number | null
  }[]
}

/** One line per entry of the sweep's methods that has a list of values; other varying options of the same entry are averaged over. */
export function optionLines(results: SweepResults): OptionLine[] {
  const first = results.rows[0]
  if (!first) return []
  const rows = summarize(
    results,
    results.rows.filter(
      (row) => row.input === first.input && row.model === first.model && row.schedule === first.schedule,
    ),
  )
  let at = 0
  return results.definition.methods.flatMap((entry) => {
    const lists =
      typeof entry === 'string'
        ? []
        : Object.entries(entry).filter((item): item is [string, (string | number | boolean | null)[]] =>
            Array.isArray(item[1]),
          )
    const count = lists.reduce((product, [, values]) => product * values.length, 1)
    const own = rows.slice(at, at + count)
    at += count
    return lists
      .filter(([, values]) => values.length > 1)
      .flatMap(([option, values]): OptionLine[] => {
        const points = values.flatMap((value) => {
          const same = own.filter(
            ({ row, meanPct }) => meanPct !== null && (row.options as Record<string, unknown>)[option] === value,
          )
          if (same.length === 0 || value === null || typeof value === 'boolean') return []
          return [
            {
              value,
              mean: same.reduce((sum, { meanPct }) => sum + (meanPct as number), 0) / same.length,
              deviation: same.length === 1 ? (same[0]?.deviation ?? null) : null,
            },
          ]
        })
        const method = typeof entry === 'string' ? entry : entry.method
        return points.length > 1 ? [{ method: methodInfo[method].label, option, points }] : []
      })
  })
}
