// The layer map of one run, worked out without a page: which stretch of time, which quantity, which tensors, where the cursor is; tiles fetched for what is in
// view, live steps added to them. Charts draw it. What a tensor's dialog shows is in tensor-details.svelte.ts.
import {
  eachQuantity,
  joined,
  LayerColumns,
  layerQuantities,
  noRange,
  type LayerQuantity,
  type LayerValues,
  type ValueRange,
} from '#contract/columns/layer-columns.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { CheckpointInfo, Domain, LaneInfo, RunPlan, RunSnapshot, StepReport } from '#contract/tables/report.ts'
import { chosenTensors } from '#renderer/lib/layers/layer-rows.ts'
import type { LayerScale } from '#renderer/lib/layers/layer-scale.ts'
import {
  columnsFrom,
  levelFor,
  tileColumns,
  tileView,
  tilesOf,
  TileStore,
  type Tile,
  type TilePlace,
} from '#renderer/lib/layers/layer-tiles.ts'
import { TensorDetails, type LayerCalls } from './tensor-details.svelte.ts'
import { leastSpan, showing, spanOf, within, zoomed, type TimeView } from '#renderer/lib/charts/time-view.ts'

/** Steps that a run without an end shows at first. */
const openSpan = 120
/** Single steps that were asked for, kept. */
const mostExact = 64

export interface StepValues {
  readonly step: number
  readonly layers: LayerValues
}

interface OfLane {
  readonly tiles: TileStore
  /** Since the first request that is under way. */
  recent: StepValues[]
  readonly asked: Set<string>
  /** Tiles that could not be had; they are asked for again by `retry`. */
  readonly refused: Set<string>
  latest: StepValues | null
  ranges: Record<LayerQuantity, ValueRange>
  readonly exact: Map<number, LayerValues | null>
}

export class LayerMap {
  readonly run: number
  readonly calls: LayerCalls
  /** Those that adapt something. */
  lanes = $state.raw<readonly LaneInfo[]>([])
  plan = $state.raw<Pick<RunPlan, 'domains' | 'totalSteps' | 'network'> | null>(null)
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
  /** All rows in the height that there is. */
  fit = $state(false)
  picture = $state<'matrix' | 'network' | 'table'>('matrix')
  /** The cursor stays on the newest step. */
  follow = $state(true)
  failure = $state.raw<WireError | null>(null)
  waiting = $state(0)
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
  private readonly of = new Map<string, OfLane>()
  private readonly schedule: (work: () => void) => void
  private dirty = false
  private wanted: { lane: string; step: number } | null = null
  private asking = false

  constructor(run: number, calls: LayerCalls, schedule: (work: () => void) => void) {
    this.run = run
    this.calls = calls
    this.schedule = schedule
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

  /** Throws away what was fetched: it is asked for anew. */
  retry(): void {
    this.of.clear()
    this.failure = null
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
      if (!layers) {
        // A webcam's step without adapting, say: nothing to ask for.
        if (this.of.has(lane)) this.know(this.ofLane(lane), step, null)
        continue
      }
      const own = this.ofLane(lane)
      own.latest = { step, layers }
      own.tiles.add(step, layers)
      if (own.asked.size > 0) own.recent.push(own.latest)
      const ranges = rangesOf(layers)
      for (const quantity of layerQuantities) this.widen(own, quantity, ranges[quantity])
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
    const range = this.lane ? this.ofLane(this.lane.id).ranges[this.quantity] : noRange
    return { range, logarithmic: this.logarithmic }
  }

  /** What there is to draw in the view, in the order in which to draw it. */
  get tiles(): Tile[] {
    void this.version
    return this.lane ? this.ofLane(this.lane.id).tiles.over(this.view, levelFor(this.view, this.pixels)) : []
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

  /** The values of one step, or null while they are not here: they are asked for. */
  valuesAt(step: number): LayerValues | null {
    void this.version
    const { lane } = this
    if (!lane || step < 0) return null
    const own = this.ofLane(lane.id)
    if (own.latest?.step === step) return own.latest.layers
    const column = own.tiles.valuesAt(step)
    if (column && column.to - column.from <= 1) return column
    const known = own.exact.get(step)
    if (known !== undefined) return known
    return null
  }

  /** Of a lane's newest step that was heard of live; null before the first. */
  latestOf(lane: string): LayerValues | null {
    return this.of.get(lane)?.latest?.layers ?? null
  }

  /** The same, or the mean of the steps around it that a column holds. */
  nearlyAt(step: number): { readonly values: LayerValues; readonly from: number; readonly to: number } | null {
    const values = this.valuesAt(step)
    if (values) return { values, from: step, to: step + 1 }
    const column = this.lane ? this.ofLane(this.lane.id).tiles.valuesAt(step) : null
    return column ? { values: column, from: column.from, to: column.to } : null
  }

  /** Asks for the step's own values unless they are here; of many in a row only the last. */
  want(step: number): void {
    const { lane } = this
    if (!lane || step < 0 || step > this.newest || this.valuesAt(step) || this.ofLane(lane.id).exact.has(step)) return
    this.wanted = { lane: lane.id, step }
    if (!this.asking) void this.askExact()
  }

  private async askExact(): Promise<void> {
    this.asking = true
    while (this.wanted) {
      const { lane, step } = this.wanted
      this.wanted = null
      const own = this.ofLane(lane)
      try {
        const tile = {
          place: { level: 0, index: 0 },
          columns: columnsFrom(await this.calls.layers({ run: this.run, lane, from: step, to: step + 1, columns: 1 })),
          until: 0,
          revision: 0,
          last: 0,
        }
        const one = new TileStore()
        one.put(tile.place, tile.columns, 0)
        this.know(own, step, one.valuesAt(step))
      } catch (thrown) {
        this.failure = toWireError(thrown)
        break
      }
      this.touch()
    }
    this.asking = false
  }

  private know({ exact }: OfLane, step: number, values: LayerValues | null): void {
    exact.set(step, values)
    for (const [key] of exact) {
      if (exact.size <= mostExact) break
      exact.delete(key)
    }
  }

  // ---- fetching

  /** Asks for the tiles that the view needs and that are not here. Call it when the view, its width or the lane changed. */
  fetch(): void {
    const { lane, view, newest } = this
    if (!lane || newest < 0) return
    const own = this.ofLane(lane.id)
    const level = levelFor(view, this.pixels)
    const places = tilesOf(view, level)
    // The one that the next steps come to is there before they come.
    const next = { level, index: (places.at(-1)?.index ?? -1) + 1 }
    if (view.to > newest && tileView(next).from === newest + 1) places.push(next)
    for (const place of places) {
      const key = `${place.level} ${place.index}`
      const { from, to } = tileView(place)
      if (own.tiles.get(place) || own.asked.has(key) || own.refused.has(key)) continue
      // All of its steps are still to come, and each will be told of.
      if (from > newest)
        own.tiles.put(place, new LayerColumns({ from, to, columns: tileColumns, tensors: lane.tensors.length }), from)
      else void this.ask(lane.id, place)
    }
  }

  private async ask(lane: string, place: TilePlace): Promise<void> {
    const own = this.ofLane(lane)
    const key = `${place.level} ${place.index}`
    const { from, to } = tileView(place)
    const { asked } = own
    asked.add(key)
    this.waiting += 1
    try {
      const answer = await this.calls.layers({ run: this.run, lane, from, to, columns: tileColumns })
      if (this.of.get(lane) !== own) return // begun anew meanwhile
      const columns = columnsFrom(answer)
      for (const { step, layers } of own.recent) if (step >= answer.until) columns.add(step, layers)
      const live = own.recent.at(-1)
      own.tiles.put(place, columns, Math.max(answer.until, live ? live.step + 1 : 0))
      for (const quantity of layerQuantities) this.widen(own, quantity, columns.ranges[quantity])
      this.failure = null
    } catch (thrown) {
      own.refused.add(key)
      this.failure = toWireError(thrown)
    } finally {
      asked.delete(key)
      if (asked.size === 0) own.recent = []
      this.waiting -= 1
      this.touch()
    }
  }

  private widen(own: OfLane, quantity: LayerQuantity, range: ValueRange): void {
    const before = own.ranges[quantity]
    if (range.least < before.least || range.most > before.most)
      own.ranges = { ...own.ranges, [quantity]: joined(before, range) }
  }

  private ofLane(lane: string): OfLane {
    let own = this.of.get(lane)
    if (!own) {
      own = {
        tiles: new TileStore(),
        recent: [],
        asked: new Set(),
        refused: new Set(),
        latest: null,
        ranges: eachQuantity(() => noRange),
        exact: new Map(),
      }
      this.of.set(lane, own)
    }
    return own
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

function rangesOf(layers: LayerValues): Record<LayerQuantity, ValueRange> {
  const one = new LayerColumns({ from: 0, to: 1, columns: 1, tensors: layers.states.length })
  one.add(0, layers)
  return one.ranges
}
