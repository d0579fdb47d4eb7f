// What is known of the layers of one run, lane by lane: tiles fetched for what is in view, live steps added to them, single steps asked for by themselves.
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
import type { LaneInfo } from '#contract/tables/report.ts'
import type { TimeView } from '#renderer/lib/charts/time-view.ts'
import {
  columnsFrom,
  levelFor,
  tileColumns,
  tilesOf,
  tileView,
  TileStore,
  type Tile,
  type TilePlace,
} from '#renderer/lib/layers/layer-tiles.ts'
import type { LayerCalls } from './tensor-details.svelte.ts'

/** Single steps that were asked for, kept. */
const mostExact = 64

interface StepValues {
  readonly step: number
  readonly layers: LayerValues
}

interface LaneData {
  readonly tiles: TileStore
  /** Since the first request that is under way. */
  recent: StepValues[]
  readonly asked: Set<string>
  /** Tiles that could not be had; they are asked for again after `clear`. */
  readonly refused: Set<string>
  latest: StepValues | null
  ranges: Record<LayerQuantity, ValueRange>
  readonly exact: Map<number, LayerValues | null>
}

export class LayerData {
  failure = $state.raw<WireError | null>(null)
  /** By lane, the first step whose stored report cannot be read. */
  damaged = $state.raw<ReadonlyMap<string, number>>(new Map())
  /** Requests under way. */
  waiting = $state(0)
  private readonly run: number
  private readonly calls: LayerCalls
  private readonly changed: () => void
  private readonly lanes = new Map<string, LaneData>()
  private wanted: { lane: string; step: number } | null = null
  private asking = false

  /** `changed`: there is more to draw. */
  constructor(run: number, calls: LayerCalls, changed: () => void) {
    this.run = run
    this.calls = calls
    this.changed = changed
  }

  /** Throws away what was fetched. */
  clear(): void {
    this.lanes.clear()
    this.failure = null
    this.damaged = new Map()
  }

  /** A live step; null = nothing adapted in it (a webcam's step, say), so that there is nothing to ask for. */
  push(lane: string, step: number, layers: LayerValues | null): void {
    if (!layers) {
      const known = this.lanes.get(lane)
      if (known) this.know(known, step, null)
      return
    }
    const own = this.of(lane)
    own.latest = { step, layers }
    own.tiles.add(step, layers)
    if (own.asked.size > 0) own.recent.push(own.latest)
    this.widen(own, rangesOf(layers))
  }

  /** Of the newest step that was heard of live; null before the first. */
  latest(lane: string): LayerValues | null {
    return this.lanes.get(lane)?.latest?.layers ?? null
  }

  range(lane: string, quantity: LayerQuantity): ValueRange {
    return this.of(lane).ranges[quantity]
  }

  /** What there is to draw, in the order in which to draw it. */
  tiles(lane: string, view: TimeView, pixels: number): Tile[] {
    return this.of(lane).tiles.over(view, levelFor(view, pixels))
  }

  /** The values of one step, or null while they are not here. */
  valuesAt(lane: string, step: number): LayerValues | null {
    const own = this.of(lane)
    if (own.latest?.step === step) return own.latest.layers
    const column = own.tiles.valuesAt(step)
    if (column && column.to - column.from <= 1) return column
    return own.exact.get(step) ?? null
  }

  /** The same, or the mean of the steps around it that a column holds. */
  nearlyAt(
    lane: string,
    step: number,
  ): { readonly values: LayerValues; readonly from: number; readonly to: number } | null {
    const values = this.valuesAt(lane, step)
    if (values) return { values, from: step, to: step + 1 }
    const column = this.of(lane).tiles.valuesAt(step)
    return column ? { values: column, from: column.from, to: column.to } : null
  }

  /** Asks for the step's own values unless they are here; of many in a row only the last. */
  want(lane: string, step: number): void {
    if (this.valuesAt(lane, step) || this.of(lane).exact.has(step)) return
    this.wanted = { lane, step }
    if (!this.asking) void this.askExact()
  }

  /** Asks for the tiles that the view needs and that are not here. `newest`: the last step that is known. */
  fetch(lane: LaneInfo, view: TimeView, pixels: number, newest: number): void {
    const own = this.of(lane.id)
    const level = levelFor(view, pixels)
    const places = tilesOf(view, level)
    // The one that the next steps come to is there before they come.
    const next = { level, index: (places.at(-1)?.index ?? -1) + 1 }
    if (view.to > newest && tileView(next).from === newest + 1) places.push(next)
    for (const place of places) {
      const key = keyOf(place)
      const { from, to } = tileView(place)
      if (own.tiles.get(place) || own.asked.has(key) || own.refused.has(key)) continue
      // All of its steps are still to come, and each will be told of.
      if (from > newest)
        own.tiles.put(place, new LayerColumns({ from, to, columns: tileColumns, tensors: lane.tensors.length }), from)
      else void this.ask(lane.id, place)
    }
  }

  private async ask(lane: string, place: TilePlace): Promise<void> {
    const own = this.of(lane)
    const key = keyOf(place)
    const { from, to } = tileView(place)
    own.asked.add(key)
    this.waiting += 1
    try {
      const answer = await this.calls.layers({ run: this.run, lane, from, to, columns: tileColumns })
      if (this.lanes.get(lane) !== own) return // cleared meanwhile
      const columns = columnsFrom(answer)
      for (const { step, layers } of own.recent) if (step >= answer.until) columns.add(step, layers)
      const live = own.recent.at(-1)
      own.tiles.put(place, columns, Math.max(answer.until, live ? live.step + 1 : 0))
      this.widen(own, columns.ranges)
      const first = answer.damaged?.first ?? Number.POSITIVE_INFINITY
      if (first < (this.damaged.get(lane) ?? Number.POSITIVE_INFINITY))
        this.damaged = new Map([...this.damaged, [lane, first]])
      this.failure = null
    } catch (thrown) {
      own.refused.add(key)
      this.failure = toWireError(thrown)
    } finally {
      own.asked.delete(key)
      if (own.asked.size === 0) own.recent = []
      this.waiting -= 1
      this.changed()
    }
  }

  private async askExact(): Promise<void> {
    this.asking = true
    while (this.wanted) {
      const { lane, step } = this.wanted
      this.wanted = null
      const own = this.of(lane)
      try {
        const answer = await this.calls.layers({ run: this.run, lane, from: step, to: step + 1, columns: 1 })
        const one = new TileStore()
        one.put({ level: 0, index: 0 }, columnsFrom(answer), 0)
        this.know(own, step, one.valuesAt(step))
      } catch (thrown) {
        this.failure = toWireError(thrown)
        break
      }
      this.changed()
    }
    this.asking = false
  }

  private know({ exact }: LaneData, step: number, values: LayerValues | null): void {
    exact.set(step, values)
    for (const [key] of exact) {
      if (exact.size <= mostExact) break
      exact.delete(key)
    }
  }

  private widen(own: LaneData, ranges: Readonly<Record<LayerQuantity, ValueRange>>): void {
    for (const quantity of layerQuantities) {
      const [before, range] = [own.ranges[quantity], ranges[quantity]]
      if (range.least < before.least || range.most > before.most)
        own.ranges = { ...own.ranges, [quantity]: joined(before, range) }
    }
  }

  private of(lane: string): LaneData {
    let own = this.lanes.get(lane)
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
      this.lanes.set(lane, own)
    }
    return own
  }
}

const keyOf = ({ level, index }: TilePlace): string => `${level} ${index}`

function rangesOf(layers: LayerValues): Record<LayerQuantity, ValueRange> {
  const one = new LayerColumns({ from: 0, to: 1, columns: 1, tensors: layers.states.length })
  one.add(0, layers)
  return one.ranges
}
