// Joins files of runs that other machines computed (parts of a sweep) into this data folder. Everything is looked at before anything is written: a file that does not
// fit is refused by name, and nothing is taken. A cell that is there already is kept, and must have the same numbers if the kind of device is the same.
import { devicesOf, shortDevice } from '#contract/devices.ts'
import { PalmError } from '#contract/errors.ts'
import { isPlaced, type InputOptions } from '#contract/inputs/input-kinds.ts'
import type { ModelOptions } from '#contract/runs/run-options.ts'
import type { SweepDefinition } from '#contract/sweeps/sweep.ts'
import type { RunPlan } from '#contract/tables/report.ts'
import type { RunPart } from '#store/run-files.ts'
import type { Store } from '#store/store.ts'
import type { RememberedPlan } from '#store/tables/sweeps-table.ts'

/** What was taken from one file. */
export interface MergedFile {
  readonly file: string
  readonly sweeps: readonly string[]
  readonly runs: number
  readonly cells: number
  /** Cells that were here already. */
  readonly known: number
  /** Runs that their machine had not finished. */
  readonly unfinished: number
}

/** @throws PalmError `bad-request` for files that do not fit together or to what is here, `store-damaged`, `input-unreadable`, `disk-full` */
export function mergeFiles(store: Store, files: readonly string[]): MergedFile[] {
  const parts = files.map((file) => ({ file, part: null as RunPart | null }))
  try {
    const versions = new Map<string, string>()
    const plans = new Map<string, { readonly plan: RememberedPlan; readonly file: string }>()
    for (const entry of parts) {
      entry.part = store.runFiles.open(entry.file)
      refuseDamaged(entry.part, entry.file)
      sweepsMustFit(store, entry.part, entry.file, plans)
      versionsMustFit(store, entry.part, entry.file, versions)
    }
    // All files or none: a cell that has other numbers is found only while they are taken.
    return store.transaction(() =>
      parts.map(({ file, part }) => {
        if (part === null) throw new PalmError('internal', `${file} was not opened.`)
        return take(store, part, file)
      }),
    )
  } finally {
    for (const { part } of parts) part?.close()
  }
}

function take(store: Store, part: RunPart, file: string): MergedFile {
  const merged = { file, sweeps: [] as string[], runs: 0, cells: 0, known: 0, unfinished: 0 }
  for (const { name, definition, createdAt } of part.sweeps.list()) {
    if (!store.sweeps.list().some((sweep) => sweep.name === name)) store.sweeps.put(definition, createdAt)
    const remembered = part.sweeps.remembered(name)
    if (remembered && !store.sweeps.remembered(name))
      store.sweeps.remember(store.sweeps.get(name).definition, remembered)
    merged.sweeps.push(name)
  }
  for (const run of part.runs.list()) {
    const cells = part.cells.ofRun(run.id)
    if (cells.length === 0) continue
    if (run.status !== 'done') {
      merged.unfinished += 1
      continue
    }
    const added = cells.filter(({ key, lane }) => {
      const here = finishedPlace(store, key)
      if (here !== null) sameNumbers(store, here, { part, run: run.id, lane, file })
      return here === null
    })
    merged.known += cells.length - added.length
    if (added.length === 0) continue
    const copy = part.take(run.id)
    for (const { key, lane } of added) store.cells.put(key, copy, lane)
    merged.runs += 1
    merged.cells += added.length
  }
  return merged
}

/** What cannot be read cannot be compared with what is here. */
function refuseDamaged(part: RunPart, file: string): void {
  const [damaged] = [...part.runs.damaged(), ...part.sweeps.damaged()]
  if (damaged)
    throw new PalmError(
      'store-damaged',
      `${file} holds a row that cannot be read, and nothing was taken. ${damaged.message}`,
      damaged.detail,
    )
}

function finishedPlace(store: Store, key: string): { readonly run: number; readonly lane: string } | null {
  const place = store.cells.get(key)
  if (place === null) return null
  const run = store.runs.get(place.run)
  return run.status === 'done' && run.deletedAt === null ? place : null
}

interface Elsewhere {
  readonly part: RunPart
  readonly run: number
  readonly lane: string
  readonly file: string
}

/** The same cell on the same kind of device and library gives the same bits: where it does not, one of both is wrong, and nobody can say which. */
function sameNumbers(store: Store, here: { readonly run: number; readonly lane: string }, there: Elsewhere): void {
  const other = there.part.runs.plan(there.run)
  const mine = store.runs.plan(here.run)
  if (other === null || mine === null || deviceText(other) !== deviceText(mine)) return
  const counts = (metrics: ReturnType<Store['steps']['domains']>, lane: string) =>
    metrics.filter((metric) => metric.lane === lane).map(({ images, labelled, correct }) => [images, labelled, correct])
  if (
    JSON.stringify(counts(store.steps.domains(here.run), here.lane)) !==
    JSON.stringify(counts(there.part.steps.domains(there.run), there.lane))
  )
    throw new PalmError(
      'bad-request',
      `${there.file} has other numbers for what run ${here.run} (${here.lane}) computed here with the same settings on the same kind of device. One of them is wrong: nothing was taken.`,
    )
}

const deviceText = (plan: RunPlan): string =>
  devicesOf(plan)
    .map((used) => `${shortDevice(used)} ${used.library}`)
    .join()

function versionsMustFit(store: Store, part: RunPart, file: string, known: Map<string, string>): void {
  for (const { id, status } of part.runs.list()) {
    const plan = status === 'done' ? part.runs.plan(id) : null
    if (plan === null) continue
    const version = plan.versions['app'] ?? 'unknown'
    for (const { key } of part.cells.ofRun(id)) {
      const here = finishedPlace(store, key)
      if (here !== null) known.set(store.runs.plan(here.run)?.versions['app'] ?? 'unknown', `run ${here.run} here`)
    }
    known.set(version, known.get(version) ?? file)
    if (known.size > 1) {
      const found = [...known].map(([name, where]) => `${name} (${where})`).join(' and ')
      throw new PalmError(
        'bad-request',
        `These results come from different versions of PALM Studio: ${found}. Compute them with one version.`,
      )
    }
  }
}

function sweepsMustFit(
  store: Store,
  part: RunPart,
  file: string,
  plans: Map<string, { readonly plan: RememberedPlan; readonly file: string }>,
): void {
  for (const { name, definition } of part.sweeps.list()) {
    const here = store.sweeps.list().find((sweep) => sweep.name === name)
    if (here && withoutPlaces(here.definition) !== withoutPlaces(definition))
      throw new PalmError(
        'bad-request',
        `${file} holds another sweep “${name}” than the one here: its settings differ. Rename one of them (palm sweep … --name).`,
      )
    const plan = part.sweeps.remembered(name)
    if (plan === null) throw new PalmError('bad-request', `${file} does not say on what images its sweep was computed.`)
    const known = plans.get(name) ?? ownPlan(store, name)
    if (known) hashesMustFit(plan, known, { file, name })
    else plans.set(name, { plan, file })
  }
}

function ownPlan(store: Store, name: string): { readonly plan: RememberedPlan; readonly file: string } | null {
  const plan = store.sweeps.remembered(name)
  return plan && { plan, file: 'this data folder' }
}

function hashesMustFit(
  plan: RememberedPlan,
  known: { readonly plan: RememberedPlan; readonly file: string },
  { file, name }: { readonly file: string; readonly name: string },
): void {
  const differs = (a: readonly { readonly hash: string }[], b: readonly { readonly hash: string }[]) =>
    a.map(({ hash }) => hash).join() !== b.map(({ hash }) => hash).join()
  const what = differs(plan.inputs, known.plan.inputs)
    ? 'images'
    : differs(plan.models, known.plan.models)
      ? 'model'
      : plan.source === known.plan.source
        ? null
        : 'source images'
  if (what !== null)
    throw new PalmError(
      'bad-request',
      `The sweep “${name}” was computed on other ${what} in ${file} than in ${known.file}.`,
    )
}

/** A definition as JSON, but for where its files lie. */
function withoutPlaces(definition: SweepDefinition): string {
  const input = (options: InputOptions) => (isPlaced(options) ? { ...options, path: '' } : options)
  const model = (options: ModelOptions) =>
    options.kind === 'file' ? { ...options, path: '', weights: options.weights === null ? null : '' } : options
  return JSON.stringify({
    ...definition,
    inputs: definition.inputs.map(input),
    models: definition.models.map(model),
    source: definition.source && input(definition.source),
  })
}
