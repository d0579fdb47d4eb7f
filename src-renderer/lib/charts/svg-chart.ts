// A picture as the text of an SVG file: title, legend, axes with units, the chart, and a line on what it is of. Pure: text in, text out, the same on every
// machine. Light whatever the screen's theme, unless asked otherwise: pictures go into papers.
import { scaleLinear, scaleLog } from 'd3-scale'
import { heat, laneColour, laneDash, laneWidth } from './colours.ts'
import { small } from '#renderer/lib/text/format.ts'
import type { BarsPicture, LinesPicture, MatrixPicture, Picture, TablePicture } from './picture.ts'
import { element, escaped, label, shortened, widthOf, wrapped } from './svg-text.ts'

export type Theme = 'light' | 'dark'
const inks = {
  light: { ground: '#ffffff', ink: '#14181f', soft: '#4c5564', line: '#d5d9e0', band: '#f0f2f5', accent: '#0072b2' },
  dark: { ground: '#191e26', ink: '#e9edf3', soft: '#a9b3c2', line: '#333b48', band: '#222833', accent: '#56b4e9' },
} as const

/** Body of a picture: its markup with its origin at 0, 0, and its size. */
interface Body {
  readonly width: number
  readonly height: number
  readonly markup: string
}
interface Entry {
  readonly label: string
  readonly index: number
}

const pad = 16
const titleSize = 16
const aboutSize = 11
/** More cells than this are put together: a file that no program opens helps nobody. */
const mostColumns = 480

export function svgChart(
  picture: Picture,
  theme: Theme = 'light',
): { readonly text: string; readonly width: number; readonly height: number } {
  const ink = inks[theme]
  const body = bodyOf(picture, theme)
  const width = Math.ceil(Math.max(480, body.width + 2 * pad))
  const inner = width - 2 * pad
  const title = wrapped(picture.title, titleSize, inner)
  const entries: readonly Entry[] =
    picture.kind === 'lines'
      ? picture.lines.filter(({ faint }) => !faint)
      : picture.kind === 'bars'
        ? picture.series.map((one, index) => ({ label: one, index }))
        : []
  const legend = legendOf(entries, inner, theme, picture.kind === 'bars')
  const about = picture.about.flatMap((line) => wrapped(line, aboutSize, inner))
  const titleBottom = pad + title.length * 20
  const bodyTop = titleBottom + legend.height + 8
  const aboutTop = bodyTop + body.height + 10
  const height = Math.ceil(aboutTop + about.length * 15 + pad)
  const markup = [
    element('rect', { width, height, fill: ink.ground }),
    ...title.map((line, i) =>
      label(line, { x: pad, y: pad + 13 + i * 20, 'font-size': titleSize, 'font-weight': 600, fill: ink.ink }),
    ),
    element('g', { transform: `translate(${pad} ${titleBottom})` }, legend.markup || ' '),
    element('g', { transform: `translate(${pad} ${bodyTop})` }, body.markup || ' '),
    ...about.map((line, i) =>
      label(line, { x: pad, y: aboutTop + 11 + i * 15, 'font-size': aboutSize, fill: ink.soft }),
    ),
  ].join('\n')
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif" role="img">\n<title>${escaped(picture.title)}</title>\n${markup}\n</svg>\n`
  return { text, width, height }
}

function bodyOf(picture: Picture, theme: Theme): Body {
  if (picture.kind === 'lines') return lines(picture, theme)
  if (picture.kind === 'matrix') return matrix(picture, theme)
  return picture.kind === 'bars' ? bars(picture, theme) : table(picture, theme)
}

function legendOf(
  entries: readonly Entry[],
  width: number,
  theme: Theme,
  blocks: boolean,
): { readonly markup: string; readonly height: number } {
  let x = 0
  let row = 0
  const markup = entries.map((entry) => {
    const text = shortened(entry.label, 12, width - 40)
    const own = 34 + widthOf(text, 12) + 16
    if (x > 0 && x + own > width) {
      x = 0
      row += 1
    }
    const colour = laneColour(entry.index, theme)
    const y = 12 + row * 18
    const sign = blocks
      ? element('rect', { x, y: y - 5, width: 26, height: 9, fill: colour })
      : element('line', {
          x1: x,
          x2: x + 26,
          y1: y,
          y2: y,
          stroke: colour,
          'stroke-width': laneWidth(entry.index) + 0.6,
          'stroke-dasharray': laneDash(entry.index).join(' ') || undefined,
        })
    const piece = sign + label(text, { x: x + 32, y: y + 4, 'font-size': 12, fill: inks[theme].ink })
    x += own
    return piece
  })
  return { markup: markup.join('\n'), height: entries.length === 0 ? 4 : 22 + row * 18 }
}

const extent = (values: Iterable<number>): [number, number] => {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low > high ? [0, 1] : [low, high]
}
const apart = ([low, high]: readonly [number, number]): [number, number] =>
  low === high ? [low - 0.5, high + 0.5] : [low, high]

function* known(values: ArrayLike<number | null>): Generator<number> {
  for (let i = 0; i < values.length; i++) yield values[i] ?? Number.NaN
}

function lines({ x, y, lines: all, bands = [], marks = [] }: LinesPicture, theme: Theme): Body {
  const ink = inks[theme]
  const [width, height] = [928, 460]
  const box = { left: 56, right: width - 8, top: 6, bottom: height - 44 }
  const spread = all.flatMap(({ ys, deviations }) =>
    [...known(ys)].flatMap((value, i) => [value - (deviations?.[i] ?? 0), value + (deviations?.[i] ?? 0)]),
  )
  const yScale = scaleLinear()
    .domain(apart(y.range ?? extent(spread)))
    .range([box.bottom, box.top])
  if (!y.range) yScale.nice(6)
  const names = x.names
  const range = names
    ? ([-0.5, names.length - 0.5] as const)
    : (x.range ?? extent(all.flatMap(({ xs }) => [...known(xs)])))
  const logarithmic = x.scale === 'log' && range[0] > 0
  const xScale = (logarithmic ? scaleLog() : scaleLinear()).domain(apart(range)).range([box.left, box.right])
  if (logarithmic) xScale.range([box.left + 20, box.right - 20])
  const parts: string[] = []
  for (const [i, { from, to, label: name }] of bands.entries()) {
    const [left, right] = [Math.max(box.left, xScale(from)), Math.min(box.right, xScale(to))]
    if (right <= left) continue
    if (i % 2 === 1)
      parts.push(
        element('rect', { x: left, y: box.top, width: right - left, height: box.bottom - box.top, fill: ink.band }),
      )
    if (right - left >= 9)
      parts.push(
        label(shortened(name, 10, box.bottom - box.top - 12), {
          transform: `translate(${Math.round((left + right) / 2 + 3)} ${box.bottom - 6}) rotate(-90)`,
          'font-size': 10,
          fill: ink.soft,
        }),
      )
  }
  for (const tick of yScale.ticks(6)) {
    parts.push(element('line', { x1: box.left, x2: box.right, y1: yScale(tick), y2: yScale(tick), stroke: ink.line }))
    parts.push(
      label(yScale.tickFormat(6)(tick), {
        x: box.left - 6,
        y: yScale(tick) + 4,
        'text-anchor': 'end',
        'font-size': 11,
        fill: ink.soft,
      }),
    )
  }
  const few = new Set(all.flatMap(({ dots, xs }) => (dots ? [...known(xs)] : [])))
  const ticks = names
    ? names.map((_, i) => i)
    : logarithmic && few.size > 0 && few.size <= 12
      ? [...few]
      : xScale.ticks(8)
  for (const tick of ticks) {
    const text = names ? (names[tick] as string) : logarithmic ? small(tick) : tick.toLocaleString('en')
    parts.push(
      element('line', { x1: xScale(tick), x2: xScale(tick), y1: box.bottom, y2: box.bottom + 4, stroke: ink.soft }),
    )
    parts.push(
      label(text, { x: xScale(tick), y: box.bottom + 17, 'text-anchor': 'middle', 'font-size': 11, fill: ink.soft }),
    )
  }
  parts.push(element('line', { x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom, stroke: ink.soft }))
  for (const line of all) {
    const colour = laneColour(line.index, theme)
    const d = pathOf(line.xs, line.ys, xScale, yScale)
    if (d !== '')
      parts.push(
        element('path', {
          d,
          fill: 'none',
          stroke: colour,
          'stroke-width': line.faint ? 1 : laneWidth(line.index) + 0.2,
          'stroke-dasharray': line.faint ? undefined : laneDash(line.index).join(' ') || undefined,
          opacity: line.faint ? 0.3 : undefined,
          'stroke-linejoin': 'round',
        }),
      )
    for (let i = 0; i < line.ys.length && (line.dots || line.deviations); i++) {
      const value = line.ys[i] ?? Number.NaN
      if (!Number.isFinite(value)) continue
      const [at, deviation] = [xScale(line.xs[i] as number), line.deviations?.[i] ?? null]
      if (deviation !== null)
        parts.push(
          element('line', {
            x1: at,
            x2: at,
            y1: yScale(value - deviation),
            y2: yScale(value + deviation),
            stroke: colour,
          }),
        )
      parts.push(element('circle', { cx: at, cy: yScale(value), r: 3.5, fill: colour }))
    }
  }
  for (const { x: at, index } of marks)
    parts.push(element('path', { d: `M${xScale(at) - 6},${box.top}h12l-6,10z`, fill: laneColour(index, theme) }))
  parts.push(
    label(x.label, {
      x: (box.left + box.right) / 2,
      y: height - 8,
      'text-anchor': 'middle',
      'font-size': 12,
      fill: ink.ink,
    }),
  )
  parts.push(
    label(y.label, {
      transform: `translate(12 ${(box.top + box.bottom) / 2}) rotate(-90)`,
      'text-anchor': 'middle',
      'font-size': 12,
      fill: ink.ink,
    }),
  )
  return { width, height, markup: parts.join('\n') }
}

function pathOf(
  xs: ArrayLike<number>,
  ys: ArrayLike<number | null>,
  xScale: (value: number) => number,
  yScale: (value: number) => number,
): string {
  let d = ''
  let open = false
  for (let i = 0; i < ys.length; i++) {
    const value = ys[i] ?? Number.NaN
    if (!Number.isFinite(value)) {
      open = false
      continue
    }
    d += `${open ? 'L' : 'M'}${xScale(xs[i] as number).toFixed(1)},${yScale(value).toFixed(1)}`
    open = true
  }
  return d
}

function matrix({ rows, columns, value, x, y, quantity, hatched, scale }: MatrixPicture, theme: Theme): Body {
  const ink = inks[theme]
  const bins = Math.max(1, Math.min(columns.length, mostColumns))
  const binOf = (bin: number): readonly [number, number] => [
    Math.floor((bin * columns.length) / bins),
    Math.floor(((bin + 1) * columns.length) / bins),
  ]
  const cells = rows.map((_, row) => Array.from({ length: bins }, (_unused, bin) => binned(row, ...binOf(bin), value)))
  const numbers = cells.flat().filter((one): one is number => one !== null && (scale === 'linear' || one > 0))
  const [low, high] = extent(numbers)
  const share = (one: number): number => {
    if (high <= low) return 0.5
    const place =
      scale === 'log' ? Math.log(Math.max(one, low) / low) / Math.log(high / low) : (one - low) / (high - low)
    return Math.max(0, Math.min(1, place))
  }
  const cell = {
    width: Math.max(1.6, Math.min(26, 760 / bins)),
    height: Math.max(6, Math.min(14, 900 / Math.max(1, rows.length))),
  }
  const rowStep = Math.ceil(11 / cell.height)
  const left = Math.min(260, Math.max(40, ...rows.map((name) => widthOf(name, 10)))) + 26
  const slanted = bins === columns.length && cell.width >= 12
  const top = slanted ? Math.min(140, Math.max(20, ...columns.map((name) => 0.87 * widthOf(name, 10)))) + 10 : 8
  const parts: string[] = [
    `<defs><pattern id="hatched" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" x2="0" y1="0" y2="4" stroke="${ink.soft}" stroke-width="0.8"/></pattern></defs>`,
  ]
  // One path per colour: a rectangle each would be a file ten times as large.
  const paths = new Map<string, string>()
  for (const [row, values] of cells.entries()) {
    for (const [bin, one] of values.entries()) {
      const fill =
        one === null ? 'url(#hatched)' : `rgb(${(heat[Math.round(255 * share(one))] ?? [0, 0, 0]).join(' ')})`
      const gap = cell.width > 4 ? 0.8 : 0
      paths.set(
        fill,
        `${paths.get(fill) ?? ''}M${(left + bin * cell.width).toFixed(1)},${(top + row * cell.height).toFixed(1)}h${(cell.width - gap).toFixed(1)}v${(cell.height - (cell.height > 4 ? 0.8 : 0)).toFixed(1)}h-${(cell.width - gap).toFixed(1)}z`,
      )
    }
  }
  for (const [fill, d] of paths) parts.push(element('path', { d, fill }))
  for (const [row, name] of rows.entries())
    if (row % rowStep === 0)
      parts.push(
        label(shortened(name, 10, left - 26), {
          x: left - 6,
          y: top + (row + 0.5) * cell.height + 3.5,
          'text-anchor': 'end',
          'font-size': 10,
          fill: ink.soft,
        }),
      )
  const bottom = top + rows.length * cell.height
  if (slanted)
    for (const [i, name] of columns.entries())
      parts.push(
        label(shortened(name, 10, 150), {
          transform: `translate(${(left + (i + 0.7) * cell.width).toFixed(1)} ${top - 5}) rotate(-60)`,
          'font-size': 10,
          fill: ink.soft,
        }),
      )
  else
    for (const tick of scaleLinear()
      .domain([0, bins])
      .ticks(8)
      .filter((one) => one < bins && Number.isInteger(one)))
      parts.push(
        label(columns[binOf(tick)[0]] ?? '', {
          x: left + (tick + 0.5) * cell.width,
          y: bottom + 14,
          'text-anchor': 'middle',
          'font-size': 10,
          fill: ink.soft,
        }),
      )
  parts.push(
    label(x, {
      x: left + (bins * cell.width) / 2,
      y: bottom + 32,
      'text-anchor': 'middle',
      'font-size': 12,
      fill: ink.ink,
    }),
  )
  parts.push(
    label(y, {
      transform: `translate(10 ${(top + bottom) / 2}) rotate(-90)`,
      'text-anchor': 'middle',
      'font-size': 12,
      fill: ink.ink,
    }),
  )
  // The scale of colours, in words.
  const keyTop = bottom + 46
  const steps = 32
  for (let i = 0; i < steps; i++)
    parts.push(
      element('rect', {
        x: left + i * 6,
        y: keyTop,
        width: 6.2,
        height: 10,
        fill: `rgb(${(heat[Math.round((255 * i) / (steps - 1))] ?? [0, 0, 0]).join(' ')})`,
      }),
    )
  parts.push(
    label(`${small(low)} … ${small(high)}: ${quantity}${scale === 'log' ? ' (log)' : ''}`, {
      x: left + steps * 6 + 8,
      y: keyTop + 9,
      'font-size': 11,
      fill: ink.ink,
    }),
  )
  parts.push(
    element('rect', {
      x: left,
      y: keyTop + 16,
      width: 24,
      height: 10,
      fill: 'url(#hatched)',
      stroke: ink.soft,
      'stroke-width': 0.5,
    }),
  )
  parts.push(label(hatched, { x: left + 30, y: keyTop + 25, 'font-size': 11, fill: ink.ink }))
  return {
    width: Math.max(
      left + bins * cell.width + (slanted ? 70 : 10),
      left + steps * 6 + 16 + widthOf(quantity, 11) + 160,
    ),
    height: keyTop + 30,
    markup: parts.join('\n'),
  }
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

function bars({ groups, series, unit }: BarsPicture, theme: Theme): Body {
  const ink = inks[theme]
  const bar = 10
  const groupHeight = series.length * (bar + 2) + 10
  const left = Math.min(240, Math.max(60, ...groups.map((group) => widthOf(group.label, 12)))) + 12
  const width = 760
  const bottom = groups.length * groupHeight
  const most = groups.reduce((largest, { values }) => Math.max(largest, ...values), 0) || 1
  const scale = scaleLinear()
    .domain([0, most])
    .nice(6)
    .range([left, width - 50])
  const parts = scale.ticks(6).flatMap((tick) => [
    element('line', { x1: scale(tick), x2: scale(tick), y1: 0, y2: bottom, stroke: ink.line }),
    label(tick.toLocaleString('en'), {
      x: scale(tick),
      y: bottom + 16,
      'text-anchor': 'middle',
      'font-size': 11,
      fill: ink.soft,
    }),
  ])
  for (const [i, group] of groups.entries()) {
    const at = i * groupHeight + 4
    parts.push(
      label(shortened(group.label, 12, left - 12), {
        x: left - 8,
        y: at + (groupHeight - 10) / 2 + 4,
        'text-anchor': 'end',
        'font-size': 12,
        fill: ink.ink,
      }),
    )
    for (const [j, value] of group.values.entries()) {
      const y = at + j * (bar + 2)
      parts.push(
        element('rect', {
          x: left,
          y,
          width: Math.max(0, scale(value) - left),
          height: bar,
          fill: laneColour(j, theme),
        }),
      )
      parts.push(label(value.toLocaleString('en'), { x: scale(value) + 4, y: y + 9, 'font-size': 10, fill: ink.soft }))
    }
  }
  parts.push(
    label(unit, {
      x: (left + width - 50) / 2,
      y: bottom + 34,
      'text-anchor': 'middle',
      'font-size': 12,
      fill: ink.ink,
    }),
  )
  return { width, height: bottom + 42, markup: parts.join('\n') }
}

/** The best is bold and has a sign, as on the screen. */
function table({ table: { head, rows } }: TablePicture, theme: Theme): Body {
  const ink = inks[theme]
  const size = 12
  const rowHeight = 20
  const shown = rows.map(({ label: name, cells }) => [
    name,
    ...cells.map(({ text, best }) => (best ? `${text} •` : text)),
  ])
  const widths = head.map(
    (name, i) => Math.max(widthOf(name, size), ...shown.map((row) => 1.06 * widthOf(row[i] ?? '', size))) + 16,
  )
  const rights = widths.map((_, i) => widths.slice(0, i + 1).reduce((sum, one) => sum + one, 0))
  const place = (i: number) => (i === 0 ? { x: 0 } : { x: (rights[i] as number) - 8, 'text-anchor': 'end' })
  const width = rights.at(-1) ?? 0
  const parts = head.map((name, i) =>
    label(name, { ...place(i), y: 14, 'font-size': size, 'font-weight': 600, fill: ink.soft }),
  )
  for (const [i, row] of shown.entries()) {
    const y = (i + 1) * rowHeight
    parts.push(element('line', { x1: 0, x2: width, y1: y, y2: y, stroke: ink.line }))
    for (const [j, text] of row.entries())
      parts.push(
        label(text, {
          ...place(j),
          y: y + 14,
          'font-size': size,
          'font-weight': j > 0 && rows[i]?.cells[j - 1]?.best ? 700 : undefined,
          fill: ink.ink,
        }),
      )
  }
  const height = (shown.length + 1) * rowHeight
  parts.push(element('line', { x1: 0, x2: width, y1: height, y2: height, stroke: ink.line }))
  return { width, height: height + 2, markup: parts.join('\n') }
}
