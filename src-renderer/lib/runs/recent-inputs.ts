// Places of images and models that earlier runs had, newest first, without those that were taken off the list since. Pure.
import type { Settings } from '#contract/app/settings.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { isPlaced, type PlacedInput } from '#contract/inputs/input-kinds.ts'

export interface RecentInput {
  readonly input: PlacedInput
  readonly run: number
}

type Run = Pick<RunSummary, 'id' | 'options'>
export type Forgotten = Settings['forgotten']

const most = 12

/** A path that was taken off the list comes back with the next run that uses it. */
const isForgotten = (forgotten: Forgotten, path: string, id: number): boolean =>
  forgotten.some((one) => one.path === path && id <= one.run)

/** `runs` newest first; each place once, as its newest run had it. */
export function recentInputs(runs: readonly Run[], forgotten: Forgotten = []): RecentInput[] {
  const found = new Map<string, RecentInput>()
  for (const { id, options } of runs) {
    if (found.size >= most) break
    const { input } = options
    if (isPlaced(input) && !found.has(input.path) && !isForgotten(forgotten, input.path, id))
      found.set(input.path, { input, run: id })
  }
  return [...found.values()]
}

/** Files of models; `known`: those that a list shows anyway, the library's. */
export function recentModels(
  runs: readonly Run[],
  known: readonly { readonly path: string }[],
  forgotten: Forgotten = [],
): string[] {
  const found = new Set<string>()
  for (const { id, options } of runs) {
    if (found.size >= most) break
    const { model } = options
    if (
      model.kind === 'file' &&
      !known.some(({ path }) => path === model.path) &&
      !isForgotten(forgotten, model.path, id)
    )
      found.add(model.path)
  }
  return [...found]
}

/** The list with one more, the oldest dropped where there are too many. */
export const forgetting = (forgotten: Forgotten, path: string, newestRun: number): Forgotten =>
  [...forgotten.filter((one) => one.path !== path), { path, run: newestRun }].slice(-100)
