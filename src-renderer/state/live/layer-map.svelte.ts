// The layer map of one run, worked out without a page: which stretch of time, which quantity, which tensors, where the cursor is. What is known of the layers is
// in layer-data.svelte.ts, what a tensor's dialog shows in tensor-details.svelte.ts. Charts draw it.
import { noRange, type LayerQuantity, type LayerValues } from '#contract/columns/layer-columns.ts'
import type { WireError } from '#contract/errors.ts'
import type { CheckpointInfo, Domain, LaneInfo, RunPlan, RunSnapshot, StepReport } from '#contract/tables/report.ts'
import { chosenTensors } from '#renderer/lib/layers/layer-rows.ts'
import type { LayerScale } from '#renderer/lib/layers/layer-scale.ts'
import type { Tile } from '#renderer/lib/layers/layer-tiles.ts'
import { LayerData } from './layer-data.svelte.ts'
import { TensorDetails, type LayerCalls } from './tensor-details.svelte.ts'
import { leastSpan, showing, spanOf, within, zoomed, type TimeView } from '#renderer/lib/charts/time-view.ts'

/** Steps that a run without an end shows at first. */
const openSpan = 120
export class LayerMap {
  readonly run: number
  readonly calls: LayerCalls
  /** Those that adapt something. */
  lanes = $state.raw<readonly LaneInfo[]>([])
  plan = $state.raw<Pick<RunPlan, 'domains' | 'totalSteps' | 'network' | 'reports'> | null>(null)
  checkpoints = $state.raw<readonly CheckpointInfo[]>([])
  /** Of the tensor that was opened. */
  details = $state.raw<TensorDetails | null>(null)
  /** The last step that is known; -1 before the first. */
  newest = $state(-1)
  /** Rises when there is more to draw. */
  version = $state(0)
  chosenLane = $state<string | null>(null)
  quantity = $state<LayerQuantity>('learningRate')
  logarithmic = $state(true)
  kind = $state('')
  name = $state('')
  /** All rows in the height that there is, however low they become. */
  fit = $state(true)
  picture = $state<'matrix' | 'network' | 'table'>('matrix')
  /** The cursor stays on the newest step. */
  follow = $state(true)
  /** The number of the tensor that the cursor is on. */
  tensor = $state<number | null>(null)
  /** Rises when what was fetched does not count any more. */
  generation = $state(0)
  /** Pixels that the picture has for steps. */
  pixels = $state(600)
  private at = $state(0)
  private start = $state(0)
  private span = $state<number | null>(null)
  private openEnded = false
  private readonly data: LayerData
  private readonly schedule: (work: () => void) => void
  private dirty = false

  constructor(run: number, calls: LayerCalls, schedule: (work: () => void) => void) {
    this.run = run
    this.calls = calls
    this.schedule = schedule
    this.data = new LayerData(run, calls, () => this.touch())
  }

  /** A snapshot came: what is known of the run so far. What was fetched before may be of a broken connection. */
  begin(
    { plan, progress, checkpoints }: Pick<RunSnapshot, 'plan' | 'progress' | 'checkpoints'>,
    openEnded = false,
  ): void {
    this.retry()
    this.openEnded = openEnded
    if (openEnded && this.span === null) this.span = openSpan
    this.newest = (progress?.step ?? 0) - 1
    this.checkpoints = checkpoints
    this.setPlan(plan)
    this.touch()
  }

  addCheckpoint(checkpoint: CheckpointInfo): void {
    this.checkpoints = [...this.checkpoints, checkpoint]
    this.details?.written(checkpoint)
  }

  /** Opens what is known of one tensor. */
  open(tensor: number): void {
    const { lane } = this
    if (!lane) return
    this.tensor = tensor
    if (this.details?.lane.id !== lane.id)
      this.details = new TensorDetails(this.run, this.calls, lane, () => this.totalSteps)
    void this.details.show(tensor)
  }

  close(): void {
    this.details = null
  }

  /** Of this lane, the first step whose stored report cannot be read; null = each can. */
  get damaged(): number | null {
    return this.data.damaged.get(this.lane?.id ?? '') ?? null
  }

  get failure(): WireError | null {
    return this.data.failure
  }

  /** Requests under way. */
  get waiting(): number {
    return this.data.waiting
  }

  /** Throws away what was fetched; it is asked for again. */
  retry(): void {
    this.data.clear()
    this.generation += 1
  }

  setPlan(plan: RunPlan | null): void {
    this.plan = plan
    const lanes = plan?.lanes.filter((lane) => lane.tensors.length > 0) ?? []
    if (
      lanes.length !== this.lanes.length ||
      lanes.some((lane, i) => lane.id !== this.lanes[i]?.id || lane.tensors.length !== this.lanes[i]?.tensors.length)
    )
      this.lanes = lanes
  }

  /** All lanes of one step, live. */
  push(reports: readonly StepReport[]): void {
    for (const { lane, step, layers } of reports) {
      if (step > this.newest) this.newest = step
      this.data.push(lane, step, layers)
    }
    for (const report of reports) this.details?.push(report)
    this.touch()
  }

  get lane(): LaneInfo | null {
    return (
      this.lanes.find(({ id }) => id === this.chosenLane) ??
      this.lanes.find(({ method }) => method === 'palm') ??
      this.lanes[0] ??
      null
    )
  }

  get domains(): readonly Domain[] {
    return this.plan?.domains ?? []
  }

  /** Steps that there are or will be. */
  get totalSteps(): number {
    return Math.max(this.openEnded ? 0 : (this.plan?.totalSteps ?? 0), this.newest + 1)
  }

  /** Of these the picture; it has room for a few at least. */
  get whole(): TimeView {
    return { from: 0, to: Math.max(leastSpan, this.totalSteps) }
  }

  get view(): TimeView {
    const { whole } = this
    if (this.span === null) return whole
    const span = Math.min(this.span, spanOf(whole))
    const from = this.follow ? this.newest + 1 - span : this.start
    return within({ from, to: from + span }, whole)
  }

  /** The cursor's. */
  get step(): number {
    return this.follow ? this.newest : Math.min(this.at, this.newest)
  }

  get domain(): Domain | null {
    return this.domainOf(this.step)
  }

  domainOf(step: number): Domain | null {
    return this.domains.find(({ firstStep, steps }) => step >= firstStep && step < firstStep + steps) ?? null
  }

  /** Numbers of the tensors that the filters leave. */
  get chosen(): number[] {
    return chosenTensors(this.lane?.tensors ?? [], this)
  }

  /** In network order. */
  get kinds(): string[] {
    return [...new Set((this.lane?.tensors ?? []).map(({ kind }) => kind))]
  }

  get scale(): LayerScale {
    void this.version
    const range = this.lane ? this.data.range(this.lane.id, this.quantity) : noRange
    return { range, logarithmic: this.logarithmic }
  }

  /** What there is to draw in the view, in the order in which to draw it. */
  get tiles(): Tile[] {
    void this.version
    return this.lane ? this.data.tiles(this.lane.id, this.view, this.pixels) : []
  }

  // ---- moving about

  goTo(step: number): void {
    this.follow = false
    this.at = Math.max(0, Math.min(this.newest, Math.round(step)))
    if (this.span !== null)
      this.start = showing({ from: this.start, to: this.start + this.span }, this.whole, this.at).from
  }

  /** Also to the step before or after, by keys. */
  move(steps: number): void {
    const { view, step } = this
    if (this.follow) this.start = view.from
    this.goTo(step + steps)
  }

  /** Up and down, through the tensors that the filters leave. */
  moveTensor(rows: number): void {
    const { chosen } = this
    if (chosen.length === 0) return
    const at = this.tensor === null ? -1 : chosen.indexOf(this.tensor)
    this.tensor = chosen[at < 0 ? 0 : Math.max(0, Math.min(chosen.length - 1, at + rows))] ?? null
  }

  setFollow(follow: boolean): void {
    if (follow === this.follow) return
    this.start = this.view.from
    this.at = this.newest
    this.follow = follow
  }

  /** `factor` < 1 goes nearer. Following goes on as long as no place is named. */
  zoom(factor: number, at: number | null = null): void {
    const next = zoomed(this.view, this.whole, factor, at ?? this.step)
    if (at !== null && this.follow) this.setFollow(false)
    this.span = spanOf(next) >= spanOf(this.whole) ? null : spanOf(next)
    this.start = next.from
  }

  pan(steps: number): void {
    if (this.span === null || steps === 0) return
    const { view } = this
    this.setFollow(false)
    this.start = within({ from: view.from + steps, to: view.to + steps }, this.whole).from
  }

  showAll(): void {
    this.span = null
  }

  get zoomedIn(): boolean {
    return this.span !== null && this.span < spanOf(this.whole)
  }

  chooseLane(lane: string): void {
    if (lane === this.lane?.id) return
    this.chosenLane = lane
    this.retry() // one lane's tiles are enough to keep
    this.tensor = null
    if (this.kind !== '' && !this.kinds.includes(this.kind)) this.kind = ''
  }

  // ---- what there is at a step

  /** The values of one step, or null while they are not here: `want` asks for them. */
  valuesAt(step: number): LayerValues | null {
    void this.version
    return this.lane && step >= 0 ? this.data.valuesAt(this.lane.id, step) : null
  }

  /** Of a lane's newest step that was heard of live; null before the first. */
  latestOf(lane: string): LayerValues | null {
    return this.data.latest(lane)
  }

  /** The values of one step, or the mean of the steps around it that a column holds. */
  nearlyAt(step: number): { readonly values: LayerValues; readonly from: number; readonly to: number } | null {
    void this.version
    return this.lane && step >= 0 ? this.data.nearlyAt(this.lane.id, step) : null
  }

  /** Asks for the step's own values unless they are here; of many in a row only the last. */
  want(step: number): void {
    if (this.lane && step >= 0 && step <= this.newest) this.data.want(this.lane.id, step)
  }

  /** Asks for the tiles that the view needs and that are not here. Call it when the view, its width or the lane changed. */
  fetch(): void {
    if (this.lane && this.newest >= 0) this.data.fetch(this.lane, this.view, this.pixels, this.newest)
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
