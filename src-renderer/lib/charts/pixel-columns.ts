// A line of any length as what a screen can show of it: one bin of steps for each column of pixels, with the least and the most of each batch
// and the mean at its two ends. Costs by pixels, not by steps. Pure.
import type { Measured } from '#renderer/lib/curves/column.ts'
import type { StepRange } from './step-range.ts'

export interface Bin {
  /** Indexes [first, end). */
  readonly first: number
  readonly end: number
}

export const binSize = (range: StepRange, columns: number): number =>
  Math.max(1, Math.ceil((range.to - range.from) / Math.max(1, columns)))

/** Bins over the steps of the range that are there already. They start at multiples of their size, so that a picture that moves does not flicker. */
export function binsOf(range: StepRange, columns: number, length: number): Bin[] {
  const size = binSize(range, columns)
  const bins: Bin[] = []
  const begin = Math.max(0, Math.floor(Math.floor(range.from) / size) * size)
  const stop = Math.min(length, Math.ceil(range.to) + size)
  for (let first = begin; first < stop; first += size) bins.push({ first, end: Math.min(length, first + size) })
  return bins
}

/** Where the points of the bins are, in indexes: one a step, or two a bin. */
export function positionsOf(bins: readonly Bin[]): number[] {
  return bins.flatMap(({ first, end }) => (end - first === 1 ? [first] : [first, end - 1]))
}

const known = (value: number): number | null => (Number.isNaN(value) ? null : value)

/** Each batch: the least, then the most of each bin, so that no outlier is lost. */
export function rawLine(measured: Measured, bins: readonly Bin[]): (number | null)[] {
  const line: (number | null)[] = []
  for (const { first, end } of bins) {
    if (end - first === 1) line.push(known(measured.at(first)))
    else {
      const extent = measured.extent(first, end)
      line.push(extent?.low ?? null, extent?.high ?? null)
    }
  }
  return line
}

/** The mean of the last `window` batches, or of a bin's where that is more: at the ends of each bin. */
export function smoothLine(measured: Measured, bins: readonly Bin[], window: number): (number | null)[] {
  const size = bins[0] ? Math.max(...bins.slice(0, 2).map(({ first, end }) => end - first)) : 1
  const over = Math.max(window, size)
  return positionsOf(bins).map((index) => known(measured.mean(index, over)))
}

/** What of the measured values is to be seen; null where nothing is. */
export function visibleExtent(
  measured: readonly Measured[],
  bins: readonly Bin[],
): { low: number; high: number } | null {
  const from = bins[0]?.first ?? 0
  const end = bins.at(-1)?.end ?? 0
  const extents = measured.flatMap((one) => one.extent(from, end) ?? [])
  if (extents.length === 0) return null
  return { low: Math.min(...extents.map(({ low }) => low)), high: Math.max(...extents.map(({ high }) => high)) }
}
