// From what was typed after `palm run` to the options of a run. Paths become absolute; what is wrong is said with its option's name.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { z } from 'zod'
import { lanesOf, sampleClasses } from '#app/services/runs/lanes.ts'
import { benchmarkCorruptions, corruptionFamilies, corruptionNames } from '#contract/inputs/corruption.ts'
import type { CorruptionName } from '#contract/inputs/corruption.ts'
import { palmPresetNames, palmPresets } from '#contract/methods/presets.ts'
import { methodIds, needsSourceImages, usualMethods } from '#contract/methods/method-info.ts'
import { optionsOf, type MethodId, type OptionInfo } from '#contract/methods/methods.ts'
import { readyModelNames } from '#contract/models/library.ts'
import { inputDomains } from '#contract/inputs/input-kinds.ts'
import { modelOptionsSchema, runOptionsSchema, schedules } from '#contract/runs/run-options.ts'
import type { InputOptions } from '#contract/inputs/input-kinds.ts'
import type { ModelOptions, RunOptions } from '#contract/runs/run-options.ts'
import { UsageError, nearest } from './options.ts'
import type { ParsedCommand } from './options.ts'

export interface RunRequest {
  readonly options: RunOptions
  /** Choices made for the user that they should know of. */
  readonly remarks: readonly string[]
}

const hint = 'palm run --help lists its options'

/** Where source images come from; null when there are none. */
export function sourceFrom(path: string | undefined, sampleModel: boolean): InputOptions | null {
  if (path !== undefined) return { kind: 'folder', path: resolve(path), split: null, domains: 'none', labels: {} }
  return sampleModel ? { kind: 'sample' } : null
}

/** What the library of models knows. */
export interface ModelShelf {
  /** A model that was named instead of a file; anything else as it is. */
  named(options: ModelOptions, given: string | undefined): ModelOptions
  /** For pictures without a model: the ready one, if it was fetched. */
  usual(): Extract<ModelOptions, { kind: 'file' }> | null
}

const emptyShelf: ModelShelf = { named: (options) => options, usual: () => null }

/** `classesOf` tells how many classes a weights file has; it is asked only when the options need it. */
export async function runRequest(
  parsed: ParsedCommand,
  classesOf: (model: ModelOptions) => Promise<number>,
  shelf: ModelShelf = emptyShelf,
): Promise<RunRequest> {
  const { values, switches } = parsed
  const sample = switches.has('sample')
  const input = values.get('input')
  if (sample && input !== undefined) throw new UsageError('--sample and --input exclude each other', hint)
  if (!sample && input === undefined)
    throw new UsageError('say what to run on: --sample, or --input DIR --model FILE', hint)
  const remarks: string[] = []
  const usual = sample || values.has('model') ? null : shelf.usual()
  if (!sample && !values.has('model') && !usual)
    throw new UsageError(
      `--input needs --model FILE, the weights to adapt; for photographs there is a ready one: palm models get ${readyModelNames[0]}`,
      hint,
    )
  if (usual) remarks.push(`No model was given: ${usual.name}, the ready one of the library, is used.`)
  const model = usual ?? shelf.named(modelFrom(parsed), values.get('model'))
  const methods = list(values.get('methods') ?? usualMethods.join(','), 'methods', methodIds)
  const preset = values.has('preset')
    ? one(values, 'preset', palmPresetNames)
    : model.kind === 'sample'
      ? 'sample'
      : 'cautious'
  if (preset === 'cautious' && !values.has('preset') && methods.includes('palm')) {
    remarks.push(
      `PALM runs with the preset 'cautious' (kappa ${palmPresets.cautious.kappa}), because nothing is known about this model; --preset or --kappa changes that.`,
    )
  }
  const variant = values.has('variant') ? one(values, 'variant', ['reference', 'paper']) : 'reference'
  const classes =
    model.kind === 'sample'
      ? sampleClasses
      : variant === 'paper' && methods.includes('palm') && !values.has('eta')
        ? await classesOf(model)
        : 1
  const palm = Object.fromEntries(
    (['kappa', 'alpha', 'temperature', 'eta', 'lambda'] as const).flatMap((name) =>
      values.has(name) ? [[name, number(values, name)]] : [],
    ),
  )
  const set = settingsOf(values.get('set'), methods)
  const differs = {
    ...set,
    palm: { ...palm, ...set.palm },
    tent: { ...(values.has('tent-lr') ? { learningRate: number(values, 'tent-lr') } : {}), ...set.tent },
  }
  const lanes = checked(() => lanesOf({ methods, preset, variant, classes, differs }))
  const needy = lanes.filter(({ options }) => needsSourceImages(options)).map(({ label }) => label)
  const source = sourceFrom(values.get('source'), model.kind === 'sample')
  if (needy.length > 0 && !source)
    throw new UsageError(
      `${needy.join(' and ')} ${needy.length > 1 ? 'need' : 'needs'} images of the kind the model was trained on: --source DIR`,
      hint,
    )
  return {
    options: await checkedLater(async () =>
      runOptionsSchema.parse({
        name: values.get('name') ?? '',
        input: sample
          ? { kind: 'sample' }
          : {
              kind: 'folder',
              path: resolve(input ?? ''),
              split: values.get('split') ?? null,
              domains: values.has('domains') ? one(values, 'domains', inputDomains) : 'none',
              labels: values.has('labels') ? await labelsFrom(values.get('labels') ?? '') : {},
            },
        model,
        schedule: values.has('schedule') ? one(values, 'schedule', schedules) : 'continual',
        corruptions: corruptionsFrom(values.get('corruptions') ?? 'benchmark'),
        severities: (values.get('severity') ?? '5').split(',').map((text) => asNumber(text, 'severity')),
        family: values.has('family') ? one(values, 'family', ['auto', ...corruptionFamilies]) : 'auto',
        batchSize: number(values, 'batch') ?? palmPresets[preset].batchSize,
        seed: number(values, 'seed') ?? 0,
        limit: number(values, 'limit'),
        order: values.has('order') ? await orderFrom(values.get('order') ?? '') : [],
        cycles: number(values, 'cycles') ?? 1,
        window: number(values, 'window'),
        guard: switches.has('guard'),
        source: needy.length > 0 || values.has('source') ? source : null,
        lanes,
      }),
    ),
    remarks,
  }
}

/** `--workers`, or null. */
export function workersFrom({ values }: ParsedCommand): number | null {
  const workers = number(values, 'workers')
  if (workers !== null && !(Number.isInteger(workers) && workers >= 1 && workers <= 64))
    throw new UsageError('--workers needs a whole number from 1 to 64', hint)
  return workers
}

export function modelFrom({ values }: ParsedCommand): ModelOptions {
  const path = values.get('model')
  const ofFile = ['architecture', 'size', 'mean', 'std'].filter((name) => values.has(name))
  if (path === undefined) {
    if (ofFile[0] !== undefined)
      throw new UsageError(`--${ofFile[0]} describes a --model FILE, and none is given`, hint)
    return { kind: 'sample' }
  }
  if (values.has('mean') !== values.has('std')) throw new UsageError('--mean and --std go together', hint)
  return checked(() =>
    modelOptionsSchema.parse({
      kind: 'file',
      path: resolve(path),
      architecture: values.get('architecture') ?? null,
      normalization: values.has('mean') ? { mean: triple(values, 'mean'), std: triple(values, 'std') } : null,
      inputSize: number(values, 'size'),
    }),
  )
}

function corruptionsFrom(text: string): readonly CorruptionName[] {
  if (text === 'all') return corruptionNames
  if (text === 'benchmark') return benchmarkCorruptions
  if (text === 'none') return []
  return list(text, 'corruptions', corruptionNames, ['all', 'benchmark', 'none'])
}

export function list<T extends string>(
  text: string,
  option: string,
  allowed: readonly T[],
  words: readonly string[] = [],
): T[] {
  const items = text.split(',').map((item) => item.trim())
  const chosen = items.map((item) => member(item, option, allowed, words))
  const twice = chosen.find((item, index) => chosen.indexOf(item) !== index)
  if (twice !== undefined) throw new UsageError(`--${option} names ${twice} twice`, hint)
  return chosen
}

function one<T extends string>(values: ReadonlyMap<string, string>, option: string, allowed: readonly T[]): T {
  return member(values.get(option) ?? '', option, allowed, [])
}

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
    hint,
  )
}

export function number(values: ReadonlyMap<string, string>, option: string): number | null {
  const text = values.get(option)
  return text === undefined ? null : asNumber(text, option)
}

/** By commas. */
export function listOfNumbers(values: ReadonlyMap<string, string>, option: string): number[] {
  return (values.get(option) ?? '').split(',').map((text) => asNumber(text, option))
}

function asNumber(text: string, option: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value)) throw new UsageError(`--${option} needs a number, not '${text}'`, hint)
  return value
}

function triple(values: ReadonlyMap<string, string>, option: string): number[] {
  const numbers = (values.get(option) ?? '').split(',').map((text) => asNumber(text, option))
  if (numbers.length !== 3) throw new UsageError(`--${option} needs three numbers: red,green,blue`, hint)
  return numbers
}

/** `--set cotta.augmentations=8,palm.lambda=0.05`: options of methods by name. */
export function settingsOf(
  text: string | undefined,
  methods: readonly MethodId[],
): Partial<Record<MethodId, Record<string, unknown>>> {
  const out: Partial<Record<MethodId, Record<string, unknown>>> = {}
  for (const item of text === undefined ? [] : text.split(',')) {
    const match = /^([a-z-]+)\.([A-Za-z0-9]+)=(.*)$/.exec(item.trim())
    if (!match) throw new UsageError(`--set needs METHOD.OPTION=VALUE, not '${item.trim()}'`, hint)
    const [, name = '', option = '', value = ''] = match
    const method = member(name, 'set', methods, [])
    const options = optionsOf(method)
    const info = options.find((candidate) => candidate.name === option)
    if (!info) {
      const near = nearest(
        option,
        options.map((candidate) => candidate.name),
      )
      throw new UsageError(
        `${method} has no option ${option}${near ? `; did you mean ${near}?` : ''}`,
        `palm methods ${method} lists its options`,
      )
    }
    out[method] = { ...out[method], [option]: valueOf(info, value, `${method}.${option}`) }
  }
  return out
}

function valueOf(info: OptionInfo, text: string, what: string): unknown {
  if (info.nullable && text === 'null') return null
  if (info.kind === 'switch') {
    if (text !== 'true' && text !== 'false') throw new UsageError(`${what} is true or false, not '${text}'`, hint)
    return text === 'true'
  }
  if (info.kind === 'choice') return member(text, `set ${what}`, info.choices, [])
  return asNumber(text, `set ${what}`)
}

/** A JSON file with a list of {corruption, severity}; corruption null = images as they are. */
export async function orderFrom(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      `--order: ${path} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
      hint,
    )
  })
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(
      `--order: ${path} is not JSON; it should hold a list like [{"corruption": "fog", "severity": 3}, …]`,
      hint,
    )
  }
}

/** A JSON object: class of the input -> class of the model by number, or null to leave it out. */
async function labelsFrom(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      `--labels: ${path} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
      hint,
    )
  })
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`--labels: ${path} is not JSON; it should hold an object like {"cat": 3, "other": null}`, hint)
  }
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

export function checked<T>(parse: () => T): T {
  try {
    return parse()
  } catch (thrown) {
    const issue = issuesOf(thrown)?.[0]
    if (!issue) throw thrown
    const field = issue.path.findLast((step) => typeof step === 'string' && step !== 'mean') as string | undefined
    throw new UsageError(`--${field === undefined ? 'run' : (optionOfField[field] ?? field)}: ${issue.message}`, hint)
  }
}

async function checkedLater<T>(parse: () => Promise<T>): Promise<T> {
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
