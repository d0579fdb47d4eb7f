// What came out of a sweep: its rows with every seed's numbers, and how important each tensor was in each domain.
import type { LayerImportance } from '#contract/sweeps/sweep.ts'
import type { PalmError } from '#contract/errors.ts'
import type { InputLayout } from '#contract/inputs/input-layouts.ts'
import { orderWords, paperDifferences } from '#contract/sweeps/paper-settings.ts'
import { devicesOf, shortDevice } from '#contract/devices.ts'
import { nearChance } from '#contract/runs/clean-check.ts'
import { isGuessing } from '#contract/runs/first-look.ts'
import { meanErrorPct, type RunPlan, type RunSnapshot } from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { PaperTable, SweepDefinition, SweepResults, SweepRow } from '#contract/sweeps/sweep.ts'
import type { RememberedPlan } from '#store/tables/sweeps-table.ts'
import { runOf, type Cell } from './sweep-cells.ts'

export interface SweepRecords {
  readonly sweeps: {
    put(definition: SweepDefinition, createdAt: number): number
    list(): {
      readonly id: number
      readonly name: string
      readonly definition: SweepDefinition
      readonly createdAt: number
    }[]
    get(which: string): {
      readonly id: number
      readonly name: string
      readonly definition: SweepDefinition
      readonly createdAt: number
    }
    remove(id: number): void
    /** What its inputs and models were. */
    remember(definition: SweepDefinition, plan: RememberedPlan): void
    remembered(name: string): RememberedPlan | null
  }
  readonly cells: {
    put(key: string, run: number, lane: string): void
    get(key: string): { readonly run: number; readonly lane: string } | null
  }
  readonly steps: {
    costs(run: number): {
      readonly lane: string
      readonly totalMs: number
      readonly images: number
      readonly peakBytes: number
      readonly adaptedShare: number
    }[]
    layersOf(
      run: number,
      lane: string,
      from: number,
      to: number,
    ): {
      readonly domain: number
      readonly layers: { readonly states: Uint8Array; readonly importances: Float32Array }
    }[]
  }
  snapshotWithoutSteps(run: number): RunSnapshot
  transaction<T>(work: () => T): T
}

/** Layer reports read before others are let in. */
const slice = 256

/** A sweep with what its inputs and models are. */
export interface Planned {
  readonly definition: SweepDefinition
  readonly cells: readonly Cell[]
  readonly inputs: readonly {
    readonly name: string
    readonly hash: string
    readonly images: number
    readonly layout: InputLayout
  }[]
  readonly models: readonly {
    readonly name: string
    readonly architecture: string
    readonly hash: string
    readonly classes: number
    readonly flops: number
  }[]
  /** By `model/row's options`. */
  readonly refused: ReadonlyMap<string, string>
  /** Of the source images. */
  readonly source: string | null
  /** Why inputs and models could not be looked at now, so that they are what they were the last time; null = they were looked at. */
  readonly unread: PalmError | null
}

export const refusalKey = (cell: Pick<Cell, 'model' | 'options'>) => `${cell.model} ${JSON.stringify(cell.options)}`

type Paper = { readonly source: string; readonly tables: Readonly<Record<string, PaperTable>> }

export function gatherResults(
  store: SweepRecords,
  statusOf: (run: number) => string | null,
  { id, planned, paper }: { readonly id: number; readonly planned: Planned; readonly paper: Paper | null },
): SweepResults {
  const { definition } = planned
  const snapshots = new Map<number, RunSnapshot>()
  const costs = new Map<number, ReturnType<SweepRecords['steps']['costs']>>()
  const domains: Record<string, string[]> = {}
  let plan: RunPlan | null = null
  const rows = [...Map.groupBy(planned.cells, (cell) => cell.row)].map(([, cells]): SweepRow => {
    const first = cells[0] as Cell
    return {
      label: first.label,
      options: first.options,
      input: first.input,
      model: first.model,
      schedule: first.schedule,
      refused: planned.refused.get(refusalKey(first)) ?? null,
      seeds: cells.map((cell) => {
        const place = store.cells.get(cell.key)
        const status = place ? statusOf(place.run) : null
        if (!place || status !== 'done') return null
        const snapshot = snapshots.get(place.run) ?? store.snapshotWithoutSteps(place.run)
        snapshots.set(place.run, snapshot)
        const cost = costs.get(place.run) ?? store.steps.costs(place.run)
        costs.set(place.run, cost)
        plan = snapshot.plan ?? plan
        domains[cell.schedule] ??= snapshot.plan?.domains.map(({ name }) => name) ?? []
        const metrics = snapshot.domains
          .filter(({ lane }) => lane === place.lane)
          .toSorted((a, b) => a.domain - b.domain)
        const own = cost.find(({ lane }) => lane === place.lane)
        return {
          seed: cell.seed,
          run: place.run,
          lane: place.lane,
          status,
          meanErrorPct: meanErrorPct(metrics),
          perDomain: metrics.map(({ labelled, correct }) =>
            labelled === 0 ? null : (100 * (labelled - correct)) / labelled,
          ),
          adaptedShare: own?.adaptedShare ?? 0,
          msPerImage: own && own.images > 0 ? own.totalMs / own.images : null,
          peakBytes: own?.peakBytes ?? 0,
          collapses: snapshot.collapses.filter(({ lane }) => lane === place.lane),
          devices: snapshot.plan ? [...new Set(devicesOf(snapshot.plan).map(shortDevice))] : [],
        }
      }),
    }
  })
  const table = paper?.tables[definition.paper ?? '']
  return {
    id,
    definition,
    inputNames: planned.inputs.map(({ name }) => name),
    modelNames: planned.models.map(({ name }) => name),
    domains,
    rows,
    protocol: protocolOf(definition, planned, plan),
    guessing: guessingOf([...snapshots.values()]),
    differences: paperDifferences(definition, planned),
    paper: paper && table ? { source: paper.source, table } : null,
  }
}

/** Null where the unadapted model does better than guessing, or was not asked. */
function guessOf({
  look,
  cleanCheck,
  model,
}: RunPlan): Pick<SweepResults['guessing'][number], 'check' | 'seen'> | null {
  if (look?.check) {
    const { corruption, severity } = look.seen
    return isGuessing(look)
      ? { check: look.check, seen: corruption === null ? 'clean' : `${corruption} ${severity}` }
      : null
  }
  return cleanCheck && nearChance(cleanCheck, model.classes) ? { check: cleanCheck, seen: 'clean' } : null
}

/** Each pair of input and model once. */
function guessingOf(snapshots: readonly RunSnapshot[]): SweepResults['guessing'] {
  const found = new Map<string, SweepResults['guessing'][number]>()
  for (const { plan } of snapshots) {
    const guess = plan && guessOf(plan)
    if (!guess) continue
    found.set(`${plan.inputHash} ${plan.model.hash}`, {
      input: plan.inputName,
      model: plan.model.name,
      ...guess,
      ...plan.model.normalization,
    })
  }
  return [...found.values()]
}

/** Of each PALM row's first seed that is done; null where a tensor was never measured in a domain. */
export async function importanceOf(store: SweepRecords, { rows }: SweepResults): Promise<LayerImportance[]> {
  const found: LayerImportance[] = []
  for (const row of rows) {
    const done = row.seeds.find((seed) => seed !== null)
    if (!done || row.options.method !== 'palm') continue
    const { plan, run } = store.snapshotWithoutSteps(done.run)
    const tensors = plan?.lanes.find(({ id }) => id === done.lane)?.tensors ?? []
    const domains = plan?.domains.map(({ name }) => name) ?? []
    const sums = tensors.map(() => domains.map(() => ({ sum: 0, n: 0 })))
    for (let from = 0; from < run.step; from += slice) {
      for (const { domain, layers } of store.steps.layersOf(done.run, done.lane, from, from + slice)) {
        for (const [i, state] of layers.states.entries()) {
          const importance = layers.importances[i] as number
          const cell = sums[i]?.[domain]
          // Only what was measured in this step: 2 = selected now.
          if (!cell || state !== 2 || Number.isNaN(importance)) continue
          cell.sum += importance
          cell.n += 1
        }
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    found.push({
      label: row.label,
      tensors: tensors.map(({ name }) => name),
      domains,
      values: sums.map((cells) => cells.map(({ sum, n }) => (n > 0 ? sum / n : null))),
    })
  }
  return found
}

const libraryOf = (plan: RunPlan): string =>
  devicesOf(plan).at(-1)?.library ?? `TensorFlow ${plan.versions.tensorflow ?? ''}`

function protocolOf(definition: SweepDefinition, planned: Planned, plan: RunPlan | null): string {
  const options: RunOptions = runOf(
    definition,
    { input: 0, model: 0, schedule: definition.schedules[0] ?? 'continual', seed: 0 },
    [{ id: 'x', label: 'x', options: { method: 'source' } }],
  )
  const parts = [
    `${planned.inputs.map(({ name }) => name).join(', ')} / ${planned.models.map(({ name }) => name).join(', ')}`,
    definition.schedules.join(', '),
    definition.schedules.includes('custom')
      ? `${definition.order.length} domains in an order of their own`
      : definition.corruptions.length === 0
        ? 'images as they are'
        : `${definition.corruptions.length} corruptions`,
    ...(definition.schedules.every((schedule) => schedule === 'gradual' || schedule === 'custom')
      ? []
      : [`severity ${definition.severities.join(', ')}`]),
    ...(definition.cycles > 1 ? [`${definition.cycles} cycles`] : []),
    `batch ${options.batchSize}`,
    `images in ${orderWords[definition.imageOrder]}`,
    ...(definition.window === null ? [] : [`window of ${definition.window} images`]),
    definition.limit === null ? 'all images' : `${definition.limit} images a domain`,
    `seeds ${definition.seeds.join(', ')}`,
    `preset ${definition.preset}`,
    ...(definition.guard ? ['collapse guard on'] : []),
    ...(planned.unread ? ['images and model are not on this machine: names and hashes as they were'] : []),
    ...(plan
      ? [
          `parameters of ${plan.family}`,
          `normalisation mean ${plan.model.normalization.mean.map((v) => v.toFixed(3)).join('/')} std ${plan.model.normalization.std.map((v) => v.toFixed(3)).join('/')}`,
          `PALM Studio ${plan.versions.app ?? ''}, ${libraryOf(plan)} (${plan.versions.device ?? ''})`,
        ]
      : []),
  ]
  return `Online error in %, mean over domains. ${parts.join('; ')}.`
}
