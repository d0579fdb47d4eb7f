// Groups of bars as SVG: a group a row, a bar a series.
import { scaleLinear } from 'd3-scale'
import { laneColour } from '#renderer/lib/charts/colours.ts'
import type { BarsPicture } from '#renderer/lib/charts/picture.ts'
import { axisTitle, inks, type Body, type Theme } from './body.ts'
import { element, label, shortened, widthOf } from './svg-text.ts'

export function barsBody({ groups, series, unit }: BarsPicture, theme: Theme): Body {
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
  parts.push(label(unit, axisTitle({ x: (left + width - 50) / 2, y: bottom + 34 }, ink)))
  return { width, height: bottom + 42, markup: parts.join('\n') }
}
