// What a run does otherwise than another, setting by setting, leaving out what neither looks at; and a name that says it. Pure.
import { inputKindOf } from '#contract/inputs/input-kinds.ts'
import { methodLabels } from '#contract/methods/method-info.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'

export interface Difference {
  /** Dotted: `batchSize`, `model.path`, `palm.eta`. */
  readonly key: string
  /** Undefined = not there. */
  readonly before: unknown
  readonly now: unknown
}

/** What of the options decides anything: corruptions say nothing where the images bring domains of their own, and so on. The name is none of it. */
export function meaningful(options: RunOptions): Record<string, unknown> {
  const {
    name: _,
    lanes,
    input,
    model,
    source,
    corruptions,
    severities,
    order,
    dirichletDelta,
    sourceLimit,
    family,
    ...rest
  } = options
  const drift = inputKindOf(input).drifts(input)
  const custom = !drift && options.schedule === 'custom'
  const flat: Record<string, unknown> = {
    ...prefixed('input', input),
    ...prefixed('model', model),
    ...prefixed('source', source),
    ...rest,
  }
  if (!drift) flat['family'] = family
  if (!drift && !custom) flat['corruptions'] = corruptions
  if (!drift && !custom && options.schedule !== 'gradual' && corruptions.length > 0) flat['severities'] = severities
  if (custom) flat['order'] = order
  if (options.schedule === 'correlated') flat['dirichletDelta'] = dirichletDelta
  if (source) flat['sourceLimit'] = sourceLimit
  flat['methods'] = lanes.map(({ id }) => id)
  for (const { id, options: own } of lanes)
    for (const [key, value] of Object.entries(own)) if (key !== 'method') flat[`${id}.${key}`] = value
  return flat
}

const prefixed = (name: string, part: object | null): Record<string, unknown> =>
  part === null
    ? { [name]: null }
    : Object.fromEntries(Object.entries(part).map(([key, value]) => [`${name}.${key}`, value]))

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

export function differencesOf(before: RunOptions, now: RunOptions): Difference[] {
  const [old, next] = [meaningful(before), meaningful(now)]
  const lanes = new Set(
    [...before.lanes, ...now.lanes]
      .map(({ id }) => id)
      .filter((id) => !before.lanes.some((lane) => lane.id === id) || !now.lanes.some((lane) => lane.id === id)),
  )
  return [...new Set([...Object.keys(old), ...Object.keys(next)])]
    .filter((key) => !lanes.has(key.split('.')[0] ?? '') && !same(old[key], next[key])) // a method that came or went is one difference, not all its options
    .map((key) => ({ key, before: old[key], now: next[key] }))
}

/** `palm.eta` -> `eta`, where only one method has it in the run. */
export function shortKey(key: string, options: Pick<RunOptions, 'lanes'>): string {
  const [lane = '', option] = key.split('.')
  const of = options.lanes.find(({ id }) => id === lane)
  if (!of || option === undefined) return key
  return options.lanes.filter((one) => option in one.options).length > 1
    ? `${methodLabels[of.options.method]} ${option}`
    : option
}
