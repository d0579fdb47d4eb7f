// Parts of a sweep for machines that know nothing of each other (the tasks of a cluster's array): which cells each computes follows from the definition alone.
import type { Cell } from './sweep-cells.ts'

/** Lanes of one run, at most: each holds weights and optimizer state of its own. */
export const lanesPerRun = 8

/** Part `index` of `of`, counted from 1. */
export interface Shard {
  readonly index: number
  readonly of: number
}

/**
 * The cells of one part, in their order: every cell is in exactly one. Cells of a stream stay together as far as there is work for all, and the longest are dealt out
 * first, each to the part that has least.
 */
export function shardOf(cells: readonly Cell[], { index, of }: Shard, costOf: (cell: Cell) => number): Cell[] {
  const together = Math.max(1, Math.min(lanesPerRun, Math.ceil(cells.length / of)))
  const pieces = [...Map.groupBy(cells, (cell) => cell.stream).values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / together) }, (_, i) => {
      const piece = group.slice(i * together, (i + 1) * together)
      return { piece, cost: piece.reduce((sum, cell) => sum + costOf(cell), 0) }
    }),
  )
  const load = new Float64Array(of)
  const mine = new Set<Cell>()
  for (const { piece, cost } of pieces.toSorted((a, b) => b.cost - a.cost)) {
    const least = load.indexOf(Math.min(...load))
    load[least] = (load[least] ?? 0) + cost
    if (least === index - 1) for (const cell of piece) mine.add(cell)
  }
  return cells.filter((cell) => mine.has(cell))
}
