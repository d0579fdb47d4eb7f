// The layer map's cells: tiles that were painted once are copied into place, the hatching is laid into their masks. Needs a page.
import type { LayerColumns, LayerQuantity } from '#contract/columns/layer-columns.ts'
import type { TensorSummary } from '#contract/tables/report.ts'
import { spanOf } from '#renderer/lib/charts/time-view.ts'
import { paint, parts, tilePixels, type TilePixels } from '#renderer/lib/layers/layer-paint.ts'
import type { RowLayout } from '#renderer/lib/layers/layer-rows.ts'
import { outlivesFreezing, type LayerScale } from '#renderer/lib/layers/layer-scale.ts'
import { emptyGroupColumns, groupColumns, type TensorGroup } from '#renderer/lib/layers/row-groups.ts'
import type { Tile } from '#renderer/lib/layers/layer-tiles.ts'
import { sized, type MatrixPlace } from './matrix-canvas.ts'

interface Picture {
  /** The tile's own, or those of the groups. */
  readonly columns: LayerColumns
  readonly grouped: readonly TensorGroup[] | null
  readonly pixels: TilePixels
  readonly colour: HTMLCanvasElement
  readonly frozen: HTMLCanvasElement
  key: string
  revision: number
  last: number
}

/** The painted tiles, kept as long as the tiles are. */
export class TilePictures {
  private readonly pictures = new WeakMap<Tile, Picture>()

  of(tile: Tile, { quantity, scale, layout: { grouped }, tensors }: Drawn): Picture {
    let picture = this.pictures.get(tile)
    const key = `${quantity} ${scale.logarithmic} ${scale.range.least} ${scale.range.most}`
    if (!picture || picture.grouped !== grouped) {
      const columns = grouped ? emptyGroupColumns(tile.columns, grouped) : tile.columns
      const pixels = tilePixels(columns)
      const canvases = { colour: canvasOf(pixels), frozen: canvasOf(pixels) }
      picture = { columns, grouped, pixels, ...canvases, key: '', revision: -1, last: 0 }
      this.pictures.set(tile, picture)
    }
    if (picture.key === key && picture.revision === tile.revision) return picture
    const whole = picture.key !== key
    // Live steps come in order: what changed lies between the last painted column and the newest.
    const from = whole ? 0 : picture.last
    const to = whole ? tile.columns.columns : tile.last + 1
    if (grouped) groupColumns(picture.columns, tile.columns, grouped, tensors, from, to)
    paint(picture.pixels, picture.columns, quantity, scale, from, to)
    copy(picture.colour, picture.pixels.colour, picture.pixels, from, to)
    copy(picture.frozen, picture.pixels.frozen, picture.pixels, from, to)
    picture.key = key
    picture.revision = tile.revision
    picture.last = Math.max(0, tile.last)
    return picture
  }
}

function canvasOf({ width, height }: TilePixels): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = Math.max(1, height)
  return canvas
}

function copy(
  canvas: HTMLCanvasElement,
  bytes: Uint8ClampedArray<ArrayBuffer>,
  { width, height }: TilePixels,
  from: number,
  to: number,
): void {
  if (height === 0) return
  canvas.getContext('2d')?.putImageData(new ImageData(bytes, width, height), 0, 0, from, 0, to - from, height)
}

const hatchings = new Map<string, HTMLCanvasElement>()

/** `over`: lines alone, through which a colour is seen. */
function hatching(theme: MatrixPlace['theme'], over: boolean): HTMLCanvasElement {
  const key = `${theme} ${over}`
  const known = hatchings.get(key)
  if (known) return known
  const tile = document.createElement('canvas')
  tile.width = tile.height = 6
  const ctx = tile.getContext('2d')
  if (ctx) {
    if (!over) {
      ctx.fillStyle = theme === 'light' ? '#e6e9ee' : '#262d38'
      ctx.fillRect(0, 0, 6, 6)
    }
    // Over colours a light line beside a dark one: one of the two is seen on any ground.
    if (over) lines(ctx, 'rgb(255 255 255 / 80%)', 2.6)
    lines(ctx, over ? 'rgb(40 46 58 / 90%)' : theme === 'light' ? '#8d97a6' : '#5d6878', 1)
  }
  hatchings.set(key, tile)
  return tile
}

function lines(ctx: CanvasRenderingContext2D, colour: string, width: number): void {
  ctx.strokeStyle = colour
  ctx.lineWidth = width
  for (const shift of [-6, 0, 6]) {
    ctx.beginPath()
    ctx.moveTo(shift, 6)
    ctx.lineTo(shift + 6, 0)
    ctx.stroke()
  }
}

export interface Drawn {
  readonly tensors: readonly TensorSummary[]
  readonly tiles: readonly Tile[]
  readonly layout: RowLayout
  readonly quantity: LayerQuantity
  readonly scale: LayerScale
  readonly pictures: TilePictures
}

const mask = typeof document === 'undefined' ? null : document.createElement('canvas')

export function drawTiles(canvas: HTMLCanvasElement, place: MatrixPlace, drawn: Drawn): void {
  const { tiles, layout, quantity, pictures } = drawn
  const ctx = sized(canvas, place.width, place.height)
  const frozen = mask && sized(mask, place.width, place.height)
  if (!ctx || !frozen || !mask) return
  const plot = place.width - place.gutter
  const perStep = plot / spanOf(place.view)
  const runs = visibleRuns(layout, place)
  for (const one of [ctx, frozen]) {
    one.save()
    one.beginPath()
    one.rect(place.gutter, 0, plot, place.height)
    one.clip()
    one.imageSmoothingEnabled = false
  }
  for (const tile of tiles) {
    const picture = pictures.of(tile, drawn)
    const { from, to, columns } = tile.columns
    const x = place.gutter + (from - place.view.from) * perStep
    const width = (to - from) * perStep
    // Only the columns in sight: a coarse tile seen from near would be very wide.
    const first = Math.max(0, Math.floor(((place.view.from - from) / (to - from)) * columns))
    const last = Math.min(columns, Math.ceil(((place.view.to - from) / (to - from)) * columns))
    if (last <= first) continue
    const [dx, dw] = [x + (first * width) / columns, ((last - first) * width) / columns]
    for (const { row, count, y } of runs) {
      const height = count * layout.rowHeight
      ctx.clearRect(dx, y, dw, height)
      frozen.clearRect(dx, y, dw, height)
      ctx.drawImage(picture.colour, first, row * parts, last - first, count * parts, dx, y, dw, height)
      frozen.drawImage(picture.frozen, first, row * parts, last - first, count * parts, dx, y, dw, height)
    }
  }
  frozen.restore()
  ctx.restore()
  frozen.save()
  frozen.globalCompositeOperation = 'source-in'
  frozen.fillStyle = frozen.createPattern(hatching(place.theme, outlivesFreezing(quantity)), 'repeat') ?? '#888'
  frozen.fillRect(0, 0, place.width, place.height)
  frozen.restore()
  ctx.drawImage(mask, 0, 0, place.width, place.height)
}

/** Neighbouring rows that are neighbours in the picture too and that are in sight, drawn at once. */
function visibleRuns(
  { rows, rowHeight }: RowLayout,
  { scrollTop, height }: MatrixPlace,
): { row: number; count: number; y: number }[] {
  const runs: { row: number; count: number; y: number }[] = []
  for (const row of rows) {
    const y = row.y - scrollTop
    if (y + rowHeight < 0 || y > height) continue
    const last = runs.at(-1)
    if (last && row.picture === last.row + last.count && Math.abs(last.y + last.count * rowHeight - y) < 0.01)
      last.count += 1
    else runs.push({ row: row.picture, count: 1, y })
  }
  return runs
}
