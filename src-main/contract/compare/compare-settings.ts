// The settings of several runs side by side: every option by its dotted path, which of them differ, and whether the runs can be compared at all.
// Pure. The sentences are English; a window in another language has its own (lib/strings).
import type { ComparedRun } from './compare.ts'
import { halvingText } from '#contract/runs/halving.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'

export interface SettingRow {
  /** `batchSize`, `lanes.palm.kappa`, `model.hash`, `versions.tensorflow`. */
  readonly path: string
  /** One per run; null = this run has no such setting. */
  readonly values: readonly (string | null)[]
  readonly differs: boolean
}

/** Of one run, in the order of its options, then what was found when they were opened. */
export function flatSettings({ summary, plan }: ComparedRun): Map<string, string> {
  const { lanes, name: _name, ...options } = summary.options
  const flat = new Map<string, string>()
  flatten(flat, '', options)
  if (plan) {
    flat.set('input.name', plan.inputName)
    flat.set('input.hash', plan.inputHash)
    if (plan.sourceHash !== null) flat.set('source.hash', plan.sourceHash)
    const { normalization, inputSize, ...model } = plan.model
    for (const [key, value] of Object.entries(model)) flat.set(`model.${key}`, String(value))
    flat.set('model.normalization.mean', valueText(normalization.mean.map(rounded)))
    flat.set('model.normalization.std', valueText(normalization.std.map(rounded)))
    flat.set('model.inputSize', `${inputSize.width} x ${inputSize.height}`)
    flat.set('stream.corruptionParameters', plan.family)
    flat.set('stream.domains', String(plan.domains.length))
    flat.set('stream.steps', String(plan.totalSteps))
    flat.set('stream.images', String(plan.totalImages))
  }
  flat.set('lanes', lanes.map(({ id }) => id).join(', '))
  for (const lane of lanes) flatten(flat, `lanes.${lane.id}`, lane.options)
  for (const [key, value] of Object.entries(plan?.versions ?? {})) flat.set(`versions.${key}`, value)
  return flat
}

const rounded = (value: number): number => Number(value.toFixed(4))

/** Objects are gone into; lists and the names matched by hand are one value each. */
function flatten(into: Map<string, string>, path: string, value: object): void {
  for (const [key, inner] of Object.entries<unknown>({ ...value })) {
    const here = path === '' ? key : `${path}.${key}`
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner) && key !== 'labels')
      flatten(into, here, inner)
    else into.set(here, valueText(inner))
  }
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (Array.isArray(value))
    return value.length === 0
      ? '–'
      : value.every((item) => typeof item !== 'object')
        ? value.join(', ')
        : JSON.stringify(value)
  if (typeof value === 'object') return Object.keys(value).length === 0 ? '–' : JSON.stringify(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A row per setting. What a run cannot have, because it has no such lane, is no difference: the row `lanes` says it already. */
export function settingRows(runs: readonly ComparedRun[]): SettingRow[] {
  const flats = runs.map(flatSettings)
  const paths = new Set<string>()
  for (const flat of flats) for (const path of flat.keys()) paths.add(path)
  const rows = [...paths].map((path): SettingRow => {
    const values = flats.map((flat) => flat.get(path) ?? null)
    const lane = /^lanes\.([^.]+)\./.exec(path)?.[1]
    const held =
      lane === undefined
        ? values
        : values.filter((_, i) => runs[i]?.summary.options.lanes.some(({ id }) => id === lane))
    return { path, values, differs: new Set(held).size > 1 }
  })
  // What only a later run has came last: put it with its kind.
  const kindOf = (path: string) =>
    path.startsWith('lanes.') ? path.split('.', 2).join('.') : (path.split('.', 1)[0] as string)
  const kinds = [...new Set(rows.map(({ path }) => kindOf(path)))]
  const rank = new Map(
    kinds.map((kind, i) => [
      kind,
      i + (kind === 'versions' ? 2 * kinds.length : kind.startsWith('lanes.') ? kinds.length : 0),
    ]),
  )
  return rows.toSorted((a, b) => (rank.get(kindOf(a.path)) ?? 0) - (rank.get(kindOf(b.path)) ?? 0))
}

export type MismatchKind = 'images' | 'model' | 'stream' | 'unfinished' | 'machine'

export interface Mismatch {
  readonly kind: MismatchKind
  /** The runs by what they have. */
  readonly groups: readonly { readonly runs: readonly number[]; readonly value: string }[]
}

const short = (hash: string): string => (hash === '' ? '' : ` (${hash.slice(0, 8)})`)
const streamKeys = [
  'schedule',
  'corruptions',
  'severities',
  'order',
  'cycles',
  'family',
  'batchSize',
  'imageOrder',
  'limit',
  'dirichletDelta',
  'window',
] as const satisfies readonly (keyof RunOptions)[]

/** What speaks against reading the runs' numbers side by side; the gravest first. Nothing = they saw the same. */
export function mismatches(runs: readonly ComparedRun[]): Mismatch[] {
  const found: Mismatch[] = []
  const hold = (
    kind: MismatchKind,
    keyOf: (run: ComparedRun) => string,
    textOf: (run: ComparedRun) => string,
  ): void => {
    const groups = [...Map.groupBy(runs, keyOf).values()]
    if (groups.length > 1)
      found.push({
        kind,
        groups: groups.map((group) => ({
          runs: group.map(({ summary }) => summary.id),
          value: textOf(group[0] as ComparedRun),
        })),
      })
  }
  hold(
    'images',
    ({ summary, plan }) => plan?.inputHash || JSON.stringify(summary.options.input),
    ({ summary, plan }) => `${summary.inputName}${short(plan?.inputHash ?? '')}`,
  )
  const modelKey = ({ summary, plan }: ComparedRun) =>
    plan
      ? JSON.stringify([plan.model.hash, plan.model.normalization, plan.model.inputSize])
      : JSON.stringify(summary.options.model)
  hold(
    'model',
    modelKey,
    ({ summary, plan }) =>
      `${summary.modelName}${short(plan?.model.hash ?? '')}${plan ? `, ${plan.model.inputSize.width} x ${plan.model.inputSize.height}, mean ${plan.model.normalization.mean.map(rounded).join('/')}` : ''}`,
  )
  const streamOf = ({ summary, plan }: ComparedRun) => [
    ...streamKeys.map(
      (key) => [key, key === 'family' && plan ? plan.family : valueText(summary.options[key])] as const,
    ),
    ['batches', halvingText(plan?.halvings ?? [], summary.options.batchSize) || 'whole'] as const,
  ]
  const differing = [...streamKeys, 'batches'].filter(
    (_, i) => new Set(runs.map((run) => streamOf(run)[i]?.[1])).size > 1,
  )
  hold(
    'stream',
    (run) => JSON.stringify(streamOf(run)),
    (run) =>
      streamOf(run)
        .filter(([key]) => differing.includes(key))
        .map(([key, value]) => `${key} ${value.length > 60 ? `${value.slice(0, 57)}…` : value}`)
        .join(', '),
  )
  const open = runs.filter(({ summary }) => summary.status !== 'done')
  if (open.length > 0)
    found.push({
      kind: 'unfinished',
      groups: open.map(({ summary }) => ({ runs: [summary.id], value: `${summary.step} / ${summary.totalSteps}` })),
    })
  const machineOf = ({ plan }: ComparedRun) =>
    ['device', 'card', 'tensorflow', 'webgpu', 'system', 'threads']
      .map((key) => plan?.versions[key])
      .concat(plan?.versions['precision'] === 'tf32' ? 'TF32' : '')
      .filter(Boolean)
      .join(', ')
  hold('machine', machineOf, machineOf)
  return found
}

export const groupsText = (groups: Mismatch['groups'], runs: (numbers: readonly number[]) => string): string =>
  groups.map((group) => `${runs(group.runs)}: ${group.value === '' ? '–' : group.value}`).join('; ')

/** In English, for the command and for what is written below an exported table. */
export function mismatchText({ kind, groups }: Mismatch): string {
  const lead: Readonly<Record<MismatchKind, string>> = {
    images: 'Not comparable: these runs saw other images',
    model: 'Not comparable: these runs had other models',
    stream: 'Not comparable: these runs had other streams',
    unfinished: 'Not complete, so their means are over fewer domains',
    machine: 'Computed on other machines or versions, so they may differ by rounding',
  }
  return `${lead[kind]}: ${groupsText(groups, (numbers) => `${numbers.length === 1 ? 'run' : 'runs'} ${numbers.join(', ')}`)}.`
}
