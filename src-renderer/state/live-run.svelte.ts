// One run as a screen needs it: applies the snapshot and then every later event, once each, in order. Runs without a page.
// Charts are told by `version`, which rises at most once per animation frame.
import type { CheckpointInfo, Collapse, DomainMetric, PreviewImage, Progress, RunEvent, RunPlan, RunSnapshot, RunStatus, RunSummary, SkippedFile, StepReport } from '../../src-main/contract/report.ts'
import type { WireError } from '../../src-main/contract/errors.ts'
import { domainValue, measures, shown, type Measure, type Unlabelled } from '../lib/measure.ts'
import { LaneSeries } from '../lib/lane-series.ts'
import type { LayerMap } from './layer-map.svelte.ts'

export interface DomainRow {
  readonly index: number
  readonly name: string
  /** Per lane, null where nothing is known yet: the error in percent; of another measure its value as shown (lib/measure.ts). */
  readonly errors: Readonly<Record<string, number | null>>
  readonly current: boolean
  readonly finished: boolean
}

export class LiveRun {
  readonly id: number
  status = $state<RunStatus>('queued')
  error = $state.raw<WireError | null>(null)
  summary = $state.raw<RunSummary | null>(null)
  plan = $state.raw<RunPlan | null>(null)
  progress = $state.raw<Progress | null>(null)
  preview = $state.raw<readonly PreviewImage[]>([])
  skippedTotal = $state(0)
  /** The first thousand of them. */
  skipped = $state.raw<readonly SkippedFile[]>([])
  checkpoints = $state.raw<readonly CheckpointInfo[]>([])
  collapses = $state.raw<readonly Collapse[]>([])
  /** Rises when `lanes` or `finished` got more. */
  version = $state(0)
  /** What curve and domain table show, when somebody chose it. */
  chosenMeasure = $state<Measure | null>(null)
  private known = $state.raw<ReadonlySet<Measure>>(new Set())
  readonly lanes = new Map<string, LaneSeries>()
  /** Fetches the layer reports by itself; null where nobody looks at them. */
  layerMap: LayerMap | null = null
  private readonly finished = new Map<string, DomainMetric>()
  private seq = 0
  private readonly schedule: (work: () => void) => void
  private dirty = false

  constructor(id: number, schedule: (work: () => void) => void) {
    this.id = id
    this.schedule = schedule
  }

  applySnapshot(snapshot: RunSnapshot): void {
    this.seq = snapshot.seq
    this.lanes.clear()
    this.known = new Set()
    this.finished.clear()
    this.summary = snapshot.run
    this.status = snapshot.run.status
    this.error = snapshot.run.error
    this.plan = snapshot.plan
    this.progress = snapshot.progress
    this.preview = snapshot.preview
    this.skippedTotal = snapshot.skippedTotal
    this.skipped = snapshot.skipped
    this.checkpoints = snapshot.checkpoints
    this.collapses = snapshot.collapses
    for (const report of snapshot.steps) this.addStep(report)
    this.layerMap?.begin(snapshot)
    for (const metric of snapshot.domains) this.finished.set(`${metric.domain} ${metric.lane}`, metric)
    this.touch()
  }

  applyEvent(event: RunEvent): void {
    if (event.event === 'preview') {
      this.preview = event.images
      return
    }
    if (event.seq <= this.seq) return
    this.seq = event.seq
    switch (event.event) {
      case 'status':
        this.status = event.status
        this.error = event.error
        break
      case 'plan':
        this.plan = event.plan
        this.layerMap?.setPlan(event.plan)
        break
      case 'step':
        for (const report of event.reports) this.addStep(report)
        this.layerMap?.push(event.reports)
        this.progress = event.progress
        break
      case 'domain':
        for (const metric of event.metrics) this.finished.set(`${metric.domain} ${metric.lane}`, metric)
        break
      case 'collapse':
        this.collapses = [...this.collapses, event.collapse]
        break
      case 'skipped':
        this.skippedTotal = event.total
        this.skipped = event.files
        break
      case 'checkpoint':
        this.checkpoints = [...this.checkpoints, event.checkpoint]
        this.layerMap?.addCheckpoint(event.checkpoint)
        break
    }
    this.touch()
  }

  /** Images were seen, and none of them had a label. */
  get unlabelled(): boolean {
    return this.known.size > 0 && !this.known.has('accuracy')
  }

  /** What there are numbers of. */
  get measures(): Measure[] {
    return measures.filter((measure) => this.known.has(measure))
  }

  get measure(): Measure {
    return this.chosenMeasure ?? (this.unlabelled ? (this.known.has('estimate') ? 'estimate' : 'confidence') : 'accuracy')
  }

  get laneIds(): string[] {
    return this.plan?.lanes.map((lane) => lane.id) ?? []
  }

  get currentDomain(): number {
    const step = (this.progress?.step ?? 0) - 1
    return this.plan?.domains.findIndex((domain) => step >= domain.firstStep && step < domain.firstStep + domain.steps) ?? -1
  }

  domainRows(measure: Measure = 'accuracy'): DomainRow[] {
    const current = this.currentDomain
    return (this.plan?.domains ?? []).map((domain) => ({
      index: domain.index,
      name: domain.name,
      current: domain.index === current && this.status !== 'done',
      finished: this.finished.has(`${domain.index} ${this.laneIds[0] ?? ''}`),
      errors: Object.fromEntries(
        this.laneIds.map((lane) => {
          const done = this.finished.get(`${domain.index} ${lane}`)
          if (measure !== 'accuracy') return [lane, this.domainMeasure(lane, measure, domain, done)]
          const sums = done ?? this.lanes.get(lane)?.domainSums(domain.firstStep, domain.steps)
          return [lane, sums && sums.labelled > 0 ? (100 * (sums.labelled - sums.correct)) / sums.labelled : null]
        }),
      ),
    }))
  }

  /** Mean over the finished domains, as the field reports it. */
  meanErrors(rows: readonly DomainRow[]): Record<string, number | null> {
    return Object.fromEntries(
      this.laneIds.map((lane) => {
        const errors = rows.filter((row) => row.finished).map((row) => row.errors[lane]).filter((error): error is number => typeof error === 'number')
        return [lane, errors.length > 0 ? errors.reduce((sum, error) => sum + error, 0) / errors.length : null]
      }),
    )
  }

  private domainMeasure(lane: string, measure: Unlabelled, { firstStep, steps }: { readonly firstStep: number; readonly steps: number }, done: DomainMetric | undefined): number | null {
    const value = done ? domainValue(done, measure) : (this.lanes.get(lane)?.domainMean(measure, firstStep, steps) ?? null)
    return shown(value, measure)
  }

  private addStep(report: StepReport): void {
    let series = this.lanes.get(report.lane)
    if (!series) {
      series = new LaneSeries()
      this.lanes.set(report.lane, series)
    }
    series.push(report)
    const found: Measure[] = ['confidence', 'entropy']
    if (report.labelled > 0) found.push('accuracy')
    if (report.agreement !== null) found.push('agreement')
    if (report.estimate !== null) found.push('estimate')
    if (found.some((measure) => !this.known.has(measure))) this.known = new Set([...this.known, ...found])
  }

  private touch(): void {
    if (this.dirty) return
    this.dirty = true
    this.schedule(() => {
      this.dirty = false
      this.version += 1
    })
  }
}
