// What stands beside and around the layer map's cells: names of blocks and tensors, domains, numbers of steps. Needs a page.
import { scaleLinear } from 'd3-scale'
import type { Domain, TensorSummary } from '#contract/tables/report.ts'
import { bandLabels } from '#renderer/lib/charts/band-labels.ts'
import { bandLine, mostBandLines } from '#renderer/lib/charts/chart-bands.ts'
import { smallBoldType as boldFont, smallType as font, textWidth as widthOf } from '#renderer/lib/charts/text-width.ts'
import { words } from '#renderer/lib/text/format.ts'
import { shortName, type LayerRow, type RowLayout } from '#renderer/lib/layers/layer-rows.ts'
import { inks, sized, stroke, xOf, type MatrixPlace } from './matrix-canvas.ts'

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

/** Rows lower than this have no names of their own. */
const namedHeight = 11
const isNamed = ({ rowHeight, grouped }: RowLayout): boolean => rowHeight >= namedHeight && grouped === null

export function gutterOf(
  tensors: readonly TensorSummary[],
  chosen: readonly number[],
  width: number,
  layout: RowLayout,
): number {
  const { block, name } = layout.grouped
    ? {
        block: longest(
          layout.groups.map((group) => group.block),
          true,
        ),
        name: 0,
      }
    : labelWidths(tensors, chosen)
  return Math.round(Math.max(60, Math.min(isNamed(layout) ? block + name + 18 : block + 12, 0.42 * width)))
}

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
  const named = isNamed(layout)
  let lastLabel = -Infinity
  ctx.textBaseline = 'middle'
  for (const [i, group] of layout.groups.entries()) {
    const y = group.y - place.scrollTop
    if (y + group.height < 0 || y > place.height) continue
    ctx.strokeStyle = line
    if (i > 0) stroke(ctx, named ? 0 : place.gutter - 6, y - 2, named ? place.width : place.gutter, y - 2)
    // The block's name stays in sight as long as one of its rows is.
    const at = Math.max(8, Math.max(y, 0) + Math.min(layout.rowHeight, 14) / 2)
    if (at - lastLabel >= 11 && (y + group.height > at || i === 0)) {
      ctx.font = boldFont
      ctx.fillStyle = ink
      ctx.textAlign = 'left'
      ctx.fillText(group.block, 2, at, place.gutter - 6)
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

/** Bands with names, from left to right. */
const bandsAlong = (place: MatrixPlace, domains: readonly Domain[]) =>
  domains.map(({ name, firstStep, steps }) => ({
    name: words(name),
    left: xOf(place, firstStep),
    right: xOf(place, firstStep + steps),
  }))

/** Lines that the domains' names take when all of the stream is to be seen, so that zooming moves nothing. */
export function domainLines(place: MatrixPlace, domains: readonly Domain[]): number {
  const last = domains.at(-1)
  const whole = { ...place, view: { from: 0, to: Math.max(1, last ? last.firstStep + last.steps : 1) } }
  return bandLabels(bandsAlong(whole, domains), { from: place.gutter, to: place.width }, mostBandLines, widthOf).lines
}

/** Domains as bands with their names, in so many lines. */
export function drawDomains(
  canvas: HTMLCanvasElement,
  place: MatrixPlace,
  domains: readonly Domain[],
  lines: number,
): void {
  const height = domainsHeight(lines)
  const ctx = sized(canvas, place.width, height)
  if (!ctx) return
  const { ink, line } = inks(place.theme)
  ctx.font = font
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'left'
  const bands = bandsAlong(place, domains)
  for (const [index, band] of bands.entries()) {
    const left = Math.max(place.gutter, band.left)
    const right = Math.min(place.width, band.right)
    if (right <= left) continue
    ctx.fillStyle =
      place.theme === 'light' ? (index % 2 === 0 ? '#e4e8ee' : '#f1f3f6') : index % 2 === 0 ? '#2b323e' : '#222831'
    ctx.fillRect(left, 1, right - left, height - 2)
  }
  ctx.fillStyle = ink
  ctx.strokeStyle = line
  for (const { text, x, band, line: at } of bandLabels(bands, { from: place.gutter, to: place.width }, lines, widthOf)
    .labels) {
    if (band >= place.gutter) stroke(ctx, band, 2 + at * bandLine, band, 2 + (at + 1) * bandLine)
    ctx.fillText(text, x, 2 + (at + 0.5) * bandLine)
  }
}

export const domainsHeight = (lines: number): number => lines * bandLine + 5

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
