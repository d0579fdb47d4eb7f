// The history of one tensor as paths of small curves. Pure, pixels.
import type { LayerColumns, LayerQuantity } from '#contract/columns/layer-columns.ts'
import { frozenParts, parts } from '#renderer/lib/layers/layer-paint.ts'

export interface HistoryCurve {
  /** Null where no step has a value. */
  readonly path: string | null
  readonly most: number
  readonly last: number | null
}

/** From 0 up; gaps where columns have no value. */
export function historyCurve(
  history: LayerColumns,
  quantity: LayerQuantity,
  width: number,
  height: number,
): HistoryCurve {
  const means = history.means[quantity]
  let most = 0
  let last: number | null = null
  for (const value of means) {
    if (Number.isNaN(value)) continue
    most = Math.max(most, value)
    last = value
  }
  let path = ''
  let drawing = false
  for (const [column, value] of means.entries()) {
    if (Number.isNaN(value)) {
      drawing = false
      continue
    }
    const x = ((column + 0.5) * width) / history.columns
    const y = height - 1 - (most > 0 ? ((height - 2) * Math.max(0, value)) / most : 0)
    path += `${drawing ? 'L' : 'M'} ${x.toFixed(1)} ${y.toFixed(1)} `
    // A single step between two gaps is a dot.
    if (!drawing && Number.isNaN(means[column + 1] ?? Number.NaN)) path += `h 0.01 `
    drawing = true
  }
  return { path: path === '' ? null : path.trimEnd(), most, last }
}

export interface Stretch {
  readonly from: number
  readonly to: number
  /** 0 none of the steps, 1 all. */
  readonly frozen: number
}

/** Neighbouring columns of the same look, in columns. Those without a report are left out. */
export function stateStretches({ columns, steps, moved }: LayerColumns): Stretch[] {
  const out: { from: number; to: number; frozen: number }[] = []
  for (let column = 0; column < columns; column++) {
    if (steps[column] === 0) continue
    const frozen = frozenParts(moved[column] as number) / parts
    const last = out.at(-1)
    if (last && last.to === column && last.frozen === frozen) last.to = column + 1
    else out.push({ from: column, to: column + 1, frozen })
  }
  return out
}

/** A histogram's outline: steps over bins of equal width. */
export function histogramPath(bins: readonly number[], most: number, width: number, height: number): string {
  const w = width / bins.length
  const y = (count: number) => (height - (most > 0 ? (height * count) / most : 0)).toFixed(1)
  return `M 0 ${height} ${bins.map((count, i) => `L ${(i * w).toFixed(1)} ${y(count)} L ${((i + 1) * w).toFixed(1)} ${y(count)}`).join(' ')} L ${width} ${height} Z`
}
