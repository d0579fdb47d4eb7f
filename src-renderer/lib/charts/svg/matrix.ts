// A matrix of coloured cells as SVG: names of rows and columns, hatching where there is no value, the scale of colours below.
import { scaleLinear } from 'd3-scale'
import { heat } from '#renderer/lib/charts/colours.ts'
import type { MatrixPicture } from '#renderer/lib/charts/picture.ts'
import { small } from '#renderer/lib/text/format.ts'
import { axisTitle, extent, inks, type Body, type Ink, type Theme } from './body.ts'
import { element, label, shortened, widthOf } from './svg-text.ts'

/** More columns than this are put together: a file that no program opens helps nobody. */
const mostColumns = 480
/** Of the scale of colours. */
const keySteps = 32

interface Layout {
  readonly left: number
  readonly top: number
  readonly bottom: number
  readonly cell: { readonly width: number; readonly height: number }
  /** Drawn columns. */
  readonly bins: number
  /** Every column has its name, aslant. */
  readonly slanted: boolean
}
type Cells = readonly (readonly (number | null)[])[]

export function matrixBody(
  { rows, columns, value, x, y, quantity, hatched, scale }: MatrixPicture,
  theme: Theme,
): Body {
  const ink = inks[theme]
  const bins = Math.max(1, Math.min(columns.length, mostColumns))
  const binOf = (bin: number): readonly [number, number] => [
    Math.floor((bin * columns.length) / bins),
    Math.floor(((bin + 1) * columns.length) / bins),
  ]
  const cells = rows.map((_, row) => Array.from({ length: bins }, (_unused, bin) => binned(row, ...binOf(bin), value)))
  const numbers = cells.flat().filter((one): one is number => one !== null && (scale === 'linear' || one > 0))
  const [low, high] = extent(numbers)
  const layout = layoutOf(rows, columns, bins)
  const { left, top, bottom, cell, slanted } = layout
  const keyTop = bottom + 46
  const parts: string[] = [
    `<defs><pattern id="hatched" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" x2="0" y1="0" y2="4" stroke="${ink.soft}" stroke-width="0.8"/></pattern></defs>`,
    ...cellsMarkup(cells, layout, shareOf(low, high, scale)),
    ...rowNames(rows, layout, ink),
    ...(slanted ? slantedNames(columns, layout, ink) : someNames((bin) => columns[binOf(bin)[0]] ?? '', layout, ink)),
    label(x, axisTitle({ x: left + (bins * cell.width) / 2, y: bottom + 32 }, ink)),
    label(y, axisTitle({ transform: `translate(10 ${(top + bottom) / 2}) rotate(-90)` }, ink)),
    ...keyMarkup(`${small(low)} … ${small(high)}: ${quantity}${scale === 'log' ? ' (log)' : ''}`, left, keyTop, ink),
    element('rect', {
      x: left,
      y: keyTop + 16,
      width: 24,
      height: 10,
      fill: 'url(#hatched)',
      stroke: ink.soft,
      'stroke-width': 0.5,
    }),
    label(hatched, { x: left + 30, y: keyTop + 25, 'font-size': 11, fill: ink.ink }),
  ]
  return {
    width: Math.max(
      left + bins * cell.width + (slanted ? 70 : 10),
      left + keySteps * 6 + 16 + widthOf(quantity, 11) + 160,
    ),
    height: keyTop + 30,
    markup: parts.join('\n'),
  }
}

function layoutOf(rows: readonly string[], columns: readonly string[], bins: number): Layout {
  const cell = {
    width: Math.max(1.6, Math.min(26, 760 / bins)),
    height: Math.max(6, Math.min(14, 900 / Math.max(1, rows.length))),
  }
  const left = Math.min(260, Math.max(40, ...rows.map((name) => widthOf(name, 10)))) + 26
  const slanted = bins === columns.length && cell.width >= 12
  const top = slanted ? Math.min(140, Math.max(20, ...columns.map((name) => 0.87 * widthOf(name, 10)))) + 10 : 8
  return { left, top, bottom: top + rows.length * cell.height, cell, bins, slanted }
}

/** Where a value is on the scale of colours, 0 to 1. */
function shareOf(low: number, high: number, scale: MatrixPicture['scale']): (value: number) => number {
  return (value) => {
    if (high <= low) return 0.5
    const place =
      scale === 'log' ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low)
    return Math.max(0, Math.min(1, place))
  }
}

const colourAt = (share: number): string => `rgb(${(heat[Math.round(255 * share)] ?? [0, 0, 0]).join(' ')})`

/** One path per colour: a rectangle each would be a file ten times as large. */
function cellsMarkup(cells: Cells, { left, top, cell }: Layout, share: (value: number) => number): string[] {
  const paths = new Map<string, string>()
  const wide = (cell.width - (cell.width > 4 ? 0.8 : 0)).toFixed(1)
  const high = (cell.height - (cell.height > 4 ? 0.8 : 0)).toFixed(1)
  for (const [row, values] of cells.entries()) {
    for (const [bin, one] of values.entries()) {
      const fill = one === null ? 'url(#hatched)' : colourAt(share(one))
      const at = `${(left + bin * cell.width).toFixed(1)},${(top + row * cell.height).toFixed(1)}`
      paths.set(fill, `${paths.get(fill) ?? ''}M${at}h${wide}v${high}h-${wide}z`)
    }
  }
  return [...paths].map(([fill, d]) => element('path', { d, fill }))
}

/** As many as have room. */
function rowNames(rows: readonly string[], { left, top, cell }: Layout, ink: Ink): string[] {
  const rowStep = Math.ceil(11 / cell.height)
  return rows.flatMap((name, row) =>
    row % rowStep !== 0
      ? []
      : [
          label(shortened(name, 10, left - 26), {
            x: left - 6,
            y: top + (row + 0.5) * cell.height + 3.5,
            'text-anchor': 'end',
            'font-size': 10,
            fill: ink.soft,
          }),
        ],
  )
}

function slantedNames(columns: readonly string[], { left, top, cell }: Layout, ink: Ink): string[] {
  return columns.map((name, i) =>
    label(shortened(name, 10, 150), {
      transform: `translate(${(left + (i + 0.7) * cell.width).toFixed(1)} ${top - 5}) rotate(-60)`,
      'font-size': 10,
      fill: ink.soft,
    }),
  )
}

/** Below, at round numbers. */
function someNames(nameOf: (bin: number) => string, { left, bottom, cell, bins }: Layout, ink: Ink): string[] {
  return scaleLinear()
    .domain([0, bins])
    .ticks(8)
    .filter((one) => one < bins && Number.isInteger(one))
    .map((tick) =>
      label(nameOf(tick), {
        x: left + (tick + 0.5) * cell.width,
        y: bottom + 14,
        'text-anchor': 'middle',
        'font-size': 10,
        fill: ink.soft,
      }),
    )
}

/** The scale of colours, with its ends in words. */
function keyMarkup(text: string, left: number, top: number, ink: Ink): string[] {
  const steps = Array.from({ length: keySteps }, (_, i) =>
    element('rect', { x: left + i * 6, y: top, width: 6.2, height: 10, fill: colourAt(i / (keySteps - 1)) }),
  )
  return [...steps, label(text, { x: left + keySteps * 6 + 8, y: top + 9, 'font-size': 11, fill: ink.ink })]
}

/** Mean of the numbers, unless more than half of the cells are none. */
function binned(row: number, from: number, to: number, value: MatrixPicture['value']): number | null {
  let sum = 0
  let count = 0
  for (let column = from; column < to; column++) {
    const one = value(row, column)
    if (one === null || !Number.isFinite(one)) continue
    sum += one
    count += 1
  }
  return count === 0 || 2 * count < to - from ? null : sum / count
}
