// The sweeps as a screen needs them: the list with its progress, the chosen one's plan and results, and what is done to them. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import type { LayerImportance, SweepRisk } from '#contract/sweeps/sweep.ts'
import { toWireError } from '#contract/errors.ts'
import type { QueuedWorkInput, QueueEstimate } from '#contract/runs/queue.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { riskTables } from '#contract/tables/risk-table.ts'
import { tablesOf } from '#contract/tables/sweep-table.ts'
import { formatTable, transposed, type Table, type TableFormat } from '#contract/tables/table.ts'
import type { SweepDefinition, SweepPlan, SweepResults, SweepState, TableKind } from '#contract/sweeps/sweep.ts'
import { Lab } from './lab.svelte.ts'
import type { NewSweep } from './new-sweep.svelte.ts'
import { Undo } from '#renderer/state/app/undo.svelte.ts'

export class Sweeps {
  list = $state.raw<readonly SweepState[]>([])
  loaded = $state(false)
  chosen = $state<number | null>(null)
  plan = $state.raw<SweepPlan | null>(null)
  results = $state.raw<SweepResults | null>(null)
  importance = $state.raw<readonly LayerImportance[]>([])
  risks = $state.raw<readonly SweepRisk[]>([])
  kind = $state<TableKind>('errors')
  turned = $state(false)
  busy = $state(false)
  problem = $state('')
  readonly lab: Lab
  private readonly client: PalmClient
  /** What was done last can be taken back there: the window's own. */
  private readonly last: Undo
  private stop: () => void
  private looks = 0
  /** What a sweep is about is shown first, when its results come for the first time. */
  private fresh = false

  constructor(client: PalmClient, last: Undo = new Undo()) {
    this.client = client
    this.last = last
    this.lab = new Lab(client)
    this.stop = this.follow()
  }

  /** After a failure. */
  again(): void {
    this.stop()
    this.problem = ''
    this.stop = this.follow()
  }

  private follow(): () => void {
    return this.client.subscribe(
      'sweeps',
      {},
      {
        snapshot: (states) => {
          this.list = states
          this.loaded = true
          const first = states[0]
          if (this.chosen === null && first) void this.choose(first.id)
        },
        event: (state) => {
          const known = this.list.some(({ id }) => id === state.id)
          this.list = known ? this.list.map((one) => (one.id === state.id ? state : one)) : [state, ...this.list]
          if (state.id === this.chosen) void this.look()
        },
        error: (error) => (this.problem = error.message),
      },
    )
  }

  get current(): SweepState | null {
    return this.list.find(({ id }) => id === this.chosen) ?? null
  }

  /** Whether a sweep computes this run. */
  computes(run: number): boolean {
    return this.list.some(({ activeRuns }) => activeRuns.includes(run))
  }

  get running(): SweepState | null {
    return this.list.find(({ state }) => state === 'running' || state === 'stopping') ?? null
  }

  get tables(): Table[] {
    if (!this.results || this.kind === 'importance') return []
    const tables = this.kind === 'risk' ? riskTables(this.risks, this.results) : tablesOf(this.results, this.kind)
    return this.turned ? tables.map(transposed) : tables
  }

  text(table: Table, format: TableFormat): string {
    return formatTable(table, format)
  }

  async choose(id: number): Promise<void> {
    this.chosen = id
    this.plan = null
    this.results = null
    this.importance = []
    this.risks = []
    this.fresh = true
    await this.look()
  }

  async show(kind: TableKind): Promise<void> {
    this.kind = kind
    await this.attempt(() => this.lookCloser())
  }

  /** What some tables need beside the results. */
  private async lookCloser(): Promise<void> {
    const { chosen, kind } = this
    if (chosen === null) return
    if (kind === 'importance') {
      const found = await this.client.call('sweeps.importance', { sweep: chosen })
      if (chosen === this.chosen) this.importance = found
    } else if (kind === 'risk') {
      const found = await this.client.call('sweeps.risk', { sweep: chosen })
      if (chosen === this.chosen) this.risks = found
    }
  }

  /** A form's sweep, with the paper's settings where data and model are the paper's. @returns whether that worked */
  async make(form: NewSweep): Promise<boolean> {
    return this.attempt(async () => {
      const paper = await form.recognise({
        inspectInput: (input, model) => this.client.call('inputs.inspect', { input, model }),
        describeModel: (model, batch) => this.client.call('models.details', { model, batch }),
      })
      const { sweep } = await this.client.call('sweeps.define', form.definition(paper))
      await this.choose(sweep)
    })
  }

  /** Writes a sweep down and chooses it. @returns whether that worked */
  async define(definition: SweepDefinition): Promise<boolean> {
    return this.attempt(async () => {
      const { sweep } = await this.client.call('sweeps.define', definition)
      await this.choose(sweep)
    })
  }

  /** The chosen one, with its rough time, as it can be lined up; null = none is chosen. */
  get queued(): {
    readonly work: QueuedWorkInput
    readonly name: string
    readonly estimateMs: QueueEstimate | null
  } | null {
    const { current, plan } = this
    if (!current) return null
    const ms = plan?.id === current.id ? plan.estimateMs : null
    return {
      work: { kind: 'sweep', sweep: current.id },
      name: current.title || current.name,
      estimateMs: ms === null ? null : { low: 0.6 * ms, high: 1.7 * ms },
    }
  }

  /** Does it, and tells what went wrong beside the sweep. */
  tried(work: () => Promise<unknown>): Promise<boolean> {
    return this.attempt(work)
  }

  start(): Promise<boolean> {
    const { chosen } = this
    return this.attempt(async () => {
      if (chosen !== null) await this.client.call('sweeps.start', { sweep: chosen })
    })
  }

  halt(): Promise<boolean> {
    return this.attempt(() => this.client.call('sweeps.stop', {}))
  }

  /** Forgets the sweep; the runs that hold its results stay. */
  remove(): Promise<boolean> {
    const { chosen } = this
    return this.attempt(async () => {
      if (chosen === null) return
      const definition = this.results?.definition ?? null
      await this.client.call('sweeps.remove', { sweep: chosen })
      if (definition)
        this.last.offer(
          () => strings.shell.sweepRemoved(definition.name),
          () => this.define(definition),
        )
      this.list = this.list.filter(({ id }) => id !== chosen)
      this.chosen = null
      this.results = null
      this.plan = null
      const next = this.list[0]
      if (next) await this.choose(next.id)
    })
  }

  close(): void {
    this.lab.close()
    this.stop()
  }

  private async look(): Promise<void> {
    const { chosen } = this
    if (chosen === null) return
    this.looks += 1
    const mine = this.looks
    await this.attempt(async () => {
      const [plan, results] = await Promise.all([
        this.client.call('sweeps.plan', { sweep: chosen }),
        this.client.call('sweeps.results', { sweep: chosen }),
      ])
      if (mine !== this.looks) return
      this.plan = plan
      this.results = results
      if (this.fresh) this.kind = results.definition.shows
      this.fresh = false
      await this.lookCloser()
    })
  }

  private async attempt(work: () => Promise<unknown>): Promise<boolean> {
    this.busy = true
    this.problem = ''
    try {
      await work()
      return true
    } catch (thrown) {
      this.problem = toWireError(thrown).message
      return false
    } finally {
      this.busy = false
    }
  }
}
