// Sweeps: plans their cells, computes the missing ones run by run, and gathers results. Cells that share a stream are lanes of one run, since
// decoding and corrupting once is cheaper. What is done is never computed again; what was cut off goes on where it stopped.
import { PalmError, toWireError } from '#contract/errors.ts'
import type { LayerImportance } from '#contract/sweeps/sweep.ts'
import type { LaneOptions } from '#contract/methods/methods.ts'
import type { InputOptions, Lane, ModelOptions } from '#contract/runs/run-options.ts'
import type { PaperTable, SweepDefinition, SweepPlan, SweepResults, SweepState } from '#contract/sweeps/sweep.ts'
import type { FeedSink } from '#app/services/runs/run-feed.ts'
import type { Runs } from '#app/services/runs/runs.ts'
import { cellsOf, expandMethods, runOf, type Cell, type Fingerprints } from './sweep-cells.ts'
import { gatherResults, importanceOf, refusalKey, type Planned, type SweepRecords } from './sweep-results.ts'
import { measuredIn, msPerImage, relativeCost, type Measured } from './sweep-estimate.ts'

/** Lanes of one run, at most: each holds weights and optimizer state of its own. */
const lanesPerRun = 8

/** What other layers know. */
export interface SweepAbilities {
  /** `source`: whether it is given as source images, where `sample` means others. */
  fingerprintInput(
    input: InputOptions,
    source: boolean,
  ): Promise<{ readonly name: string; readonly hash: string; readonly images: number }>
  inspectModel(
    model: ModelOptions,
  ): Promise<{ readonly name: string; readonly hash: string; readonly classes: number; readonly flops: number }>
  /** Why each lane cannot run on the model; null where it can. */
  refusals(model: ModelOptions, lanes: readonly LaneOptions[], hasSource: boolean): Promise<(string | null)[]>
  /** This machine's speed at a convolution; null when it cannot be measured. */
  gigaflops(): Promise<number | null>
  paperTables(): Promise<{ readonly source: string; readonly tables: Readonly<Record<string, PaperTable>> }>
}

interface Active {
  readonly id: number
  stopping: boolean
  message: string | null
  run: number | null
  over: Promise<void>
}

const resumable = ['stopped', 'interrupted', 'failed', 'queued', 'starting', 'running', 'paused', 'stopping']

export class SweepService {
  readonly #store: SweepRecords
  readonly #runs: Runs
  readonly #abilities: SweepAbilities
  readonly #now: () => number
  readonly #listeners = new Set<(state: SweepState) => void>()
  readonly #prints = new Map<string, Promise<Planned>>()
  #active: Active | null = null

  constructor(parts: {
    readonly store: SweepRecords
    readonly runs: Runs
    readonly abilities: SweepAbilities
    readonly now: () => number
  }) {
    this.#store = parts.store
    this.#runs = parts.runs
    this.#abilities = parts.abilities
    this.#now = parts.now
  }

  /** Writes a sweep down; one of the same name takes its place, its cells stay. */
  define(definition: SweepDefinition): number {
    // The options of every cell are looked at now, not when its turn comes.
    expandMethods(definition, 2)
    const id = this.#store.transaction(() => this.#store.sweeps.put(definition, this.#now()))
    this.#prints.delete(JSON.stringify(definition))
    this.#tell(id, null)
    return id
  }

  remove(id: number): void {
    if (this.#active?.id === id) throw new PalmError('run-busy', 'This sweep is under way. Stop it first.')
    this.#store.sweeps.remove(id)
  }

  /** @throws PalmError `sweep-not-found` */
  definition(which: string): SweepDefinition {
    return this.#store.sweeps.get(which).definition
  }

  async list(): Promise<SweepState[]> {
    return Promise.all(this.#store.sweeps.list().map((sweep) => this.state(sweep.id)))
  }

  async state(id: number): Promise<SweepState> {
    const { definition, createdAt } = this.#store.sweeps.get(String(id))
    const active = this.#active?.id === id ? this.#active : null
    let counts = { cells: 0, done: 0 }
    let message = active?.message ?? null
    try {
      const planned = await this.#plan(definition)
      const wanted = planned.cells.filter((cell) => !planned.refused.has(refusalKey(cell)))
      counts = { cells: wanted.length, done: wanted.filter((cell) => this.#isDone(cell.key)).length }
    } catch (thrown) {
      message = toWireError(thrown).message
    }
    const state = active
      ? active.stopping
        ? 'stopping'
        : 'running'
      : counts.cells > 0 && counts.done === counts.cells
        ? 'done'
        : message
          ? 'failed'
          : 'idle'
    return {
      id,
      name: definition.name,
      title: definition.title,
      createdAt,
      state,
      ...counts,
      activeRun: active?.run ?? null,
      message,
    }
  }

  /** Size and time, before it starts. */
  async plan(id: number): Promise<SweepPlan> {
    const { definition } = this.#store.sweeps.get(String(id))
    const planned = await this.#plan(definition)
    const wanted = planned.cells.filter((cell) => !planned.refused.has(refusalKey(cell)))
    const missing = wanted.filter((cell) => !this.#isDone(cell.key))
    const perCell = (cell: Cell) => this.#imagesOf(definition, planned.inputs[cell.input]?.images ?? 0, cell)
    const measured = this.#measured()
    const known = missing.map((cell) => msPerImage(cell.options, planned.models[cell.model]?.hash ?? '', measured))
    let estimateMs: number | null = known.reduce<number | null>(
      (sum, ms, i) => (sum === null || ms === null ? null : sum + ms * perCell(missing[i] as Cell)),
      0,
    )
    if (estimateMs === null) {
      const speed = await this.#abilities.gigaflops()
      // Half of a lone convolution's speed is what whole steps reach.
      if (speed !== null)
        estimateMs = missing.reduce(
          (sum, cell) =>
            sum +
            (relativeCost(cell.options) * (planned.models[cell.model]?.flops ?? 0) * perCell(cell)) / (speed * 0.5e6),
          0,
        )
    }
    const refused = new Map(
      planned.cells.flatMap((cell) =>
        planned.refused.has(refusalKey(cell))
          ? [[cell.label, planned.refused.get(refusalKey(cell)) as string] as const]
          : [],
      ),
    )
    return {
      id,
      name: definition.name,
      title: definition.title,
      cells: wanted.length,
      done: wanted.length - missing.length,
      runs: this.#groups(missing).length,
      images: missing.reduce((sum, cell) => sum + perCell(cell), 0),
      estimateMs,
      refused: [...refused].map(([label, reason]) => ({ label, reason })),
    }
  }

  get active(): number | null {
    return this.#active?.id ?? null
  }

  /** Computes what is missing, in the background. @throws PalmError `run-busy`, `sweep-not-found` */
  start(id: number): void {
    if (this.#active)
      throw new PalmError(
        'run-busy',
        'Another sweep is under way. Stop it first, or wait: two at once would slow each other down.',
      )
    if (this.#runs.sessions.activeRun !== null)
      throw new PalmError(
        'run-busy',
        `Run ${this.#runs.sessions.activeRun} is under way. Stop it first, or wait for it.`,
      )
    const { definition } = this.#store.sweeps.get(String(id))
    const active: Active = { id, stopping: false, message: null, run: null, over: Promise.resolve() }
    this.#active = active
    active.over = this.#work(active, definition)
      .catch((thrown: unknown) => {
        active.message = toWireError(thrown).message
      })
      .finally(() => {
        this.#active = null
        this.#tell(id, active.message)
      })
    this.#tell(id, null)
  }

  /** Ends after the current step; `start` goes on from there. */
  stop(): void {
    if (!this.#active || this.#active.stopping) return
    this.#active.stopping = true
    if (this.#active.run !== null && this.#runs.sessions.activeRun === this.#active.run)
      this.#runs.sessions.stop(this.#active.run)
    this.#tell(this.#active.id, null)
  }

  /** Resolves when no sweep is under way; with the reason why it ended early, where it did. */
  async over(): Promise<string | null> {
    const active = this.#active
    await active?.over
    return active?.message ?? null
  }

  async close(): Promise<void> {
    this.stop()
    await this.over()
  }

  /** The sweeps as they are, then each one that changes. */
  follow(sink: FeedSink<SweepState[], SweepState>): () => void {
    let live = true
    let waiting: SweepState[] | null = []
    const stop = this.onChange((state) => {
      if (waiting) waiting.push(state)
      else sink.event(state)
    })
    void this.list()
      .then((states) => {
        if (!live) return
        sink.snapshot(states)
        for (const state of waiting ?? []) sink.event(state)
        waiting = null
      })
      .catch((thrown: unknown) => {
        if (live) sink.error(toWireError(thrown))
      })
    return () => {
      live = false
      stop()
    }
  }

  onChange(listener: (state: SweepState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #work(active: Active, definition: SweepDefinition): Promise<void> {
    const planned = await this.#plan(definition)
    const failures: string[] = []
    const missing = () =>
      planned.cells.filter((cell) => !planned.refused.has(refusalKey(cell)) && !this.#isDone(cell.key))
    const tried = new Set<string>()
    for (;;) {
      const group = this.#groups(missing().filter((cell) => !tried.has(cell.key)))[0]
      if (!group || active.stopping) break
      for (const cell of group) tried.add(cell.key)
      await this.#runs.sessions.settled()
      active.run = this.#launch(definition, group)
      this.#tell(active.id, null)
      await this.#runs.sessions.over(active.run)
      const { status, error } = this.#runs.catalogue.get(active.run)
      active.run = null
      if (status === 'stopped' || status === 'interrupted') {
        if (status === 'stopped') active.stopping = true
        else failures.push(error?.message ?? 'The session ended early.')
        break
      }
      if (status === 'failed')
        failures.push(`${group.map((cell) => cell.label).join(', ')}: ${error?.message ?? 'failed'}`)
      this.#tell(active.id, null)
    }
    active.message = failures.length > 0 ? failures.join(' ') : null
  }

  /** Goes on with the run that these cells already have, or starts one. */
  #launch(definition: SweepDefinition, group: readonly Cell[]): number {
    const first = group[0] as Cell
    const place = this.#store.cells.get(first.key)
    if (place && resumable.includes(this.#statusOf(place.run) ?? '')) {
      this.#runs.sessions.resume(place.run)
      return place.run
    }
    const lanes = uniqueLanes(group)
    const run = this.#runs.sessions.start(runOf(definition, first, lanes))
    this.#store.transaction(() => {
      for (const [i, cell] of group.entries()) this.#store.cells.put(cell.key, run, lanes[i]?.id ?? '')
    })
    return run
  }

  /** Cells that are computed together: those of a run that was begun, else of one stream. */
  #groups(cells: readonly Cell[]): Cell[][] {
    const begun = Map.groupBy(cells, (cell) => {
      const place = this.#store.cells.get(cell.key)
      // A run that failed is not gone on with: its cells are tried anew.
      return place && resumable.includes(this.#statusOf(place.run) ?? '') && this.#statusOf(place.run) !== 'failed'
        ? `run ${place.run}`
        : `stream ${cell.stream}`
    })
    return [...begun].flatMap(([key, group]) => {
      if (key.startsWith('run ')) return [group]
      return Array.from({ length: Math.ceil(group.length / lanesPerRun) }, (_, i) =>
        group.slice(i * lanesPerRun, (i + 1) * lanesPerRun),
      )
    })
  }

  #statusOf(run: number): string | null {
    try {
      return this.#runs.catalogue.get(run).status
    } catch {
      return null
    }
  }

  #isDone(key: string): boolean {
    const place = this.#store.cells.get(key)
    return place !== null && this.#statusOf(place.run) === 'done'
  }

  #imagesOf(definition: SweepDefinition, images: number, { schedule }: Cell): number {
    const each = Math.min(images, definition.limit ?? images)
    const severities = schedule === 'gradual' ? 9 : definition.severities.length
    const domains =
      schedule === 'custom' ? definition.order.length : Math.max(1, definition.corruptions.length * severities)
    return each * domains * definition.cycles
  }

  #measured(): Measured[] {
    return measuredIn(this.#store, this.#runs.catalogue.list())
  }

  #plan(definition: SweepDefinition): Promise<Planned> {
    const key = JSON.stringify(definition)
    const before = this.#prints.get(key)
    if (before) return before
    const planned = this.#look(definition)
    this.#prints.set(key, planned)
    planned.catch(() => this.#prints.delete(key))
    return planned
  }

  async #look(definition: SweepDefinition): Promise<Planned> {
    const [inputs, models, source] = await Promise.all([
      Promise.all(definition.inputs.map((input) => this.#abilities.fingerprintInput(input, false))),
      Promise.all(definition.models.map((model) => this.#abilities.inspectModel(model))),
      definition.source ? this.#abilities.fingerprintInput(definition.source, true) : null,
    ])
    const prints: Fingerprints = { inputs: inputs.map(({ hash }) => hash), models, source: source?.hash ?? null }
    const cells = cellsOf(definition, prints)
    const refused = new Map<string, string>()
    for (const [model, options] of definition.models.entries()) {
      const lanes = [
        ...new Map(cells.filter((cell) => cell.model === model).map((cell) => [refusalKey(cell), cell])).values(),
      ]
      const reasons = await this.#abilities.refusals(
        options,
        lanes.map((cell) => cell.options),
        definition.source !== null,
      )
      for (const [i, reason] of reasons.entries())
        if (reason !== null) refused.set(refusalKey(lanes[i] as Cell), reason)
    }
    return { definition, cells, inputs, models, refused }
  }

  /** Everything that the tables are made from. @throws PalmError `sweep-not-found` */
  async results(which: string): Promise<SweepResults> {
    const { id, definition } = this.#store.sweeps.get(which)
    const planned = await this.#plan(definition)
    const paper = definition.paper === null ? null : await this.#abilities.paperTables()
    return gatherResults(this.#store, (run) => this.#statusOf(run), { id, planned, paper })
  }

  /** Mean importance of each tensor in each domain, over the steps in which it was measured (Figure 2). */
  async importance(which: string): Promise<LayerImportance[]> {
    return importanceOf(this.#store, await this.results(which))
  }

  #tell(id: number, message: string | null): void {
    if (this.#listeners.size === 0) return
    void this.state(id)
      .then((state) => {
        for (const listener of [...this.#listeners])
          listener(message === null ? state : { ...state, message, state: state.state === 'done' ? 'done' : 'failed' })
      })
      .catch(() => undefined) // removed meanwhile, or the store cannot be read: whoever asks is told why
  }
}

function uniqueLanes(group: readonly Cell[]): Lane[] {
  const counts = new Map<string, number>()
  return group.map((cell) => {
    const { method } = cell.options
    const n = (counts.get(method) ?? 0) + 1
    counts.set(method, n)
    return { id: n === 1 ? method : `${method}-${n}`, label: cell.label.slice(0, 80), options: cell.options }
  })
}
