// The numbers of a run's form, held against what the program takes before it is asked. Pure; an empty optional field is null or 0.
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

export interface RunNumbers {
  readonly batchSize: number | null
  readonly limit: number | null
  readonly seed: number | null
  readonly cycles: number | null
  readonly window: number | null
  readonly inputSize: number | null
}

export interface WrongNumber {
  readonly field: keyof RunNumbers
  readonly text: string
}

/** The first that does not fit; null = all do. */
export function wrongNumber({ batchSize, limit, seed, cycles, window, inputSize }: RunNumbers): WrongNumber | null {
  const text = strings.form.obstacles
  const whole = (value: number | null, least: number, most: number) =>
    value !== null && Number.isInteger(value) && value >= least && value <= most
  if (!whole(batchSize, 1, 4096)) return { field: 'batchSize', text: text.batch }
  if (limit && !whole(limit, 1, 100_000_000)) return { field: 'limit', text: text.limit }
  if (!whole(seed, 0, 0xffffffff)) return { field: 'seed', text: text.seed }
  if (cycles && !whole(cycles, 1, 1000)) return { field: 'cycles', text: text.cycles }
  if (window && !whole(window, 2, 4096)) return { field: 'window', text: text.window }
  if (inputSize && !whole(inputSize, 8, 1024)) return { field: 'inputSize', text: strings.models.inputSizeWrong }
  return null
}

/** The same in words; '' = all do. */
export const numbersProblem = (numbers: RunNumbers): string => wrongNumber(numbers)?.text ?? ''
