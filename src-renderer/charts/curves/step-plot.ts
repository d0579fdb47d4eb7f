// The plot of a chart over steps: axes, two series a lane (each batch, and the mean over several), domains as bands, marks where a lane collapsed,
// and marking a stretch to zoom to. It is built once; what changes is asked for at each drawing.
import uPlot from 'uplot'
import type { Collapse, Domain } from '#contract/tables/report.ts'
import { bandLine, drawBands, drawMark } from '#renderer/lib/charts/chart-bands.ts'
import type { ChartView } from '#renderer/lib/charts/chart-view.ts'
import { laneColour, laneDash, laneWidth } from '#renderer/lib/charts/colours.ts'
import { plotLook } from '#renderer/lib/charts/plot-look.ts'

interface StepPlotParts {
  readonly box: HTMLElement
  readonly theme: 'light' | 'dark'
  readonly view: ChartView
  /** Of each lane, in order. */
  readonly ids: readonly string[]
  readonly domains: () => readonly Domain[]
  /** Of their names, above the plot. */
  readonly nameLines: () => number
  readonly collapses: () => readonly Collapse[]
  readonly xRange: () => [number, number]
  readonly yRange: () => [number, number]
}

const stepTicks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000]

/** As large as its box, which has room for axes at the least. */
export const plotSize = (width: number, height: number): { width: number; height: number } => ({
  width: Math.max(200, width),
  height: Math.max(90, height),
})

export function buildStepPlot(parts: StepPlotParts): uPlot {
  const { box, theme, view, ids } = parts
  const look = plotLook()
  const grid = { stroke: look.line, width: 1 }
  return new uPlot(
    {
      ...plotSize(box.clientWidth, box.clientHeight),
      padding: [() => (parts.nameLines() === 0 ? 20 : 18 + parts.nameLines() * bandLine + 2), 22, 0, 0],
      legend: { show: false },
      cursor: cursorOf(view),
      scales: { x: { time: false, range: () => parts.xRange() }, y: { range: () => parts.yRange() } },
      axes: [
        { stroke: look.ink, grid: { show: false }, ticks: grid, size: 28, incrs: stepTicks },
        { stroke: look.ink, grid, ticks: grid, size: 48 },
      ],
      series: [{}, ...ids.flatMap((_, i) => seriesOf(i, theme, view.window === 1))],
      hooks: {
        drawClear: [
          (u) =>
            drawBands(
              u.ctx,
              u.bbox,
              parts.domains(),
              (step) => u.valToPos(step + 1, 'x', true),
              look,
              devicePixelRatio,
              parts.nameLines(),
            ),
        ],
        draw: [
          (u) => {
            for (const { lane, step } of parts.collapses()) {
              const colour = laneColour(Math.max(0, ids.indexOf(lane)), theme)
              drawMark(u.ctx, u.bbox, u.valToPos(step + 1, 'x', true), colour, devicePixelRatio)
            }
          },
        ],
        setSelect: [(u) => showSelected(u, view)],
      },
    },
    [[], ...ids.flatMap(() => [[], []])] as unknown as uPlot.AlignedData,
    box,
  )
}

/** The plot marks a stretch; the rest is the view's. */
function cursorOf(view: ChartView): uPlot.Cursor {
  return {
    drag: { x: true, y: false, setScale: false },
    y: false,
    points: { show: false },
    bind: {
      mousedown: (_, __, handler) => (event) => {
        if (event.button === 0 && !event.shiftKey && !view.panning) handler(event)
        return null
      },
      dblclick: () => () => {
        view.show(null)
        return null
      },
    },
  }
}

/** Each batch (faint, unless it is all there is) and the mean. */
function seriesOf(index: number, theme: 'light' | 'dark', unsmoothed: boolean): uPlot.Series[] {
  const colour = laneColour(index, theme)
  const strong = { stroke: colour, width: laneWidth(index), dash: laneDash(index), points: { show: false } }
  return [unsmoothed ? strong : { stroke: `${colour}40`, width: 1, points: { show: false } }, strong]
}

function showSelected(u: uPlot, view: ChartView): void {
  const { left, width } = u.select
  if (width > 3) view.show({ from: u.posToVal(left, 'x') - 1, to: u.posToVal(left + width, 'x') - 1 })
  if (width > 0) u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
}
