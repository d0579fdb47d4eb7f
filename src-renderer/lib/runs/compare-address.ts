// The runs that are compared, as the part of the address behind #: a reload comes back to them, and the address can be kept as a bookmark. Pure.
import { mostCompared } from '#contract/compare/compare.ts'

const pattern = /^#compare=(\d+(?:,\d+)*)$/

export const addressOf = (runs: readonly number[]): string => (runs.length === 0 ? '' : `#compare=${runs.join(',')}`)

/** Null when the address is not that of a comparison. */
export function runsOfAddress(hash: string): number[] | null {
  const list = pattern.exec(hash)?.[1]
  if (list === undefined) return null
  const runs = [...new Set(list.split(',').map(Number))].filter((run) => Number.isSafeInteger(run) && run > 0)
  return runs.length === 0 ? null : runs.slice(0, mostCompared)
}
