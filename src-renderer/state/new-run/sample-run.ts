// The bundled sample by one press: as the first launch runs it, or whole.
import type { RunOptionsInput } from '#contract/runs/run-options.ts'
import { shortSampleLimit } from '#contract/runs/sample-run.ts'
import { NewRun } from './new-run.svelte.ts'

export const sampleRun = (whole = false): RunOptionsInput => ({
  ...new NewRun().options(10),
  limit: whole ? null : shortSampleLimit,
})
