// Places of images that earlier runs had, newest first. Pure.
import type { RunSummary } from '#contract/tables/report.ts'
import { isPlaced, type PlacedInput } from '#contract/inputs/input-kinds.ts'

export interface RecentInput {
  readonly input: PlacedInput
  readonly run: number
}

const most = 12

/** `runs` newest first; each place once, as its newest run had it. */
export function recentInputs(runs: readonly Pick<RunSummary, 'id' | 'options'>[]): RecentInput[] {
  const found = new Map<string, RecentInput>()
  for (const { id, options } of runs) {
    if (found.size >= most) break
    if (isPlaced(options.input) && !found.has(options.input.path))
      found.set(options.input.path, { input: options.input, run: id })
  }
  return [...found.values()]
}
