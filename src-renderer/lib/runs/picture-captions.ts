// One line per run for below a saved picture: which run, on what, under which settings. Pure.
import type { RunSummary } from '#contract/tables/report.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

export function pictureCaptions(runs: readonly RunSummary[]): string[] {
  const text = strings.compare.picture
  return runs.map(
    ({ id, name, inputName, modelName, options }) =>
      `${text.of(id, name || inputName)}. ${inputName} / ${modelName}; ${text.settings(options.schedule, options.batchSize, options.limit, options.seed)}.`,
  )
}
