// From a sweep's definition to its cells: every combination, each with the lane that computes it and the key that knows it by its content.
import { createHash } from 'node:crypto'
import { methodInfo } from '#contract/methods/method-info.ts'
import { schemaOf, type LaneOptions } from '#contract/methods/methods.ts'
import { palmPresets, usualLabel, usualOptions } from '#contract/methods/presets.ts'
import {
  drawnSchedules,
  runOptionsSchema,
  type Lane,
  type RunOptions,
  type Schedule,
} from '#contract/runs/run-options.ts'
import { resultsRevision, type SweepDefinition, type SweepMethod } from '#contract/sweeps/sweep.ts'

/** What of an input or a model a key is made from, besides settings. */
export interface Fingerprints {
  readonly inputs: readonly string[]
  readonly models: readonly { readonly hash: string; readonly classes: number }[]
  readonly source: string | null
}

export interface Cell {
  readonly row: number
  readonly seed: number
  readonly input: number
  readonly model: number
  readonly schedule: Schedule
  readonly label: string
  readonly options: LaneOptions
  /** Of the stream: cells with the same can be lanes of one run. */
  readonly stream: string
  readonly key: string
}

/** JSON with sorted keys: the same for the same content. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
    .join(',')}}`
}

const shaOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** Every combination of the options that are lists. */
function grid(
  method: SweepMethod,
): { id: LaneOptions['method']; label: string | null; differs: Record<string, unknown>; varying: readonly string[] }[] {
  if (typeof method === 'string') return [{ id: method, label: null, differs: {}, varying: [] }]
  const { method: id, label, ...rest } = method
  const lists = Object.entries(rest).map(([name, value]) => [name, Array.isArray(value) ? value : [value]] as const)
  const varying = lists.filter(([, values]) => values.length > 1).map(([name]) => name)
  let combinations: Record<string, unknown>[] = [{}]
  for (const [name, values] of lists)
    combinations = combinations.flatMap((before) => values.map((value) => ({ ...before, [name]: value })))
  return combinations.map((differs) => ({ id, label: label ?? null, differs, varying }))
}

/** @throws ZodError when an option's value does not fit */
export function expandMethods(definition: SweepDefinition, classes: number): { label: string; options: LaneOptions }[] {
  return definition.methods.flatMap((method) =>
    grid(method).map(({ id, label, differs, varying }) => {
      const options = usualOptions(id, { preset: definition.preset, classes }, differs)
      const values = varying
        .filter((name) => name !== 'optimizerState')
        .map((name) => `${name} ${String((options as Record<string, unknown>)[name])}`)
      return { label: [label ?? usualLabel(options), ...values].join(', '), options }
    }),
  )
}

/** The options of a run that computes cells of one stream. */
export function runOf(
  definition: SweepDefinition,
  at: { readonly input: number; readonly model: number; readonly schedule: Schedule; readonly seed: number },
  lanes: readonly Lane[],
): RunOptions {
  const {
    corruptions,
    severities,
    order,
    imageOrder,
    cycles,
    window,
    guard,
    family,
    batchSize,
    limit,
    dirichletDelta,
    source,
    sourceLimit,
    preset,
  } = definition
  return runOptionsSchema.parse({
    name: `${definition.name}, ${at.schedule}, seed ${at.seed}`,
    input: definition.inputs[at.input],
    model: definition.models[at.model],
    schedule: at.schedule,
    corruptions,
    severities,
    order,
    imageOrder: drawnSchedules.includes(at.schedule) ? 'shuffled' : imageOrder,
    cycles,
    window,
    guard,
    family,
    batchSize: batchSize ?? palmPresets[preset].batchSize,
    seed: at.seed,
    limit,
    dirichletDelta,
    source,
    sourceLimit,
    lanes,
  })
}

/** All cells, rows in the order of the tables. */
export function cellsOf(definition: SweepDefinition, prints: Fingerprints): Cell[] {
  const cells: Cell[] = []
  let row = 0
  for (const input of definition.inputs.keys()) {
    for (const model of definition.models.keys()) {
      const rows = expandMethods(definition, prints.models[model]?.classes ?? 1)
      const content = { input: prints.inputs[input], model: prints.models[model]?.hash, source: prints.source }
      for (const schedule of definition.schedules) {
        const placeholder: Lane = { id: 'x', label: 'x', options: { method: 'source' } }
        const streams = definition.seeds.map((seed) =>
          streamKeys(runOf(definition, { input, model, schedule, seed }, [placeholder]), content),
        )
        for (const { label, options } of rows) {
          const lane = laneKey(options)
          for (const [i, seed] of definition.seeds.entries()) {
            const stream = streams[i] as StreamKeys
            cells.push({ row, seed, input, model, schedule, label, options, stream: stream.key, key: stream.of(lane) })
          }
          row += 1
        }
      }
    }
  }
  return cells
}

/** What a stream reads, known by its content; undefined where nothing is known of it. */
export interface Content {
  readonly input: string | undefined
  readonly model: string | undefined
  readonly source: string | null
}

/** The key of one lane on a run's stream: the same wherever the same is computed. */
export const keyOf = (run: RunOptions, options: LaneOptions, content: Content): string =>
  streamKeys(run, content).of(laneKey(options))

interface StreamKeys {
  readonly key: string
  of(lane: LaneKey): string
}

interface LaneKey {
  readonly text: string
  readonly seesSource: boolean
}

/** As `resultsRevision`, of one kind of lane: 3 = PALM's preset `auto` since its norm layers remember (2) and its convolutions are cautious. */
const laneRevision = (options: LaneOptions): object =>
  options.method === 'palm' && options.tuning === 'mirrored' ? { revision: 3 } : {}

/** With every option at its value, so that a default and the same value written out are the same cell. */
const laneKey = (options: LaneOptions): LaneKey => ({
  text: canonical({ ...schemaOf(options.method).parse(options), ...laneRevision(options) }),
  seesSource: methodInfo[options.method].needs.includes('source-images'),
})

/** Written out once a stream, for a sweep may have a million cells on a few of them. */
function streamKeys(run: RunOptions, { input, model, source }: Content): StreamKeys {
  const { name: _name, lanes: _lanes, input: _input, model: modelOptions, source: _source, ...settings } = run
  const read =
    modelOptions.kind === 'file'
      ? {
          normalization: modelOptions.normalization,
          inputSize: modelOptions.inputSize,
          classNames: modelOptions.classNames,
        }
      : null
  const stream = { revision: resultsRevision, settings: relevant(settings), input, model, read, source }
  // A method that sees no source images does not depend on them.
  const { sourceLimit: _limit, ...withoutLimit } = stream.settings as { sourceLimit?: number }
  const whole = canonical(stream)
  const withoutSource = canonical({ ...stream, source: null, settings: withoutLimit })
  return {
    key: shaOf(whole),
    of: ({ text, seesSource }) => shaOf(`{"lane":${text},"stream":${seesSource ? whole : withoutSource}}`),
  }
}

/** What a schedule does not look at is no part of a key. */
function relevant(settings: Omit<RunOptions, 'name' | 'lanes' | 'input' | 'model' | 'source'>): object {
  // Devices differ in the last digits: what a cell was computed on stands beside its numbers and is no part of what it is.
  const { order, corruptions, severities, dirichletDelta, imageOrder, device: _device, ...others } = settings
  // Cells of versions that knew no other order keep their keys.
  const rest = imageOrder === 'shuffled' ? others : { ...others, imageOrder }
  if (settings.schedule === 'custom') return { ...rest, order }
  return {
    ...rest,
    corruptions,
    ...(settings.schedule === 'gradual' ? {} : { severities }),
    ...(settings.schedule === 'correlated' ? { dirichletDelta } : {}),
  }
}
