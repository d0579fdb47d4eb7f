// The numbers of a run's form, held against what the program takes before it is asked. Pure; an empty optional field is null or 0.
import { strings } from './strings/strings.svelte.ts'

export interface RunNumbers {
  readonly batchSize: number | null
  readonly limit: number | null
  readonly seed: number | null
  readonly cycles: number | null
  readonly window: number | null
  readonly inputSize: number | null
}

/** What does not fit, in words; '' = all do. */
export function numbersProblem({ batchSize, limit, seed, cycles, window, inputSize }: RunNumbers): string {
  const text = strings.form.obstacles
  const whole = (value: number | null, least: number, most: number) => value !== null && Number.isInteger(value) && value >= least && value <= most
  if (!whole(batchSize, 1, 4096)) return text.batch
  if (limit && !whole(limit, 1, 100_000_000)) return text.limit
  if (!whole(seed, 0, 0xffffffff)) return text.seed
  if (cycles && !whole(cycles, 1, 1000)) return text.cycles
  if (window && !whole(window, 2, 4096)) return text.window
  if (inputSize && !whole(inputSize, 8, 1024)) return strings.models.inputSizeWrong
  return ''
}
