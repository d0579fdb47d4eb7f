// The charts of a run and of a sweep as plain pictures and tables, for saving. Each takes what its chart holds anyway. Pure.
import type { Domain, LaneInfo, TensorSummary } from '#contract/tables/report.ts'
import { moves, valuesOf, type LayerQuantity, type LayerValues } from '#contract/columns/layer-columns.ts'
import { marked, type Table } from '#contract/tables/table.ts'
import { words } from '#renderer/lib/text/format.ts'
import { outlivesFreezing, type LayerScale } from '#renderer/lib/layers/layer-scale.ts'
import type { Measure } from './measure.ts'
import type { OptionLine } from '#renderer/lib/runs/option-lines.ts'
import type { PicturePart } from './picture.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

export interface StreamLine {
  readonly label: string
  /** Whose colour. */
  readonly index: number
  /** Of each batch, as shown (percent, nats). */
  readonly raw: readonly (number | null)[]
  readonly smooth: readonly (number | null)[]
}

interface StreamParts {
  readonly title: string
  readonly unit: string
  /** Steps from 1. */
  readonly xs: readonly number[]
  readonly xRange: readonly [number, number]
  readonly yRange: readonly [number, number]
  readonly domains: readonly Domain[]
  /** Steps from 1 at which a line's lane collapsed. */
  readonly marks: readonly { readonly x: number; readonly index: number }[]
  readonly windowBatches: number
  readonly lines: readonly StreamLine[]
}

/** Lines over the stream with its domains as bands: each batch faint, the mean of the last ones strong. */
export function streamPicture({
  title,
  unit,
  xs,
  xRange,
  yRange,
  domains,
  marks,
  windowBatches,
  lines,
}: StreamParts): PicturePart {
  const smoothed = windowBatches > 1
  const inView = ({ firstStep, steps }: Domain) => firstStep + steps + 0.5 > xRange[0] && firstStep + 0.5 < xRange[1]
  return {
    kind: 'lines',
    title,
    about: smoothed ? [strings.compare.picture.batches(windowBatches)] : [],
    x: { label: strings.step, range: xRange },
    y: { label: unit, range: yRange },
    lines: [
      ...lines.map(({ label, index, raw }) => ({ label, index, faint: smoothed, xs, ys: raw })),
      ...(smoothed ? lines.map(({ label, index, smooth }) => ({ label, index, faint: false, xs, ys: smooth })) : []),
    ],
    bands: domains.filter(inView).map(({ name, firstStep, steps }) => ({
      from: Math.max(xRange[0], firstStep + 0.5),
      to: Math.min(xRange[1], firstStep + steps + 0.5),
      label: words(name),
    })),
    marks: marks.filter(({ x }) => x >= xRange[0] && x <= xRange[1]),
  }
}

interface LayersParts {
  readonly title: string
  readonly quantity: LayerQuantity
  readonly scale: LayerScale
  readonly tensors: readonly TensorSummary[]
  /** Numbers of the tensors that are shown, in order. */
  readonly chosen: readonly number[]
  /** In view, [from, to). */
  readonly view: { readonly from: number; readonly to: number }
  /** Of that step, or of the steps around it; null where it is not known. */
  readonly valuesAt: (step: number) => LayerValues | null
}

/** As many columns as a page can show. */
const mostColumns = 400

/** Tensors over the steps in view; what does not move is hatched, unless its value outlives that. */
export function layersPicture({ title, quantity, scale, tensors, chosen, view, valuesAt }: LayersParts): PicturePart {
  const columns = Math.max(1, Math.min(mostColumns, view.to - view.from))
  const steps = Array.from({ length: columns }, (_, i) => view.from + Math.floor((i * (view.to - view.from)) / columns))
  const values = steps.map(valuesAt)
  return {
    kind: 'matrix',
    title,
    rows: chosen.map((tensor) => tensors[tensor]?.name ?? ''),
    columns: steps.map((step) => String(step + 1)),
    value: (row, column) => {
      const layers = values[column]
      const tensor = chosen[row]
      if (!layers || tensor === undefined) return null
      if (!outlivesFreezing(quantity) && !moves(layers.states[tensor] ?? 0, layers.learningRates[tensor] ?? null))
        return null
      return valuesOf(layers, quantity)?.[tensor] ?? null
    },
    x: strings.step,
    y: strings.sweeps.tensor,
    quantity: strings.layers.quantities[quantity],
    hatched: strings.frozen,
    scale: scale.logarithmic ? 'log' : 'linear',
  }
}

interface DomainParts {
  readonly title: string
  readonly lanes: readonly LaneInfo[]
  readonly rows: readonly { readonly name: string; readonly errors: Readonly<Record<string, number | null>> }[]
  readonly means: Readonly<Record<string, number | null>>
  readonly measure: Measure
}

/** Domains as rows, methods as columns; the best of each domain is marked where it is an error. */
export function domainsTable({ title, lanes, rows, means, measure }: DomainParts): Table {
  const all = [
    ...rows.map(({ name, errors }) => ({ label: words(name), errors })),
    { label: strings.mean, errors: means },
  ]
  const digits = measure === 'entropy' ? 3 : 1
  return {
    title,
    notes: [],
    foreign: false,
    head: [strings.domain, ...lanes.map(({ label }) => label)],
    rows: all.map(({ label, errors }) => {
      const values = lanes.map(({ id }) => errors[id] ?? null)
      return {
        label,
        cells: marked(values, digits, measure === 'accuracy' ? 'low' : null).map((cell, i) =>
          typeof values[i] === 'number' ? { ...cell, exact: String(Number(values[i].toFixed(6))) } : cell,
        ),
      }
    }),
  }
}

const optionTitle = ({ method, option }: OptionLine): string => `${method}: ${strings.sweeps.meanErrorOver} ${option}`

export function optionPicture(line: OptionLine, index: number): PicturePart {
  const values = line.points.map(({ value }) => value)
  const numbers = values.every((value) => typeof value === 'number' && value > 0) ? (values as number[]) : null
  const logarithmic = numbers !== null && Math.max(...numbers) / Math.min(...numbers) >= 20
  return {
    kind: 'lines',
    title: optionTitle(line),
    x: logarithmic ? { label: line.option, scale: 'log' } : { label: line.option, names: values.map(String) },
    y: { label: strings.sweeps.meanError },
    lines: [
      {
        label: line.method,
        index,
        dots: true,
        xs: logarithmic ? numbers : values.map((_, i) => i),
        ys: line.points.map(({ mean }) => mean),
        deviations: line.points.map(({ deviation }) => deviation),
      },
    ],
  }
}

export const optionTable = (line: OptionLine): Table => ({
  title: optionTitle(line),
  notes: [],
  foreign: false,
  head: [line.option, strings.sweeps.meanError, 'std'],
  rows: line.points.map(({ value, mean, deviation }) => ({
    label: String(value),
    cells: [mean, deviation].map((number) =>
      number === null
        ? { text: '-', best: false }
        : { text: number.toFixed(2), best: false, exact: String(Number(number.toFixed(6))) },
    ),
  })),
})

interface CurvesParts {
  readonly title: string
  readonly x: string
  readonly lines: readonly { readonly label: string }[]
  readonly data: { readonly xs: readonly number[]; readonly rows: readonly (readonly (number | null)[])[] }
  readonly note: string
}

export const curvesTable = ({ title, x, lines, data, note }: CurvesParts): Table => ({
  title,
  notes: [note],
  foreign: false,
  head: [x, ...lines.map(({ label }) => label)],
  rows: data.xs.map((place, i) => ({
    label: String(Number(place.toFixed(4))),
    cells: lines
      .map((_, j) => data.rows[j]?.[i] ?? null)
      .map((value) =>
        value === null
          ? { text: '-', best: false }
          : { text: value.toFixed(2), best: false, exact: String(Number(value.toFixed(6))) },
      ),
  })),
})
