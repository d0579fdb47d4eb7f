// One line per run for below a saved picture: which run, on what, under which settings. Pure.
import { said, saidName } from '#renderer/lib/german/said.svelte.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

export function pictureCaptions(runs: readonly RunSummary[]): string[] {
  const text = strings.compare.picture
  return runs.map(
    ({ id, name, inputName, modelName, options }) =>
      `${text.of(id, saidName(name) || said(inputName))}. ${said(inputName)} / ${modelName}; ${text.settings(options.schedule, options.batchSize, options.limit, options.seed)}.`,
  )
}
