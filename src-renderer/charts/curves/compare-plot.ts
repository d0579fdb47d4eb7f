// The plot of runs over one axis: labelled axes, a line each. It zooms by itself and tells where its cursor and its range are.
import uPlot from 'uplot'
import { laneColour, laneDash, laneWidth } from '#renderer/lib/charts/colours.ts'
import { plotLook } from '#renderer/lib/charts/plot-look.ts'

interface ComparePlotParts {
  readonly box: HTMLElement
  readonly theme: 'light' | 'dark'
  /** What stands on the axes, with units. */
  readonly x: string
  readonly y: string
  /** 0 to 100, unless it has no upper end. */
  readonly bounded: boolean
  /** Of the lines: whose colours. */
  readonly indexes: readonly number[]
  readonly data: uPlot.AlignedData
  readonly oncursor: (index: number | null) => void
  /** What of the horizontal axis is to be seen. */
  readonly onrange: (least: number, most: number) => void
}

/** As large as its box, which has room for axes at the least. */
export const comparePlotSize = (width: number, height: number): { width: number; height: number } => ({
  width: Math.max(200, width),
  height: Math.max(160, height),
})

export function buildComparePlot(parts: ComparePlotParts): uPlot {
  const { box, theme, x, y, bounded, indexes, data } = parts
  const look = plotLook()
  const grid = { stroke: look.line, width: 1 }
  const axis = {
    stroke: look.ink,
    ticks: grid,
    labelSize: 18,
    labelFont: '12px system-ui, sans-serif',
    font: '11px system-ui, sans-serif',
  }
  return new uPlot(
    {
      ...comparePlotSize(box.clientWidth, box.clientHeight),
      legend: { show: false },
      cursor: { drag: { x: true, y: false }, y: false, points: { size: 6 } },
      scales: { x: { time: false }, y: { range: (_, least, most) => rangeOf(least, most, bounded) } },
      axes: [
        { ...axis, grid: { show: false }, size: 42, label: x },
        { ...axis, grid, size: 46, label: y },
      ],
      series: [
        {},
        ...indexes.map((index): uPlot.Series => ({
          stroke: laneColour(index, theme),
          width: laneWidth(index),
          dash: laneDash(index),
          points: { show: false },
        })),
      ],
      hooks: {
        setCursor: [(u) => parts.oncursor(u.cursor.idx ?? null)],
        setScale: [
          (u, key) => {
            if (key === 'x') parts.onrange(u.scales['x']?.min ?? 0, u.scales['x']?.max ?? 0)
          },
        ],
      },
    },
    data,
    box,
  )
}

/** As much as the lines need, so that close ones are told apart; a percentage never beyond its ends. */
function rangeOf(least: number | null, most: number | null, bounded: boolean): [number, number] {
  const [low, high] = [least ?? 0, most ?? 1]
  const room = Math.max(0.05 * (high - low), bounded ? 1 : 0.01)
  return [Math.max(0, low - room), bounded ? Math.min(100, high + room) : high + room]
}
