// Draws the domains behind a curve: every second one shaded, each with its name where there is room, along the top or upright; and where a lane
// collapsed. Onto a canvas that it is given; no DOM besides.
import type { Domain } from '#contract/tables/report.ts'
import { words } from '#renderer/lib/text/format.ts'

export interface BandLook {
  readonly band: string
  readonly ink: string
  readonly surface: string
}

export interface PlotBox {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** `at`: where a step is, in the canvas's pixels; `ratio`: of these to those of the page. */
export function drawBands(
  ctx: CanvasRenderingContext2D,
  box: PlotBox,
  domains: readonly Domain[],
  at: (step: number) => number,
  look: BandLook,
  ratio: number,
): void {
  const right = box.left + box.width
  ctx.save()
  ctx.beginPath()
  ctx.rect(box.left, box.top, box.width, box.height)
  ctx.clip()
  ctx.font = `${11 * ratio}px system-ui, sans-serif`
  ctx.textBaseline = 'middle'
  for (const domain of domains) {
    const from = Math.max(box.left, at(domain.firstStep - 0.5))
    const to = Math.min(right, at(domain.firstStep + domain.steps - 0.5))
    if (to <= box.left || from >= right) continue
    if (domain.index % 2 === 1) {
      ctx.fillStyle = look.band
      ctx.fillRect(from, box.top, to - from, box.height)
    }
    drawName(ctx, words(domain.name), box, from, to, look.ink, ratio)
  }
  ctx.restore()
}

/** Least width of a band with an upright name and least height of a plot with such, in the page's pixels: lower, only the shortest would fit. */
const uprightWidth = 14
const uprightHeight = 110

function drawName(
  ctx: CanvasRenderingContext2D,
  name: string,
  box: PlotBox,
  from: number,
  to: number,
  ink: string,
  ratio: number,
): void {
  const width = to - from
  if (width < uprightWidth * ratio) return
  const length = ctx.measureText(name).width
  ctx.fillStyle = ink
  const foot = box.top + box.height - 8 * ratio
  if (length + 8 * ratio <= width) {
    ctx.textAlign = 'center'
    ctx.fillText(name, (from + to) / 2, foot)
    return
  }
  if (box.height < uprightHeight * ratio || length + 8 * ratio > box.height) return
  ctx.save()
  ctx.translate((from + to) / 2, foot)
  ctx.rotate(-Math.PI / 2)
  ctx.textAlign = 'left'
  ctx.fillText(name, 0, 0)
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
