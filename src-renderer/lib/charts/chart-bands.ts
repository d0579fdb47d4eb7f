// Draws the domains behind a curve: every second one shaded, their names in lines of their own above the plot; and where a lane collapsed. Onto a canvas that it is
// given; no DOM besides.
import type { Domain } from '#contract/tables/report.ts'
import { words } from '#renderer/lib/text/format.ts'
import { bandLabels, type Band } from './band-labels.ts'

export interface BandLook {
  readonly band: string
  readonly ink: string
  readonly line: string
}

export interface PlotBox {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Height of a line of names, in the page's pixels. */
export const bandLine = 13
export const mostBandLines = 2
const letters = 11

/** `at`: where a step is. */
export const bandsOf = (domains: readonly Domain[], at: (step: number) => number): Band[] =>
  domains.map(({ name, firstStep, steps }) => ({
    name: words(name),
    left: at(firstStep - 0.5),
    right: at(firstStep + steps - 0.5),
  }))

/** Lines that the names take when all of the stream is to be seen. */
export function nameLinesOf(domains: readonly Domain[], width: number, measure: (text: string) => number): number {
  const last = domains.at(-1)
  if (!last) return 0
  const at = (step: number) => ((step + 0.5) * width) / Math.max(1, last.firstStep + last.steps)
  return bandLabels(bandsOf(domains, at), { from: 0, to: width }, mostBandLines, measure).lines
}

export const bandFont = (ratio: number): string => `${letters * ratio}px system-ui, sans-serif`

/** `at`: where a step is, in the canvas's pixels; `ratio`: of these to those of the page; `lines`: those that were left free above the plot. */
export function drawBands(
  ctx: CanvasRenderingContext2D,
  box: PlotBox,
  domains: readonly Domain[],
  at: (step: number) => number,
  look: BandLook,
  ratio: number,
  lines: number,
): void {
  const right = box.left + box.width
  const height = lines * bandLine * ratio
  const bands = bandsOf(domains, at)
  ctx.save()
  ctx.beginPath()
  ctx.rect(box.left, box.top - height, box.width, box.height + height)
  ctx.clip()
  ctx.fillStyle = look.band
  for (const [i, band] of bands.entries()) {
    const [from, to] = [Math.max(box.left, band.left), Math.min(right, band.right)]
    if (i % 2 === 1 && to > from) ctx.fillRect(from, box.top - height, to - from, box.height + height)
  }
  ctx.font = bandFont(ratio)
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'left'
  ctx.strokeStyle = look.line
  ctx.lineWidth = ratio
  const measure = (text: string) => ctx.measureText(text).width / ratio
  const inPage = bands.map(({ name, left, right: end }) => ({ name, left: left / ratio, right: end / ratio }))
  const placed = bandLabels(inPage, { from: box.left / ratio, to: right / ratio }, lines, measure)
  for (const { text, x, band, line } of placed.labels) {
    const y = box.top - height + line * bandLine * ratio
    ctx.beginPath()
    ctx.moveTo(Math.round(band * ratio) + 0.5, y)
    ctx.lineTo(Math.round(band * ratio) + 0.5, y + bandLine * ratio)
    ctx.stroke()
    ctx.fillStyle = look.ink
    ctx.fillText(text, x * ratio, y + (bandLine * ratio) / 2)
  }
  ctx.restore()
}

/** A triangle at the top, in the lane's colour. */
export function drawMark(ctx: CanvasRenderingContext2D, box: PlotBox, at: number, colour: string, ratio: number): void {
  if (at < box.left || at > box.left + box.width) return
  const size = 6 * ratio
  ctx.fillStyle = colour
  ctx.beginPath()
  ctx.moveTo(at - size, box.top)
  ctx.lineTo(at + size, box.top)
  ctx.lineTo(at, box.top + 1.6 * size)
  ctx.fill()
}
