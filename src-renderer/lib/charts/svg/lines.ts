// Lines over an axis as SVG: bands behind, axes with ticks, each line with its points and spreads, marks at the top.
import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from 'd3-scale'
import { bandLabels } from '#renderer/lib/charts/band-labels.ts'
import { laneColour, laneDash, laneWidth } from '#renderer/lib/charts/colours.ts'
import type { LinesPicture } from '#renderer/lib/charts/picture.ts'
import { small } from '#renderer/lib/text/format.ts'
import { axisTitle, extent, inks, type Body, type Ink, type Theme } from './body.ts'
import { element, label, widthOf } from './svg-text.ts'

const [width, height] = [928, 460]
/** Names of bands stand above the plot. */
const [bandLine, bandLetters, mostBandLines] = [14, 10, 3]
const box = { left: 56, right: width - 8, top: 6, bottom: height - 44 }

type Scale = ScaleContinuousNumeric<number, number>
interface Axes {
  readonly x: Scale
  readonly y: Scale
}
type Line = LinesPicture['lines'][number]

const apart = ([low, high]: readonly [number, number]): [number, number] =>
  low === high ? [low - 0.5, high + 0.5] : [low, high]

function* known(values: ArrayLike<number | null>): Generator<number> {
  for (let i = 0; i < values.length; i++) yield values[i] ?? Number.NaN
}

export function linesBody({ x, y, lines: all, bands = [], marks = [] }: LinesPicture, theme: Theme): Body {
  const ink = inks[theme]
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
  const axes: Axes = { x: xScale, y: yScale }
  const few = new Set(all.flatMap(({ dots, xs }) => (dots ? [...known(xs)] : [])))
  const ticks = names
    ? names.map((_, i) => i)
    : logarithmic && few.size > 0 && few.size <= 12
      ? [...few]
      : xScale.ticks(8)
  const named = bandsMarkup(bands, axes, ink)
  const parts = [
    ...named.markup,
    ...yScale.ticks(6).flatMap((tick) => levelMarkup(tick, axes, ink)),
    ...ticks.flatMap((tick) => {
      const text = names ? (names[tick] as string) : logarithmic ? small(tick) : tick.toLocaleString('en')
      return tickMarkup(text, xScale(tick), ink)
    }),
    element('line', { x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom, stroke: ink.soft }),
    ...all.flatMap((line) => lineMarkup(line, axes, theme)),
    ...marks.map(({ x: at, index }) =>
      element('path', { d: `M${xScale(at) - 6},${box.top}h12l-6,10z`, fill: laneColour(index, theme) }),
    ),
    label(x.label, axisTitle({ x: (box.left + box.right) / 2, y: height - 8 }, ink)),
    label(y.label, axisTitle({ transform: `translate(12 ${(box.top + box.bottom) / 2}) rotate(-90)` }, ink)),
  ]
  // What has names above is lower by their height.
  const markup =
    named.height === 0
      ? parts.join('\n')
      : element('g', { transform: `translate(0 ${named.height})` }, parts.join('\n'))
  return { width, height: height + named.height, markup }
}

/** Stretches of the axis: every second one shaded, with names above where they have room. */
function bandsMarkup(
  bands: NonNullable<LinesPicture['bands']>,
  { x }: Axes,
  ink: Ink,
): { readonly markup: string[]; readonly height: number } {
  const measure = (text: string) => widthOf(text, bandLetters)
  const placed = bands.map(({ from, to, label: name }) => ({ name, left: x(from), right: x(to) }))
  const { lines, labels } = bandLabels(placed, { from: box.left, to: box.right }, mostBandLines, measure)
  const height = bands.length === 0 ? 0 : lines * bandLine
  const top = box.top - height
  const markup = [
    ...placed.flatMap(({ left, right }, i) => {
      const [from, to] = [Math.max(box.left, left), Math.min(box.right, right)]
      if (i % 2 === 0 || to <= from) return []
      return [element('rect', { x: from, y: top, width: to - from, height: box.bottom - top, fill: ink.band })]
    }),
    ...labels.map(({ text, x: at, line }) =>
      label(text, { x: at, y: top + line * bandLine + 10, 'font-size': bandLetters, fill: ink.soft }),
    ),
  ]
  return { markup, height }
}

/** A line across at a value of the vertical axis. */
function levelMarkup(tick: number, { y }: Axes, ink: Ink): string[] {
  return [
    element('line', { x1: box.left, x2: box.right, y1: y(tick), y2: y(tick), stroke: ink.line }),
    label(y.tickFormat(6)(tick), {
      x: box.left - 6,
      y: y(tick) + 4,
      'text-anchor': 'end',
      'font-size': 11,
      fill: ink.soft,
    }),
  ]
}

function tickMarkup(text: string, x: number, ink: Ink): string[] {
  return [
    element('line', { x1: x, x2: x, y1: box.bottom, y2: box.bottom + 4, stroke: ink.soft }),
    label(text, { x, y: box.bottom + 17, 'text-anchor': 'middle', 'font-size': 11, fill: ink.soft }),
  ]
}

function lineMarkup(line: Line, axes: Axes, theme: Theme): string[] {
  const parts: string[] = []
  const colour = laneColour(line.index, theme)
  const d = pathOf(line.xs, line.ys, axes)
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
    const [at, deviation] = [axes.x(line.xs[i] as number), line.deviations?.[i] ?? null]
    if (deviation !== null)
      parts.push(
        element('line', {
          x1: at,
          x2: at,
          y1: axes.y(value - deviation),
          y2: axes.y(value + deviation),
          stroke: colour,
        }),
      )
    parts.push(element('circle', { cx: at, cy: axes.y(value), r: 3.5, fill: colour }))
  }
  return parts
}

function pathOf(xs: ArrayLike<number>, ys: ArrayLike<number | null>, axes: Axes): string {
  let d = ''
  let open = false
  for (let i = 0; i < ys.length; i++) {
    const value = ys[i] ?? Number.NaN
    if (!Number.isFinite(value)) {
      open = false
      continue
    }
    d += `${open ? 'L' : 'M'}${axes.x(xs[i] as number).toFixed(1)},${axes.y(value).toFixed(1)}`
    open = true
  }
  return d
}
