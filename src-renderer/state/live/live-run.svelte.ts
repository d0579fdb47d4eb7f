// One run as a screen needs it: applies the snapshot and then every later event, once each, in order. Runs without a page.
// Charts are told by `version`, which rises at most once per animation frame.
import { isUnderWay } from '#contract/tables/report.ts'
import type {
  CheckpointInfo,
  Collapse,
  Domain,
  DomainMetric,
  PreviewImage,
  Progress,
  RunEvent,
  RunPlan,
  RunSnapshot,
  RunStatus,
  RunSummary,
  SkippedFile,
  StepReport,
} from '#contract/tables/report.ts'
import type { DamagedPart } from '#contract/data/damage.ts'
import type { LaneSteps } from '#contract/columns/step-columns.ts'
import type { OptionChange } from '#contract/runs/option-change.ts'
import type { WireError } from '#contract/errors.ts'
import { domainValue, measures, shown, type Measure } from '#renderer/lib/charts/measure.ts'
import { LaneSeries } from '#renderer/lib/curves/lane-series.ts'
import { domainAt } from '#renderer/lib/curves/domain-at.ts'
import { ChartRange } from './chart-range.svelte.ts'
import type { LayerMap } from './layer-map.svelte.ts'

export interface DomainRow {
  readonly index: number
  readonly name: string
  /** Per lane, null where nothing is known yet: the error in percent; of another measure its value as shown (lib/charts/measure.ts). */
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
  /** Rows that could not be read and are left out. */
  damaged = $state.raw<readonly DamagedPart[]>([])
  /** The first thousand of them. */
  skipped = $state.raw<readonly SkippedFile[]>([])
  checkpoints = $state.raw<readonly CheckpointInfo[]>([])
  collapses = $state.raw<readonly Collapse[]>([])
  /** Of options, during the run, in the order in which they apply. */
  changes = $state.raw<readonly OptionChange[]>([])
  /** Rises when `lanes` or `finished` got more. */
  version = $state(0)
  /** What curve and domain table show, when somebody chose it. */
  chosenMeasure = $state<Measure | null>(null)
  private known = $state.raw<ReadonlySet<Measure>>(new Set())
  readonly lanes = new Map<string, LaneSeries>()
  /** What its charts show of it. */
  readonly charts = new ChartRange()
  /** Fetches the layer reports by itself; null where nobody looks at them. */
  layerMap: LayerMap | null = null
  private readonly finished = new Map<string, DomainMetric>()
  /** Rises with them: for what need not be looked at after every step. */
  finishedVersion = $state(0)
  /** Rows of finished domains by measure and domain, which do not change any more: the same objects again, so that nothing is drawn anew. */
  private readonly settled = new Map<string, DomainRow>()
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
    this.damaged = snapshot.damaged
    this.skipped = snapshot.skipped
    this.checkpoints = snapshot.checkpoints
    this.collapses = snapshot.collapses
    for (const recorded of snapshot.steps) this.load(recorded)
    this.changes = snapshot.run.changes
    this.layerMap?.begin(snapshot)
    for (const metric of snapshot.domains) this.finished.set(`${metric.domain} ${metric.lane}`, metric)
    this.finishedVersion += 1
    this.settled.clear()
    this.grown()
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
        this.settled.clear()
        this.layerMap?.setPlan(event.plan)
        break
      case 'step':
        for (const report of event.reports) this.addStep(report)
        this.layerMap?.push(event.reports)
        this.progress = event.progress
        break
      case 'domain':
        for (const metric of event.metrics) this.finished.set(`${metric.domain} ${metric.lane}`, metric)
        this.finishedVersion += 1
        this.settled.clear()
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
      case 'options':
        this.changes = [...this.changes, event.change].toSorted((a, b) => a.step - b.step || a.id - b.id)
        break
      case 'forgotten': {
        const gone = new Set(event.checkpoints)
        this.checkpoints = this.checkpoints.filter(({ id }) => !gone.has(id))
        break
      }
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
    return (
      this.chosenMeasure ?? (this.unlabelled ? (this.known.has('estimate') ? 'estimate' : 'confidence') : 'accuracy')
    )
  }

  get laneIds(): string[] {
    return this.plan?.lanes.map((lane) => lane.id) ?? []
  }

  get currentDomain(): number {
    const step = (this.progress?.step ?? 0) - 1
    return domainAt(this.plan?.domains ?? [], step)?.index ?? -1
  }

  domainRows(measure: Measure = 'accuracy'): DomainRow[] {
    const current = this.status === 'done' ? -1 : this.currentDomain
    const lanes = this.laneIds
    return (this.plan?.domains ?? []).map((domain) => {
      const key = `${measure} ${domain.index}`
      const before = this.settled.get(key)
      if (before && domain.index !== current) return before
      const finished = this.finished.has(`${domain.index} ${lanes[0] ?? ''}`)
      const row: DomainRow = {
        index: domain.index,
        name: domain.name,
        current: domain.index === current,
        finished,
        errors: Object.fromEntries(lanes.map((lane) => [lane, this.domainNumber(lane, measure, domain)])),
      }
      if (finished && !row.current) this.settled.set(key, row)
      return row
    })
  }

  /** Of a finished domain, as `domainRows` tells it; null = not known. */
  finishedValue(domain: number, lane: string, measure: Measure): number | null {
    const done = this.finished.get(`${domain} ${lane}`)
    if (!done) return null
    if (measure !== 'accuracy') return shown(domainValue(done, measure), measure)
    return done.labelled > 0 ? (100 * (done.labelled - done.correct)) / done.labelled : null
  }

  /** Mean over the finished domains, as the field reports it. */
  meanErrors(rows: readonly DomainRow[]): Record<string, number | null> {
    return Object.fromEntries(
      this.laneIds.map((lane) => {
        const errors = rows
          .filter((row) => row.finished)
          .map((row) => row.errors[lane])
          .filter((error): error is number => typeof error === 'number')
        return [lane, errors.length > 0 ? errors.reduce((sum, error) => sum + error, 0) / errors.length : null]
      }),
    )
  }

  /** As the session summed it when the domain is done, else of what was seen so far. */
  private domainNumber(lane: string, measure: Measure, { index, firstStep, steps }: Domain): number | null {
    const done = this.finished.get(`${index} ${lane}`)
    if (measure !== 'accuracy')
      return shown(
        done ? domainValue(done, measure) : (this.lanes.get(lane)?.domainMean(measure, firstStep, steps) ?? null),
        measure,
      )
    const sums = done ?? this.lanes.get(lane)?.domainSums(firstStep, steps)
    return sums && sums.labelled > 0 ? (100 * (sums.labelled - sums.correct)) / sums.labelled : null
  }

  private seriesOf(lane: string): LaneSeries {
    let series = this.lanes.get(lane)
    if (!series) this.lanes.set(lane, (series = new LaneSeries()))
    return series
  }

  private load(recorded: LaneSteps): void {
    const series = this.seriesOf(recorded.lane)
    series.load(recorded)
    this.known = new Set([...this.known, ...measures.filter((measure) => series.knows(measure))])
  }

  private addStep(report: StepReport): void {
    this.seriesOf(report.lane).push(report)
    const found: Measure[] = ['confidence', 'entropy']
    if (report.labelled > 0) found.push('accuracy')
    if (report.agreement !== null) found.push('agreement')
    if (report.estimate !== null) found.push('estimate')
    if (found.some((measure) => !this.known.has(measure))) this.known = new Set([...this.known, ...found])
  }

  private grown(): void {
    this.charts.grew(this.plan?.totalSteps ?? 0, (this.progress?.step ?? 0) - 1, isUnderWay(this.status))
  }

  private touch(): void {
    if (this.dirty) return
    this.dirty = true
    this.schedule(() => {
      this.dirty = false
      this.grown()
      this.version += 1
    })
  }
}
