// The lines of a chart over steps, one a lane, as what is drawn now, as a picture to save, and as a table of every batch. Pure.
import type { Collapse, Domain } from '#contract/tables/report.ts'
import type { Table } from '#contract/tables/table.ts'
import { streamPicture } from '#renderer/lib/charts/chart-pictures.ts'
import type { ChartView } from '#renderer/lib/charts/chart-view.ts'
import type { PicturePart } from '#renderer/lib/charts/picture.ts'
import {
  binsOf,
  positionsOf,
  rawLine,
  smoothLine,
  visibleExtent,
  type Bin,
} from '#renderer/lib/charts/pixel-columns.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { words } from '#renderer/lib/text/format.ts'
import type { Measured } from './column.ts'
import { domainAt } from './domain-at.ts'

export interface StepLine {
  readonly id: string
  readonly label: string
  /** Null where the lane tells no such quantity. */
  readonly measured: Measured | null
}

/** Of an axis, given what is to be seen (in its unit) and whether it is to fit that. */
export type AxisBounds = (seen: { low: number; high: number } | null, fit: boolean) => [number, number]

export interface StepLines {
  readonly lines: readonly StepLine[]
  /** By index, rising. */
  readonly steps: readonly number[]
  /** From a value to what the axis counts in. */
  readonly scale: number
  readonly bounds: AxisBounds
  readonly view: ChartView
}

export interface DrawnLines {
  /** Steps from 1, a point each. */
  readonly xs: number[]
  readonly xRange: [number, number]
  readonly yRange: [number, number]
  /** As `lines`, in the axis's unit; null = hidden, or nothing is known. */
  readonly lines: readonly ({ readonly raw: Row; readonly smooth: Row } | null)[]
}
type Row = (number | null)[]

export const nullForNaN = (value: number): number | null => (Number.isNaN(value) ? null : value)

/** What can be seen of the lines at a width in pixels. */
export function drawnLines({ lines, steps, scale, bounds, view }: StepLines, width: number): DrawnLines {
  const bins = binsOf(view.range, width, steps.length)
  const shown = lines.flatMap(({ id, measured }) => (measured && !view.hidden.has(id) ? [measured] : []))
  const seen = visibleExtent(shown, bins)
  return {
    xs: positionsOf(bins).map((index) => (steps[index] ?? index) + 1),
    xRange: [view.range.from + 1, view.range.to + 1],
    yRange: bounds(seen && { low: seen.low * scale, high: seen.high * scale }, view.fit),
    lines: lines.map(({ id, measured }) =>
      measured && !view.hidden.has(id) ? rowsOf(measured, bins, view.window, scale) : null,
    ),
  }
}

function rowsOf(measured: Measured, bins: readonly Bin[], window: number, scale: number): { raw: Row; smooth: Row } {
  const scaled = (row: Row): Row => (scale === 1 ? row : row.map((value) => (value === null ? null : value * scale)))
  return { raw: scaled(rawLine(measured, bins)), smooth: scaled(smoothLine(measured, bins, window)) }
}

interface StepPictureParts extends StepLines {
  readonly title: string
  readonly unit: string
  readonly domains: readonly Domain[]
  readonly collapses: readonly Collapse[]
  /** Batches that the strong line is a mean of. */
  readonly windowBatches: number
}

/** Of a page, in pixels. */
const pictureWidth = 1200

/** What is to be seen now, at the width of a page. */
export function stepPicture({
  title,
  unit,
  domains,
  collapses,
  windowBatches,
  ...parts
}: StepPictureParts): PicturePart {
  const drawn = drawnLines(parts, pictureWidth)
  const lines = parts.lines.flatMap(({ id, label }, index) => {
    const rows = drawn.lines[index]
    return rows ? [{ id, label, index, ...rows }] : []
  })
  return streamPicture({
    title,
    unit,
    xs: drawn.xs,
    xRange: drawn.xRange,
    yRange: drawn.yRange,
    domains,
    marks: collapses.flatMap(({ lane, step }) =>
      lines.filter(({ id }) => id === lane).map(({ index }) => ({ x: step + 1, index })),
    ),
    windowBatches,
    lines,
  })
}

interface StepTableParts extends Pick<StepLines, 'lines' | 'steps' | 'scale'> {
  readonly title: string
  readonly unit: string
  readonly domains: readonly Domain[]
  readonly text: (value: number | null) => string
}

/** Every batch of the run. */
export function stepTable({ title, unit, domains, lines, steps, scale, text }: StepTableParts): Table {
  const cell = (value: number) => ({
    text: text(nullForNaN(value)),
    best: false,
    ...(Number.isNaN(value) ? {} : { exact: String(value * scale) }),
  })
  return {
    title,
    notes: [unit],
    head: [strings.step, strings.domain, ...lines.map(({ label }) => label)],
    rows: steps.map((step, index) => ({
      label: String(step + 1),
      cells: [
        { text: words(domainAt(domains, step)?.name ?? ''), best: false },
        ...lines.map(({ measured }) => cell(measured?.at(index) ?? Number.NaN)),
      ],
    })),
    foreign: false,
  }
}
