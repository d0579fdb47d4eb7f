// Layer reports as tiles: 256 columns each, of 1, 2, 4, … steps, so that any zoom needs a handful of them and panning finds them again. What came from the program
// and what came live meet in a tile, each step once. Pure, no DOM.
import {
  LayerColumns,
  eachQuantity,
  layerQuantities,
  noRange,
  type LayerValues,
} from '#contract/columns/layer-columns.ts'
import type { LayersAnswer } from '#contract/columns/layers.ts'
import { spanOf, type TimeView } from '#renderer/lib/charts/time-view.ts'

export const tileColumns = 256
/** 160 tensors take 0.9 MB a tile. */
const mostTiles = 20

/** 2^level steps a column: the least with which a view has no more columns than pixels. */
export function levelFor(view: TimeView, pixels: number): number {
  return Math.max(0, Math.ceil(Math.log2(spanOf(view) / Math.max(1, pixels)) - 1e-9))
}

export interface TilePlace {
  readonly level: number
  readonly index: number
}
export const tileSteps = (level: number): number => tileColumns * 2 ** level
export const tileView = ({ level, index }: TilePlace): TimeView => ({
  from: index * tileSteps(level),
  to: (index + 1) * tileSteps(level),
})

/** What a view needs, from left to right. */
export function tilesOf(view: TimeView, level: number): TilePlace[] {
  const first = Math.floor(Math.max(0, view.from) / tileSteps(level))
  const last = Math.ceil(view.to / tileSteps(level)) - 1
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => ({ level, index: first + i }))
}

export interface Tile {
  readonly place: TilePlace
  readonly columns: LayerColumns
  /** Steps before it are in; live ones from it on are added. */
  readonly until: number
  /** Rises with each step that is added; `last` is the column that changed then. */
  revision: number
  last: number
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text)
  const out = new Uint8Array(binary.length)
  for (let i = 0; i < out.length; i++) out[i] = binary.charCodeAt(i)
  return out
}
const floatsOf = (text: string) => new Float32Array(bytesOf(text).buffer)

/** An answer as columns that live steps can be added to. */
export function columnsFrom(answer: LayersAnswer): LayerColumns {
  const columns = new LayerColumns(answer)
  columns.steps.set(floatsOf(answer.steps))
  columns.moved.set(floatsOf(answer.moved))
  columns.states.set(bytesOf(answer.states))
  for (const quantity of layerQuantities) {
    columns.means[quantity].set(floatsOf(answer.means[quantity]))
    columns.ranges[quantity] = answer.ranges[quantity] ?? noRange
  }
  columns.resume()
  return columns
}

/** One column of the tile that a step lies in, as values of that stretch. */
export interface ColumnValues extends LayerValues {
  readonly from: number
  readonly to: number
  readonly moved: ArrayLike<number>
}

export function columnAt({ columns }: Tile, step: number): ColumnValues | null {
  if (step < columns.from || step >= columns.to) return null
  const column = columns.columnOf(step)
  if (columns.steps[column] === 0) return null
  const [begin, end] = [column * columns.tensors, (column + 1) * columns.tensors]
  const each = eachQuantity((quantity) => columns.means[quantity].subarray(begin, end))
  const per = (columns.to - columns.from) / columns.columns
  return {
    from: columns.from + column * per,
    to: columns.from + (column + 1) * per,
    moved: columns.moved.subarray(begin, end),
    states: columns.states.subarray(begin, end),
    scores: each.score,
    importances: each.importance,
    learningRates: each.learningRate,
    changes: each.change,
  }
}

/** The tiles of one lane; the least recently wanted go first. */
export class TileStore {
  private readonly tiles = new Map<string, Tile>()

  get({ level, index }: TilePlace): Tile | null {
    const key = `${level} ${index}`
    const tile = this.tiles.get(key)
    if (!tile) return null
    this.tiles.delete(key)
    this.tiles.set(key, tile)
    return tile
  }

  put(place: TilePlace, columns: LayerColumns, until: number): Tile {
    const tile: Tile = { place, columns, until, revision: 0, last: -1 }
    this.tiles.delete(`${place.level} ${place.index}`)
    this.tiles.set(`${place.level} ${place.index}`, tile)
    for (const [key] of this.tiles) {
      if (this.tiles.size <= mostTiles) break
      this.tiles.delete(key)
    }
    return tile
  }

  /** A live step goes into every tile that it lies in and that does not hold it yet. */
  add(step: number, layers: LayerValues): void {
    for (const tile of this.tiles.values()) {
      if (step < tile.until) continue
      const column = tile.columns.add(step, layers)
      if (column < 0) continue
      tile.last = column
      tile.revision += 1
    }
  }

  /** Those of the level, where all of them are here; else all with a part in the view, coarse ones first, so that finer ones are painted over them. */
  over(view: TimeView, level: number): Tile[] {
    const wanted = tilesOf(view, level).map((place) => this.get(place))
    if (wanted.every((tile) => tile !== null)) return wanted
    return [...this.tiles.values()]
      .filter(({ columns }) => columns.to > view.from && columns.from < view.to)
      .sort((a, b) => b.place.level - a.place.level)
  }

  /** Of the finest tile that knows the step. */
  valuesAt(step: number): ColumnValues | null {
    let best: ColumnValues | null = null
    for (const tile of this.tiles.values()) {
      const found = columnAt(tile, step)
      if (found && (!best || found.to - found.from < best.to - best.from)) best = found
    }
    return best
  }

  clear(): void {
    this.tiles.clear()
  }
}
