// Paints a confusion matrix on a canvas: cells by colour and, where there is room, by number; right ones framed, worse ones hatched, so that colour is never the
// only sign. Geometry is told to whoever finds cells by mouse and keys.
import { heat } from '../lib/colours.ts'

export interface MatrixPicture {
  /** Names of the classes shown, rows and columns alike. */
  readonly names: readonly string[]
  /** Row by row; null = nothing known, 0 = empty. Of two lanes: how much better (positive) or worse the first is. */
  readonly values: readonly (number | null)[]
  readonly difference: boolean
  readonly textOf: (value: number) => string
}

export interface MatrixPlace {
  readonly left: number
  readonly top: number
  readonly cellWidth: number
  readonly cellHeight: number
}

const columnLabels = 62
const rightRoom = 34

export function placeOf(width: number, height: number, classes: number): MatrixPlace {
  const left = Math.min(118, Math.round(0.24 * width))
  return { left, top: columnLabels, cellWidth: Math.max(0.1, (width - left - rightRoom) / Math.max(1, classes)), cellHeight: Math.max(0.1, (height - columnLabels - 2) / Math.max(1, classes)) }
}

type Rgb = readonly [number, number, number]
const mended: Rgb = [0, 114, 178]
const broken: Rgb = [200, 92, 0]

/** Where a share of the most lies on the scale: small numbers are to be told apart, hence by the root. */
export const scalePosition = (value: number, most: number): number => (most > 0 ? Math.sqrt(Math.min(1, Math.abs(value) / most)) : 0)

function colourOf(value: number, most: number, difference: boolean, ground: Rgb): Rgb {
  const at = scalePosition(value, most)
  if (!difference) return heat[Math.round(255 * at)] as Rgb
  const [full, share] = [value > 0 ? mended : broken, 0.12 + 0.88 * at]
  return [0, 1, 2].map((i) => Math.round(share * (full[i] as number) + (1 - share) * (ground[i] as number))) as unknown as Rgb
}

/** Black or white, whichever can be read. */
function inkOn(colour: Rgb): string {
  const [r = 0, g = 0, b = 0] = colour.map((channel) => ((channel / 255 + 0.055) / 1.055) ** 2.4)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? '#000' : '#fff'
}

function shortened(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  if (ctx.measureText(text).width <= room) return text
  let end = text.length - 1
  while (end > 1 && ctx.measureText(`${text.slice(0, end)}…`).width > room) end -= 1
  return `${text.slice(0, end)}…`
}

export function drawMatrix(ctx: CanvasRenderingContext2D, { names, values, difference, textOf }: MatrixPicture, width: number, height: number, most: number, dark: boolean): void {
  const style = getComputedStyle(document.documentElement)
  const [ink, soft, line] = ['--ink', '--ink-soft', '--line'].map((name) => style.getPropertyValue(name))
  const ground: Rgb = dark ? [25, 30, 38] : [255, 255, 255]
  const n = names.length
  const { left, top, cellWidth, cellHeight } = placeOf(width, height, n)
  ctx.clearRect(0, 0, width, height)
  ctx.textBaseline = 'middle'
  ctx.fillStyle = dark ? 'rgb(255 255 255 / 5%)' : 'rgb(20 30 50 / 5%)'
  ctx.fillRect(left, top, n * cellWidth, n * cellHeight)
  const gap = Math.min(cellWidth, cellHeight) > 6 ? 1 : 0
  const numbers = cellWidth >= 26 && cellHeight >= 12
  ctx.font = '11px system-ui, sans-serif'
  ctx.textAlign = 'center'
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const value = values[row * n + column] ?? null
      const [x, y] = [left + column * cellWidth, top + row * cellHeight]
      if (value !== null && value !== 0) {
        const colour = colourOf(value, most, difference, ground)
        ctx.fillStyle = `rgb(${colour.join(' ')})`
        ctx.fillRect(x, y, Math.max(1, cellWidth - gap), Math.max(1, cellHeight - gap))
        const text = inkOn(colour)
        if (difference && value < 0 && cellWidth >= 8 && cellHeight >= 8) {
          ctx.strokeStyle = text
          ctx.globalAlpha = 0.35
          ctx.beginPath()
          ctx.moveTo(x, y + cellHeight - gap)
          ctx.lineTo(x + cellWidth - gap, y)
          ctx.stroke()
          ctx.globalAlpha = 1
        }
        if (numbers) {
          ctx.fillStyle = text
          ctx.fillText(textOf(value), x + cellWidth / 2, y + cellHeight / 2 + 0.5)
        }
      }
      if (row === column && gap > 0) {
        ctx.strokeStyle = soft as string
        ctx.strokeRect(x + 0.5, y + 0.5, cellWidth - gap - 1, cellHeight - gap - 1)
      }
    }
  }
  // As many names as there is room for.
  const everyRow = Math.max(1, Math.ceil(11 / cellHeight))
  const everyColumn = Math.max(1, Math.ceil(13 / cellWidth))
  ctx.fillStyle = ink as string
  ctx.textAlign = 'right'
  for (let row = 0; row < n; row += everyRow) ctx.fillText(shortened(ctx, names[row] ?? '', left - 8), left - 5, top + (row + 0.5) * cellHeight)
  ctx.textAlign = 'left'
  for (let column = 0; column < n; column += everyColumn) {
    ctx.save()
    ctx.translate(left + (column + 0.5) * cellWidth, top - 5)
    ctx.rotate(-Math.PI / 3.2)
    ctx.fillText(shortened(ctx, names[column] ?? '', columnLabels + 2), 0, 0)
    ctx.restore()
  }
  ctx.strokeStyle = line as string
  ctx.strokeRect(left - 0.5, top - 0.5, n * cellWidth + 1, n * cellHeight + 1)
}
