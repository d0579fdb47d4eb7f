// Sweeps: computes the missing cells run by run, in the background, and gathers results. What is done is never computed again; what was
// cut off goes on where it stopped. Which cells there are is in sweep-planner.ts.
import type { DeviceChoice } from '#contract/devices.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import type {
  LayerImportance,
  SweepDefinition,
  SweepPlan,
  SweepResults,
  SweepRisk,
  SweepState,
} from '#contract/sweeps/sweep.ts'
import type { FeedSink } from '#app/services/runs/run-feed.ts'
import type { Runs } from '#app/services/runs/runs.ts'
import { expandMethods, type Cell } from './sweep-cells.ts'
import { SweepComputing, type SweepUnderWay } from './sweep-computing.ts'
import type { Shard } from './shards.ts'
import { SweepPlanner, type SweepAbilities } from './sweep-planner.ts'
import { gatherResults, importanceOf, type Planned, type SweepRecords } from './sweep-results.ts'
import { riskOf, type RiskRecords } from './sweep-risk.ts'

interface Active extends SweepUnderWay {
  readonly id: number
  message: string | null
  over: Promise<void>
}

export class SweepService {
  private readonly store: SweepRecords & RiskRecords
  private readonly runs: Runs
  private readonly abilities: SweepAbilities
  private readonly planner: SweepPlanner
  private readonly now: () => number
  private readonly listeners = new Set<(state: SweepState) => void>()
  private current: Active | null = null

  constructor(parts: {
    readonly store: SweepRecords & RiskRecords
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
      activeRuns: [...(active?.runs ?? [])],
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

  /** Whether the sweep under way computes this run. */
  holds(run: number): boolean {
    return this.current?.runs.has(run) ?? false
  }

  /**
   * Computes what is missing, in the background, on each free device of the kind that is asked for; new runs on `device`, null = as the settings say.
   * @throws PalmError `run-busy`, `sweep-not-found`
   */
  start(id: number, device: DeviceChoice | null = null): void {
    if (this.current)
      throw new PalmError(
        'run-busy',
        'Another sweep is under way. Stop it first, or wait: two at once would slow each other down.',
      )
    const { definition } = this.store.sweeps.get(String(id))
    const holds = this.runs.sessions.holdFor(id, device)
    const active: Active = { id, stopping: false, message: null, runs: new Set(), device, over: Promise.resolve() }
    this.current = active
    const computing = new SweepComputing({
      store: this.store,
      runs: this.runs,
      planner: this.planner,
      definition,
      underWay: active,
      changed: () => this.tell(id, null),
      stop: () => this.stop(),
    })
    active.over = computing
      .on(holds)
      .then((message) => void (active.message = message))
      .catch((thrown: unknown) => {
        active.message = toWireError(thrown).message
      })
      .finally(() => {
        for (const hold of holds) hold.release()
        this.current = null
        this.tell(id, active.message)
      })
    this.tell(id, null)
  }

  /** Ends after the current step; `start` goes on from there. */
  stop(): void {
    if (!this.current || this.current.stopping) return
    this.current.stopping = true
    for (const run of this.current.runs) if (this.runs.sessions.isActive(run)) this.runs.sessions.stop(run)
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

  /** PALM's settings, judged without labels. */
  async risk(which: string): Promise<SweepRisk[]> {
    return riskOf(this.store, await this.results(which))
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
