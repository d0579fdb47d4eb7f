// Values of options, read from what was typed; what is wrong is said with its option's name.
import type { z } from 'zod'
import { deviceChoices, type DeviceChoice } from '#contract/devices.ts'
import { UsageError, type ParsedCommand } from './command.ts'
import { nearest } from './nearest.ts'

export const runHint = 'palm run --help lists its options'

/** `--workers`, or null. */
export function workersFrom({ values }: ParsedCommand): number | null {
  const workers = number(values, 'workers')
  if (workers !== null && !(Number.isInteger(workers) && workers >= 1 && workers <= 64))
    throw new UsageError('--workers needs a whole number from 1 to 64', runHint)
  return workers
}

/** `--device`, or null. Throws `UsageError`, also for a PALM_DEVICE that is none. */
export function deviceFrom({ values }: Pick<ParsedCommand, 'values'>): DeviceChoice | null {
  if (values.has('device')) return one(values, 'device', deviceChoices)
  deviceOfEnvironment() // what would be passed over later is said now
  return null
}

/** PALM_DEVICE, or null. Throws `UsageError`. */
export function deviceOfEnvironment(environment: NodeJS.ProcessEnv = process.env): DeviceChoice | null {
  const wanted = environment['PALM_DEVICE']
  if (wanted === undefined || wanted === '') return null
  const found = deviceChoices.find((choice) => choice === wanted)
  if (found === undefined)
    throw new UsageError(`PALM_DEVICE is '${wanted}'; it takes ${deviceChoices.join(', ')}`, runHint)
  return found
}

/** Several of `allowed`, by commas, none twice. `words` are only named in advice. Throws `UsageError`. */
export function list<T extends string>(
  text: string,
  option: string,
  allowed: readonly T[],
  words: readonly string[] = [],
): T[] {
  const items = text.split(',').map((item) => item.trim())
  const chosen = items.map((item) => member(item, option, allowed, words))
  const twice = chosen.find((item, index) => chosen.indexOf(item) !== index)
  if (twice !== undefined) throw new UsageError(`--${option} names ${twice} twice`, runHint)
  return chosen
}

/** The option's value, which must be one of `allowed`. Throws `UsageError`. */
export function one<T extends string>(values: ReadonlyMap<string, string>, option: string, allowed: readonly T[]): T {
  return member(values.get(option) ?? '', option, allowed, [])
}

/** `item` as one of `allowed`. Throws `UsageError` with the nearest of them or of `words`. */
export function member<T extends string>(
  item: string,
  option: string,
  allowed: readonly T[],
  words: readonly string[],
): T {
  const found = allowed.find((candidate) => candidate === item)
  if (found !== undefined) return found
  const near = nearest(item, [...allowed, ...words])
  throw new UsageError(
    `--${option} does not know '${item}'${near ? `; did you mean '${near}'?` : `: it takes ${[...words, ...allowed].join(', ')}`}`,
    runHint,
  )
}

/** The option's number; null when it was not given. Throws `UsageError`. */
export function number(values: ReadonlyMap<string, string>, option: string): number | null {
  const text = values.get(option)
  return text === undefined ? null : asNumber(text, option)
}

/** By commas. */
export function listOfNumbers(values: ReadonlyMap<string, string>, option: string): number[] {
  return (values.get(option) ?? '').split(',').map((text) => asNumber(text, option))
}

export function asNumber(text: string, option: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value)) throw new UsageError(`--${option} needs a number, not '${text}'`, runHint)
  return value
}

export function triple(values: ReadonlyMap<string, string>, option: string): number[] {
  const numbers = (values.get(option) ?? '').split(',').map((text) => asNumber(text, option))
  if (numbers.length !== 3) throw new UsageError(`--${option} needs three numbers: red,green,blue`, runHint)
  return numbers
}

/** Option names for the fields of the schemas, so that a misfit is said in the words that were typed. */
const optionOfField: Readonly<Record<string, string>> = {
  batchSize: 'batch',
  severities: 'severity',
  inputSize: 'size',
  learningRate: 'tent-lr',
  normalization: 'std',
  path: 'input',
}

/** Runs `parse`; what a schema refuses is said with the name of the option. Throws `UsageError`. */
export function checked<T>(parse: () => T): T {
  try {
    return parse()
  } catch (thrown) {
    const issue = issuesOf(thrown)?.[0]
    if (!issue) throw thrown
    const field = issue.path.findLast((step) => typeof step === 'string' && step !== 'mean') as string | undefined
    throw new UsageError(
      `--${field === undefined ? 'run' : (optionOfField[field] ?? field)}: ${issue.message}`,
      runHint,
    )
  }
}

export async function checkedLater<T>(parse: () => Promise<T>): Promise<T> {
  try {
    return await parse()
  } catch (thrown) {
    return checked(() => {
      throw thrown
    })
  }
}

function issuesOf(thrown: unknown): readonly z.core.$ZodIssue[] | null {
  return thrown instanceof Error && 'issues' in thrown && Array.isArray(thrown.issues)
    ? (thrown.issues as z.core.$ZodIssue[])
    : null
}
