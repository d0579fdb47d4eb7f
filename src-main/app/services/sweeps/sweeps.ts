// Sweeps: computes the missing cells run by run, in the background, and gathers results. What is done is never computed again; what was
// cut off goes on where it stopped. Which cells there are is in sweep-planner.ts.
import type { DeviceChoice } from '#contract/devices.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import type { Lane } from '#contract/runs/run-options.ts'
import type { LayerImportance, SweepDefinition, SweepPlan, SweepResults, SweepState } from '#contract/sweeps/sweep.ts'
import type { FeedSink } from '#app/services/runs/run-feed.ts'
import type { Runs } from '#app/services/runs/runs.ts'
import { expandMethods, runOf, type Cell } from './sweep-cells.ts'
import type { Shard } from './shards.ts'
import { SweepPlanner, type SweepAbilities } from './sweep-planner.ts'
import { gatherResults, importanceOf, type Planned, type SweepRecords } from './sweep-results.ts'

interface Active {
  readonly id: number
  stopping: boolean
  message: string | null
  run: number | null
  /** Of new runs; null = as the settings say. */
  readonly device: DeviceChoice | null
  over: Promise<void>
}

export class SweepService {
  private readonly store: SweepRecords
  private readonly runs: Runs
  private readonly abilities: SweepAbilities
  private readonly planner: SweepPlanner
  private readonly now: () => number
  private readonly listeners = new Set<(state: SweepState) => void>()
  private current: Active | null = null

  constructor(parts: {
    readonly store: SweepRecords
    readonly runs: Runs
    readonly abilities: SweepAbilities
    readonly now: () => number
    /** The part that is computed here; null = all. */
    readonly shard?: Shard | null
  }) {
    this.store = parts.store
    this.runs = parts.runs
    this.abilities = parts.abilities
    this.now = parts.now
    this.planner = new SweepPlanner(parts.store, parts.runs.catalogue, parts.abilities, parts.shard ?? null)
  }

  /** Writes a sweep down; one of the same name takes its place, its cells stay. */
  define(definition: SweepDefinition): number {
    // The options of every cell are looked at now, not when its turn comes.
    expandMethods(definition, 2)
    const id = this.store.transaction(() => this.store.sweeps.put(definition, this.now()))
    this.planner.forget(definition)
    this.tell(id, null)
    return id
  }

  remove(id: number): void {
    if (this.current?.id === id) throw new PalmError('run-busy', 'This sweep is under way. Stop it first.')
    this.store.sweeps.remove(id)
  }

  /** @throws PalmError `sweep-not-found` */
  definition(which: string): SweepDefinition {
    return this.store.sweeps.get(which).definition
  }

  async list(): Promise<SweepState[]> {
    return Promise.all(this.store.sweeps.list().map((sweep) => this.state(sweep.id)))
  }

  async state(id: number): Promise<SweepState> {
    const { definition, createdAt } = this.store.sweeps.get(String(id))
    const active = this.current?.id === id ? this.current : null
    let counts = { cells: 0, done: 0 }
    let message = active?.message ?? null
    try {
      const planned = await this.planner.planned(definition)
      const cells = this.planner.wanted(planned).length
      counts = { cells, done: cells - this.planner.missing(planned).length }
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
    const { definition } = this.store.sweeps.get(String(id))
    return this.planner.size(id, definition)
  }

  /** The cells that are left to compute, with what they stand on: for whoever has them computed elsewhere. @throws PalmError `sweep-not-found`, and why images or models cannot be read */
  async left(which: string): Promise<{ readonly planned: Planned; readonly cells: readonly Cell[] }> {
    const planned = await this.planner.forComputing(this.definition(which))
    return { planned, cells: this.planner.missing(planned) }
  }

  /** Whether a cell's result is here. */
  isDone(key: string): boolean {
    return this.planner.isDone(key)
  }

  /** Results of it came from elsewhere: whoever follows is told. */
  changed(id: number): void {
    this.tell(id, null)
  }

  get active(): number | null {
    return this.current?.id ?? null
  }

  /** Computes what is missing, in the background; new runs on `device`, null = as the settings say. @throws PalmError `run-busy`, `sweep-not-found` */
  start(id: number, device: DeviceChoice | null = null): void {
    if (this.current)
      throw new PalmError(
        'run-busy',
        'Another sweep is under way. Stop it first, or wait: two at once would slow each other down.',
      )
    if (this.runs.sessions.activeRun !== null)
      throw new PalmError(
        'run-busy',
        `Run ${this.runs.sessions.activeRun} is under way. Stop it first, or wait for it.`,
      )
    const { definition } = this.store.sweeps.get(String(id))
    const active: Active = { id, stopping: false, message: null, run: null, device, over: Promise.resolve() }
    this.current = active
    active.over = this.work(active, definition)
      .catch((thrown: unknown) => {
        active.message = toWireError(thrown).message
      })
      .finally(() => {
        this.current = null
        this.tell(id, active.message)
      })
    this.tell(id, null)
  }

  /** Ends after the current step; `start` goes on from there. */
  stop(): void {
    if (!this.current || this.current.stopping) return
    this.current.stopping = true
    if (this.current.run !== null && this.runs.sessions.activeRun === this.current.run)
      this.runs.sessions.stop(this.current.run)
    this.tell(this.current.id, null)
  }

  /** Resolves when no sweep is under way; with the reason why it ended early, where it did. */
  async over(): Promise<string | null> {
    const active = this.current
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
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private async work(active: Active, definition: SweepDefinition): Promise<void> {
    const planned = await this.planner.forComputing(definition)
    const failures: string[] = []
    const tried = new Set<string>()
    for (;;) {
      const group = this.planner.groups(this.planner.missing(planned).filter((cell) => !tried.has(cell.key)))[0]
      if (!group || active.stopping) break
      for (const cell of group) tried.add(cell.key)
      await this.runs.sessions.settled()
      active.run = this.launch(definition, group, active.device)
      this.tell(active.id, null)
      await this.runs.sessions.over(active.run)
      const { status, error } = this.runs.catalogue.get(active.run)
      active.run = null
      if (status === 'stopped' || status === 'interrupted') {
        if (status === 'stopped') active.stopping = true
        else failures.push(error?.message ?? 'The session ended early.')
        break
      }
      if (status === 'failed')
        failures.push(`${group.map((cell) => cell.label).join(', ')}: ${error?.message ?? 'failed'}`)
      this.tell(active.id, null)
    }
    active.message = failures.length > 0 ? failures.join(' ') : null
  }

  /** Goes on with the run that these cells already have, or starts one. */
  private launch(definition: SweepDefinition, group: readonly Cell[], device: DeviceChoice | null): number {
    const first = group[0] as Cell
    const begun = this.planner.begunRun(first.key)
    if (begun !== null) {
      this.runs.sessions.resume(begun)
      return begun
    }
    const lanes = uniqueLanes(group)
    const run = this.runs.sessions.start({ ...runOf(definition, first, lanes), device })
    this.store.transaction(() => {
      for (const [i, cell] of group.entries()) this.store.cells.put(cell.key, run, lanes[i]?.id ?? '')
    })
    return run
  }

  /** Everything that the tables are made from. @throws PalmError `sweep-not-found` */
  async results(which: string): Promise<SweepResults> {
    const { id, definition } = this.store.sweeps.get(which)
    const planned = await this.planner.planned(definition)
    const paper = definition.paper === null ? null : await this.abilities.paperTables()
    return gatherResults(this.store, (run) => this.planner.statusOf(run), { id, planned, paper })
  }

  /** Mean importance of each tensor in each domain, over the steps in which it was measured (Figure 2). */
  async importance(which: string): Promise<LayerImportance[]> {
    return importanceOf(this.store, await this.results(which))
  }

  private tell(id: number, message: string | null): void {
    if (this.listeners.size === 0) return
    void this.state(id)
      .then((state) => {
        for (const listener of [...this.listeners])
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
