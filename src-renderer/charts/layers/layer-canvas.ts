// Draws the layer map on canvases: tiles that were painted once are copied into place, the hatching is laid into their masks, labels stand beside. Needs a page.
import { scaleLinear } from 'd3-scale'
import type { LayerQuantity } from '#contract/columns/layer-columns.ts'
import type { Domain, TensorSummary } from '#contract/tables/report.ts'
import { words } from '#renderer/lib/text/format.ts'
import { paint, parts, tilePixels, type TilePixels } from '#renderer/lib/layers/layer-paint.ts'
import { shortName, type LayerRow, type RowLayout } from '#renderer/lib/layers/layer-rows.ts'
import { outlivesFreezing, type LayerScale } from '#renderer/lib/layers/layer-scale.ts'
import type { Tile } from '#renderer/lib/layers/layer-tiles.ts'
import { spanOf, type TimeView } from '#renderer/lib/charts/time-view.ts'

/** Pixels of CSS. */
export interface MatrixPlace {
  readonly width: number
  readonly height: number
  /** Where labels stand, left of the steps. */
  readonly gutter: number
  readonly view: TimeView
  readonly scrollTop: number
  readonly theme: 'light' | 'dark'
}

const font = '11px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'
const boldFont = `600 ${font}`
let measuring: CanvasRenderingContext2D | null = null

function widthOf(text: string, bold = false): number {
  measuring ??= document.createElement('canvas').getContext('2d')
  if (!measuring) return 7 * text.length
  measuring.font = bold ? boldFont : font
  return measuring.measureText(text).width
}

const longest = (texts: readonly string[], bold = false) =>
  texts.reduce((most, text) => Math.max(most, widthOf(text, bold)), 0)

/** Widths of the blocks' and the tensors' labels. */
function labelWidths(tensors: readonly TensorSummary[], chosen: readonly number[]): { block: number; name: number } {
  const shown = chosen.flatMap((i) => tensors[i] ?? [])
  return {
    block: Math.ceil(longest([...new Set(shown.map(({ block }) => block))], true)),
    name: Math.ceil(longest([...new Set(shown.map(shortName))])),
  }
}

export function gutterOf(tensors: readonly TensorSummary[], chosen: readonly number[], width: number): number {
  const { block, name } = labelWidths(tensors, chosen)
  return Math.round(Math.max(60, Math.min(block + name + 18, 0.42 * width)))
}

interface Picture {
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

  of(tile: Tile, quantity: LayerQuantity, scale: LayerScale): Picture {
    let picture = this.pictures.get(tile)
    const key = `${quantity} ${scale.logarithmic} ${scale.range.least} ${scale.range.most}`
    if (!picture) {
      const pixels = tilePixels(tile.columns)
      picture = { pixels, colour: canvasOf(pixels), frozen: canvasOf(pixels), key: '', revision: -1, last: 0 }
      this.pictures.set(tile, picture)
    }
    if (picture.key === key && picture.revision === tile.revision) return picture
    const whole = picture.key !== key
    // Live steps come in order: what changed lies between the last painted column and the newest.
    const from = whole ? 0 : picture.last
    const to = whole ? tile.columns.columns : tile.last + 1
    paint(picture.pixels, tile.columns, quantity, scale, from, to)
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

/** The 2-D context of a canvas brought to its size; cleared. */
function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w
    canvas.height = h
    canvas.style.width = `${width}px`
    canvas.style.height = `${height}px`
  }
  const ctx = canvas.getContext('2d')
  ctx?.setTransform(ratio, 0, 0, ratio, 0, 0)
  ctx?.clearRect(0, 0, width, height)
  return ctx
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
  readonly tiles: readonly Tile[]
  readonly layout: RowLayout
  readonly quantity: LayerQuantity
  readonly scale: LayerScale
  readonly pictures: TilePictures
}

const mask = typeof document === 'undefined' ? null : document.createElement('canvas')

export function drawTiles(
  canvas: HTMLCanvasElement,
  place: MatrixPlace,
  { tiles, layout, quantity, scale, pictures }: Drawn,
): void {
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
    const picture = pictures.of(tile, quantity, scale)
    const { from, to, columns } = tile.columns
    const x = place.gutter + (from - place.view.from) * perStep
    const width = (to - from) * perStep
    // Only the columns in sight: a coarse tile seen from near would be very wide.
    const first = Math.max(0, Math.floor(((place.view.from - from) / (to - from)) * columns))
    const last = Math.min(columns, Math.ceil(((place.view.to - from) / (to - from)) * columns))
    if (last <= first) continue
    const [dx, dw] = [x + (first * width) / columns, ((last - first) * width) / columns]
    for (const { tensor, count, y } of runs) {
      const height = count * layout.rowHeight
      ctx.clearRect(dx, y, dw, height)
      frozen.clearRect(dx, y, dw, height)
      ctx.drawImage(picture.colour, first, tensor * parts, last - first, count * parts, dx, y, dw, height)
      frozen.drawImage(picture.frozen, first, tensor * parts, last - first, count * parts, dx, y, dw, height)
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

/** Neighbouring rows of neighbouring tensors that are in sight, drawn at once. */
function visibleRuns(
  { rows, rowHeight }: RowLayout,
  { scrollTop, height }: MatrixPlace,
): { tensor: number; count: number; y: number }[] {
  const runs: { tensor: number; count: number; y: number }[] = []
  for (const row of rows) {
    const y = row.y - scrollTop
    if (y + rowHeight < 0 || y > height) continue
    const last = runs.at(-1)
    if (last && row.tensor === last.tensor + last.count && Math.abs(last.y + last.count * rowHeight - y) < 0.01)
      last.count += 1
    else runs.push({ tensor: row.tensor, count: 1, y })
  }
  return runs
}

const inks = (theme: MatrixPlace['theme']) =>
  theme === 'light'
    ? { ink: '#14181f', soft: '#4c5564', line: '#d5d9e0' }
    : { ink: '#e9edf3', soft: '#a9b3c2', line: '#333b48' }

/** Names of blocks and tensors, lines between blocks, and where domains begin. After `drawTiles`. */
export function drawLabels(
  canvas: HTMLCanvasElement,
  place: MatrixPlace,
  layout: RowLayout,
  domains: readonly Domain[],
): void {
  const ctx = canvas.getContext('2d')
  if (!ctx) return
  const { ink, soft, line } = inks(place.theme)
  const named = layout.rowHeight >= 11
  let lastLabel = -Infinity
  ctx.textBaseline = 'middle'
  for (const [i, group] of layout.groups.entries()) {
    const y = group.y - place.scrollTop
    if (y + group.height < 0 || y > place.height) continue
    ctx.strokeStyle = line
    if (i > 0) stroke(ctx, 0, y - 2, named ? place.width : place.gutter, y - 2)
    // The block's name stays in sight as long as one of its rows is.
    const at = Math.max(y, 0) + Math.min(layout.rowHeight, 14) / 2
    if (at - lastLabel >= 11 && (y + group.height > at || i === 0)) {
      ctx.font = boldFont
      ctx.fillStyle = ink
      ctx.textAlign = 'left'
      ctx.fillText(group.block, 2, Math.max(6, at), place.gutter - 6)
      lastLabel = at
    }
    if (!named) continue
    const room = place.gutter - widthOf(group.block, true) - 14
    for (const row of group.rows)
      label(
        ctx,
        row,
        place,
        layout.rowHeight,
        soft,
        Math.max(40, row === group.rows[0] || y < 0 ? room : place.gutter - 10),
      )
  }
  ctx.strokeStyle = place.theme === 'light' ? 'rgb(20 24 31 / 26%)' : 'rgb(233 237 243 / 26%)'
  for (const { firstStep } of domains) {
    const x = xOf(place, firstStep)
    if (firstStep > 0 && x > place.gutter && x < place.width) stroke(ctx, x, 0, x, place.height)
  }
}

function label(
  ctx: CanvasRenderingContext2D,
  row: LayerRow,
  { gutter, scrollTop, height }: MatrixPlace,
  rowHeight: number,
  ink: string,
  room: number,
): void {
  const y = row.y - scrollTop + rowHeight / 2
  if (y < -rowHeight || y > height + rowHeight) return
  ctx.font = font
  ctx.fillStyle = ink
  ctx.textAlign = 'right'
  ctx.fillText(row.label, gutter - 5, y, room)
}

function stroke(ctx: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  ctx.beginPath()
  ctx.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5)
  ctx.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5)
  ctx.stroke()
}

const xOf = ({ gutter, width, view }: MatrixPlace, step: number) =>
  gutter + ((step - view.from) * (width - gutter)) / spanOf(view)

/** Domains as bands with their names, as far as these have room. */
export function drawDomains(
  canvas: HTMLCanvasElement,
  place: MatrixPlace,
  domains: readonly Domain[],
  height: number,
): void {
  const ctx = sized(canvas, place.width, height)
  if (!ctx) return
  const { ink, line } = inks(place.theme)
  ctx.font = font
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'left'
  for (const { index, name, firstStep, steps } of domains) {
    const left = Math.max(place.gutter, xOf(place, firstStep))
    const right = Math.min(place.width, xOf(place, firstStep + steps))
    if (right <= left) continue
    ctx.fillStyle =
      place.theme === 'light' ? (index % 2 === 0 ? '#e4e8ee' : '#f1f3f6') : index % 2 === 0 ? '#2b323e' : '#222831'
    ctx.fillRect(left, 1, right - left, height - 3)
    ctx.strokeStyle = line
    stroke(ctx, left, 1, left, height - 2)
    ctx.fillStyle = ink
    const text = fitted(words(name), right - left - 8)
    if (text !== '') ctx.fillText(text, left + 4, height / 2)
  }
}

/** The text, or as much of it as has room; nothing where that would say nothing. */
function fitted(text: string, room: number): string {
  if (widthOf(text) <= room) return text
  let length = Math.floor((text.length * room) / Math.max(1, widthOf(text)))
  while (length > 2 && widthOf(`${text.slice(0, length)}…`) > room) length -= 1
  return length > 2 ? `${text.slice(0, length).trimEnd()}…` : ''
}

/** Numbers of steps, counted from 1. */
export function drawAxis(canvas: HTMLCanvasElement, place: MatrixPlace, height: number): void {
  const ctx = sized(canvas, place.width, height)
  if (!ctx) return
  const { soft, line } = inks(place.theme)
  ctx.font = font
  ctx.textBaseline = 'middle'
  ctx.fillStyle = soft
  ctx.strokeStyle = line
  stroke(ctx, place.gutter, 0, place.width, 0)
  const ticks = scaleLinear([place.view.from + 1, place.view.to], [0, 1]).ticks(
    Math.max(2, Math.floor((place.width - place.gutter) / 70)),
  )
  let free = -Infinity
  for (const tick of ticks.filter(Number.isInteger)) {
    const x = (xOf(place, tick - 1) + xOf(place, tick)) / 2
    const text = String(tick)
    const half = widthOf(text) / 2
    ctx.strokeStyle = soft
    stroke(ctx, x, 0, x, 4)
    if (x - half < free || x + half > place.width + 4) continue
    ctx.textAlign = 'center'
    ctx.fillText(text, Math.max(place.gutter + half, x), height / 2 + 3)
    free = x + half + 6
  }
}
