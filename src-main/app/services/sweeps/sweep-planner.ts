// The plan of a sweep: its cells with what its inputs and models are, which of them are done, which are computed together, and how long
// the rest will take.
import { PalmError } from '#contract/errors.ts'
import type { LaneOptions } from '#contract/methods/methods.ts'
import type { ModelOptions } from '#contract/runs/run-options.ts'
import type { InputOptions } from '#contract/inputs/input-kinds.ts'
import { palmPresets } from '#contract/methods/presets.ts'
import { paperDifferences } from '#contract/sweeps/paper-settings.ts'
import type { PaperTable, SweepDefinition, SweepPlan } from '#contract/sweeps/sweep.ts'
import type { RunCatalogue } from '#app/services/runs/run-catalogue.ts'
import { cellsOf, type Cell, type Fingerprints } from './sweep-cells.ts'
import { measuredIn, msPerImage, relativeCost } from './sweep-estimate.ts'
import { lanesPerRun, shardOf, type Shard } from './shards.ts'
import { refusalKey, type Planned, type SweepRecords } from './sweep-results.ts'

const resumable = ['stopped', 'interrupted', 'failed', 'queued', 'starting', 'running', 'paused', 'stopping']

/** What other layers know. */
export interface SweepAbilities {
  /** `source`: whether it is given as source images, where `sample` means others. */
  fingerprintInput(input: InputOptions, source: boolean): Promise<Planned['inputs'][number]>
  inspectModel(model: ModelOptions): Promise<Planned['models'][number]>
  /** Why each lane cannot run on the model; null where it can. */
  refusals(model: ModelOptions, lanes: readonly LaneOptions[], hasSource: boolean): Promise<(string | null)[]>
  /** This machine's speed at a convolution; null when it cannot be measured. */
  gigaflops(): Promise<number | null>
  paperTables(): Promise<{ readonly source: string; readonly tables: Readonly<Record<string, PaperTable>> }>
}

export class SweepPlanner {
  private readonly store: SweepRecords
  private readonly catalogue: RunCatalogue
  private readonly abilities: SweepAbilities
  private readonly shard: Shard | null
  private readonly known = new Map<string, Promise<Planned>>()

  /** `shard`: the part of every sweep that is computed here; null = all of it. */
  constructor(store: SweepRecords, catalogue: RunCatalogue, abilities: SweepAbilities, shard: Shard | null) {
    this.store = store
    this.catalogue = catalogue
    this.abilities = abilities
    this.shard = shard
  }

  /** Cells and what they stand on; looked at once. @throws PalmError for inputs and models that cannot be read */
  planned(definition: SweepDefinition): Promise<Planned> {
    const key = JSON.stringify(definition)
    const before = this.known.get(key)
    if (before) return before
    const planned = this.look(definition)
    this.known.set(key, planned)
    planned.catch(() => this.known.delete(key))
    return planned
  }

  /** Inputs and models are looked at again. */
  forget(definition: SweepDefinition): void {
    this.known.delete(JSON.stringify(definition))
  }

  /** Cells that their models do not refuse, of the part that is computed here. */
  wanted({ definition, cells, refused, inputs, models }: Planned): Cell[] {
    const all = cells.filter((cell) => !refused.has(refusalKey(cell)))
    if (this.shard === null) return all
    return shardOf(
      all,
      this.shard,
      (cell) =>
        relativeCost(cell.options) *
        (models[cell.model]?.flops ?? 1) *
        imagesOf(definition, inputs[cell.input]?.images ?? 1, cell),
    )
  }

  /** The same, to be computed. @throws PalmError why images or models cannot be read, where something is left to compute */
  async forComputing(definition: SweepDefinition): Promise<Planned> {
    const planned = await this.planned(definition)
    if (planned.unread && this.missing(planned).length > 0) {
      this.forget(definition)
      throw planned.unread
    }
    return planned
  }

  /** Of these, the ones that are not done. */
  missing(planned: Planned): Cell[] {
    return this.wanted(planned).filter((cell) => !this.isDone(cell.key))
  }

  isDone(key: string): boolean {
    const place = this.store.cells.get(key)
    return place !== null && this.statusOf(place.run) === 'done'
  }

  /** Null for a run that is not there any more. */
  statusOf(run: number): string | null {
    try {
      return this.catalogue.get(run).status
    } catch {
      return null
    }
  }

  /** The run that has this cell and can be gone on with; null where there is none. */
  begunRun(key: string): number | null {
    const place = this.store.cells.get(key)
    return place && resumable.includes(this.statusOf(place.run) ?? '') ? place.run : null
  }

  /** Cells that are computed together: those of a run that was begun, else of one stream, because decoding and corrupting once is cheaper. */
  groups(cells: readonly Cell[]): Cell[][] {
    const begun = Map.groupBy(cells, (cell) => {
      const run = this.begunRun(cell.key)
      // A run that failed is not gone on with: its cells are tried again.
      return run !== null && this.statusOf(run) !== 'failed' ? `run ${run}` : `stream ${cell.stream}`
    })
    return [...begun].flatMap(([key, group]) => {
      if (key.startsWith('run ')) return [group]
      return Array.from({ length: Math.ceil(group.length / lanesPerRun) }, (_, i) =>
        group.slice(i * lanesPerRun, (i + 1) * lanesPerRun),
      )
    })
  }

  /** Size and time, before it starts. */
  async size(id: number, definition: SweepDefinition): Promise<SweepPlan> {
    const planned = await this.forComputing(definition)
    const wanted = this.wanted(planned)
    const missing = this.missing(planned)
    const images = (cell: Cell) => imagesOf(definition, planned.inputs[cell.input]?.images ?? 0, cell)
    const refused = new Map(
      planned.cells.flatMap((cell) => {
        const reason = planned.refused.get(refusalKey(cell))
        return reason === undefined ? [] : [[cell.label, reason] as const]
      }),
    )
    return {
      id,
      name: definition.name,
      title: definition.title,
      cells: wanted.length,
      done: wanted.length - missing.length,
      runs: this.groups(missing).length,
      images: missing.reduce((sum, cell) => sum + images(cell), 0),
      estimateMs: await this.estimateMs(planned, missing, images),
      refused: [...refused].map(([label, reason]) => ({ label, reason })),
      preset: definition.preset,
      batchSize: definition.batchSize ?? palmPresets[definition.preset].batchSize,
      imageOrder: definition.imageOrder,
      differences: paperDifferences(definition, planned),
    }
  }

  /** From measured speeds where all are known, else from this machine's speed at a convolution; null when that is not known either. */
  private async estimateMs(
    { models }: Planned,
    missing: readonly Cell[],
    images: (cell: Cell) => number,
  ): Promise<number | null> {
    const measured = measuredIn(this.store, this.catalogue.list())
    let sum = 0
    let allKnown = true
    for (const cell of missing) {
      const ms = msPerImage(cell.options, models[cell.model]?.hash ?? '', measured)
      if (ms === null) allKnown = false
      else sum += ms * images(cell)
    }
    if (allKnown) return sum
    const speed = await this.abilities.gigaflops()
    if (speed === null) return null
    // Half of a lone convolution's speed is what whole steps reach.
    const msOf = (cell: Cell) =>
      (relativeCost(cell.options) * (models[cell.model]?.flops ?? 0) * images(cell)) / (speed * 0.5e6)
    return missing.reduce((total, cell) => total + msOf(cell), 0)
  }

  /** As they are now; where they cannot be read, as they were the last time, for showing what was computed on them. */
  private async look(definition: SweepDefinition): Promise<Planned> {
    try {
      const planned = await this.lookNow(definition)
      const { inputs, models, source, refused } = planned
      this.store.sweeps.remember(definition, {
        inputs: [...inputs],
        models: [...models],
        source,
        refused: Object.fromEntries(refused),
      })
      return planned
    } catch (thrown) {
      const before = thrown instanceof PalmError ? this.store.sweeps.remembered(definition.name) : null
      if (before === null || !(thrown instanceof PalmError)) throw thrown
      const prints = { inputs: before.inputs.map(({ hash }) => hash), models: before.models, source: before.source }
      const refused = new Map(Object.entries(before.refused))
      return { ...before, definition, cells: cellsOf(definition, prints), refused, unread: thrown }
    }
  }

  private async lookNow(definition: SweepDefinition): Promise<Planned> {
    const [inputs, models, source] = await Promise.all([
      Promise.all(definition.inputs.map((input) => this.abilities.fingerprintInput(input, false))),
      Promise.all(definition.models.map((model) => this.abilities.inspectModel(model))),
      definition.source ? this.abilities.fingerprintInput(definition.source, true) : null,
    ])
    const prints: Fingerprints = { inputs: inputs.map(({ hash }) => hash), models, source: source?.hash ?? null }
    const cells = cellsOf(definition, prints)
    const refused = new Map<string, string>()
    for (const [model, options] of definition.models.entries()) {
      const lanes = [
        ...new Map(cells.filter((cell) => cell.model === model).map((cell) => [refusalKey(cell), cell])).values(),
      ]
      const reasons = await this.abilities.refusals(
        options,
        lanes.map((cell) => cell.options),
        definition.source !== null,
      )
      for (const [i, reason] of reasons.entries())
        if (reason !== null) refused.set(refusalKey(lanes[i] as Cell), reason)
    }
    return { definition, cells, inputs, models, refused, source: prints.source, unread: null }
  }
}

/** Of a cell's stream. */
function imagesOf(definition: SweepDefinition, images: number, { schedule }: Cell): number {
  const each = Math.min(images, definition.limit ?? images)
  const severities = schedule === 'gradual' ? 9 : definition.severities.length
  const domains =
    schedule === 'custom' ? definition.order.length : Math.max(1, definition.corruptions.length * severities)
  return each * domains * definition.cycles
}
