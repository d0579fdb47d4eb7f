// The bundled sample by one press: as the first launch runs it, or whole.
import type { RunOptionsInput } from '#contract/runs/run-options.ts'
import { autoLane, shortSampleLimit } from '#contract/runs/sample-run.ts'
import { NewRun } from './new-run.svelte.ts'

const classes = 10

export function sampleRun(whole = false): RunOptionsInput {
  const options = new NewRun().options(classes)
  return { ...options, lanes: [...options.lanes, autoLane(classes)], limit: whole ? null : shortSampleLimit }
}
