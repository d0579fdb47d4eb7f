// Paints a confusion matrix on a canvas: cells by colour and, where there is room, by number; right ones framed, worse ones hatched, so that colour is never the
// only sign. Geometry is told to whoever finds cells by mouse and keys.
import { heat } from '#renderer/lib/charts/colours.ts'
import type { ShownCells } from '#renderer/lib/runs/confusion.ts'

export interface MatrixPicture {
  /** Names of the classes shown, rows and columns alike. */
  readonly names: readonly string[]
  readonly cells: ShownCells
  readonly difference: boolean
  readonly textOf: (value: number) => string
}

export interface MatrixPlace {
  readonly left: number
  readonly top: number
  readonly cellWidth: number
  readonly cellHeight: number
}

const mostColumnLabels = 62
const rightRoom = 34
/** Cells smaller than this (CSS pixels) are painted as pixels, the strongest of those that share one. */
const smallCell = 6

export function placeOf(width: number, height: number, classes: number): MatrixPlace {
  const left = Math.min(118, Math.round(0.24 * width))
  const columnLabels = Math.max(34, Math.min(mostColumnLabels, Math.round(0.3 * height)))
  return {
    left,
    top: columnLabels,
    cellWidth: Math.max(0.1, (width - left - rightRoom) / Math.max(1, classes)),
    cellHeight: Math.max(0.1, (height - columnLabels - 2) / Math.max(1, classes)),
  }
}

type Rgb = readonly [number, number, number]
const mended: Rgb = [0, 114, 178]
const broken: Rgb = [200, 92, 0]

/** Where a share of the most lies on the scale: small numbers are to be told apart, hence by the root. */
export const scalePosition = (value: number, most: number): number =>
  most > 0 ? Math.sqrt(Math.min(1, Math.abs(value) / most)) : 0

function colourOf(value: number, most: number, difference: boolean, ground: Rgb): Rgb {
  const at = scalePosition(value, most)
  if (!difference) return heat[Math.round(255 * at)] as Rgb
  const [full, share] = [value > 0 ? mended : broken, 0.12 + 0.88 * at]
  return [0, 1, 2].map((i) =>
    Math.round(share * (full[i] as number) + (1 - share) * (ground[i] as number)),
  ) as unknown as Rgb
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

/** Many classes: a picture in device pixels, each as strong as the strongest cell in it. */
function paintPixels(
  ctx: CanvasRenderingContext2D,
  { rows, columns, values, most }: ShownCells,
  n: number,
  place: MatrixPlace,
  difference: boolean,
  ground: Rgb,
): void {
  const ratio = devicePixelRatio
  const [width, height] = [
    Math.max(1, Math.round(n * place.cellWidth * ratio)),
    Math.max(1, Math.round(n * place.cellHeight * ratio)),
  ]
  const strongest = new Float64Array(width * height)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    const [row, column] = [rows[i] as number, columns[i] as number]
    const [x0, y0] = [Math.floor((column * width) / n), Math.floor((row * height) / n)]
    const [x1, y1] = [
      Math.max(x0 + 1, Math.floor(((column + 1) * width) / n)),
      Math.max(y0 + 1, Math.floor(((row + 1) * height) / n)),
    ]
    for (let y = y0; y < y1; y++)
      for (let x = x0; x < x1; x++)
        if (Math.abs(value) > Math.abs(strongest[y * width + x] as number)) strongest[y * width + x] = value
  }
  const image = new ImageData(width, height)
  // By 256 shades a side: worse ones first.
  const shades = Array.from({ length: 512 }, (_, i) =>
    colourOf(most * ((i < 256 ? i - 256 : i - 255) / 256) ** 2 * (i < 256 ? -1 : 1), most, difference, ground),
  )
  for (let i = 0; i < strongest.length; i++) {
    const value = strongest[i] as number
    if (value === 0) continue
    const shade = Math.min(255, Math.floor(256 * scalePosition(value, most)))
    const [r, g, b] = shades[value < 0 ? 255 - shade : 256 + shade] as Rgb
    image.data[4 * i] = r
    image.data[4 * i + 1] = g
    image.data[4 * i + 2] = b
    image.data[4 * i + 3] = 255
  }
  ctx.putImageData(image, Math.round(place.left * ratio), Math.round(place.top * ratio))
}

export function drawMatrix(
  ctx: CanvasRenderingContext2D,
  { names, cells, difference, textOf }: MatrixPicture,
  width: number,
  height: number,
  dark: boolean,
): void {
  const style = getComputedStyle(document.documentElement)
  const [ink, soft, line] = ['--ink', '--ink-soft', '--line'].map((name) => style.getPropertyValue(name))
  const ground: Rgb = dark ? [25, 30, 38] : [255, 255, 255]
  const n = names.length
  const place = placeOf(width, height, n)
  const { left, top, cellWidth, cellHeight } = place
  ctx.clearRect(0, 0, width, height)
  ctx.textBaseline = 'middle'
  ctx.fillStyle = dark ? 'rgb(255 255 255 / 5%)' : 'rgb(20 30 50 / 5%)'
  ctx.fillRect(left, top, n * cellWidth, n * cellHeight)
  ctx.font = '11px system-ui, sans-serif'
  ctx.textAlign = 'center'
  if (Math.min(cellWidth, cellHeight) < smallCell) paintPixels(ctx, cells, n, place, difference, ground)
  else {
    const [wide, high] = [cellWidth - 1, cellHeight - 1]
    const numbers = cellWidth >= 26 && cellHeight >= 12
    for (const [i, value] of cells.values.entries()) {
      const [x, y] = [left + (cells.columns[i] as number) * cellWidth, top + (cells.rows[i] as number) * cellHeight]
      const colour = colourOf(value, cells.most, difference, ground)
      ctx.fillStyle = `rgb(${colour.join(' ')})`
      ctx.fillRect(x, y, wide, high)
      const text = inkOn(colour)
      if (difference && value < 0 && cellWidth >= 8 && cellHeight >= 8) {
        ctx.strokeStyle = text
        ctx.globalAlpha = 0.35
        ctx.beginPath()
        ctx.moveTo(x, y + high)
        ctx.lineTo(x + wide, y)
        ctx.stroke()
        ctx.globalAlpha = 1
      }
      if (numbers) {
        ctx.fillStyle = text
        ctx.fillText(textOf(value), x + cellWidth / 2, y + cellHeight / 2 + 0.5)
      }
    }
    ctx.strokeStyle = soft as string
    for (let i = 0; i < n; i++)
      ctx.strokeRect(left + i * cellWidth + 0.5, top + i * cellHeight + 0.5, wide - 1, high - 1)
  }
  // As many names as there is room for.
  const everyRow = Math.max(1, Math.ceil(11 / cellHeight))
  const everyColumn = Math.max(1, Math.ceil(13 / cellWidth))
  ctx.fillStyle = ink as string
  ctx.textAlign = 'right'
  for (let row = 0; row < n; row += everyRow)
    ctx.fillText(shortened(ctx, names[row] ?? '', left - 8), left - 5, top + (row + 0.5) * cellHeight)
  ctx.textAlign = 'left'
  for (let column = 0; column < n; column += everyColumn) {
    ctx.save()
    ctx.translate(left + (column + 0.5) * cellWidth, top - 5)
    ctx.rotate(-Math.PI / 3.2)
    ctx.fillText(shortened(ctx, names[column] ?? '', top + 2), 0, 0)
    ctx.restore()
  }
  ctx.strokeStyle = line as string
  ctx.strokeRect(left - 0.5, top - 0.5, n * cellWidth + 1, n * cellHeight + 1)
}
