// Confusion matrices as numbers: sums per class, two lanes against each other, which classes and pairs are confused most. Pure. Of a thousand classes there may be
// a hundred thousand cells, and it runs in the window: typed arrays, one pass, and only what is shown is sorted.
import type { Confusion } from '#contract/runs/images.ts'

export interface Matrix {
  readonly classes: number
  readonly images: number
  readonly labelled: number
  readonly correct: number
  /** Cells that are not empty, rising: `actual * classes + predicted`, and the images of each. */
  readonly cells: Float64Array
  readonly counts: Uint32Array
  /** Images by true class. */
  readonly rows: Uint32Array
}

export function matrixOf({
  classes,
  images,
  labelled,
  correct,
  cells: packed,
}: Pick<Confusion, 'classes' | 'images' | 'labelled' | 'correct' | 'cells'>): Matrix {
  const text = atob(packed)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  const view = new DataView(bytes.buffer)
  const length = Math.floor(bytes.length / 12)
  const cells = new Float64Array(length)
  const counts = new Uint32Array(length)
  const rows = new Uint32Array(classes)
  for (let i = 0; i < length; i++) {
    const actual = view.getUint32(12 * i, true)
    cells[i] = actual * classes + view.getUint32(12 * i + 4, true)
    counts[i] = view.getUint32(12 * i + 8, true)
    rows[actual] = (rows[actual] as number) + (counts[i] as number)
  }
  return { classes, images, labelled, correct, cells, counts, rows }
}

export function countAt({ classes, cells, counts }: Matrix, actual: number, predicted: number): number {
  const cell = actual * classes + predicted
  let [low, high] = [0, cells.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((cells[middle] as number) < cell) low = middle + 1
    else high = middle
  }
  return cells[low] === cell ? (counts[low] as number) : 0
}

/** Calls back with every cell that is not empty in one of them, in order. */
function eachCell(
  matrix: Matrix,
  other: Matrix | null,
  take: (cell: number, count: number, before: number) => void,
): void {
  const [a, b] = [matrix.cells, other?.cells ?? new Float64Array(0)]
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    const [x, y] = [a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY]
    take(Math.min(x, y), x <= y ? (matrix.counts[i] as number) : 0, y <= x ? (other?.counts[j] ?? 0) : 0)
    if (x <= y) i += 1
    if (y <= x) j += 1
  }
}

export interface Pair {
  readonly actual: number
  readonly predicted: number
  readonly count: number
  /** In the lane that is compared with; 0 without one. */
  readonly other: number
}

/** How much better than `other` a cell is, in images: more right ones, or fewer taken for something else. */
export const gainOf = ({ actual, predicted, count, other }: Pair): number =>
  actual === predicted ? count - other : other - count

/** What was taken for what: the `most` pairs with most images; against another lane those with the largest differences, right ones among them where asked for. */
export function pairsOf(
  matrix: Matrix,
  other: Matrix | null,
  withRight: boolean,
  most: number,
): { readonly pairs: readonly Pair[]; readonly total: number } {
  const { classes } = matrix
  const known: number[] = []
  const weights: number[] = []
  const pair = (cell: number): Pair => {
    const [actual, predicted] = [Math.floor(cell / classes), cell % classes]
    return {
      actual,
      predicted,
      count: countAt(matrix, actual, predicted),
      other: other ? countAt(other, actual, predicted) : 0,
    }
  }
  eachCell(matrix, other, (cell, count, before) => {
    const weight = other ? Math.abs(count - before) : count
    if (weight === 0 || (!withRight && Math.floor(cell / classes) === cell % classes)) return
    known.push(cell)
    weights.push(weight)
  })
  const least = Float64Array.from(weights).sort().at(-most) ?? 0
  const above = known.filter((_, i) => (weights[i] as number) > least)
  const chosen = [
    ...above,
    ...known.filter((_, i) => weights[i] === least).slice(0, Math.max(0, most - above.length)),
  ].map(pair)
  const weight = ({ count, other: before }: Pair) => (other ? Math.abs(count - before) : count)
  return {
    pairs: chosen.sort((a, b) => weight(b) - weight(a) || a.actual - b.actual || a.predicted - b.predicted),
    total: known.length,
  }
}

/** The classes of the most confused pairs (against another lane: of the pairs that differ most), in their usual order; all where there are no more. */
export function mostConfused(matrix: Matrix, other: Matrix | null, most: number): number[] {
  const all = Array.from({ length: matrix.classes }, (_, i) => i)
  if (matrix.classes <= most) return all
  const chosen = new Set<number>()
  for (const { actual, predicted } of pairsOf(matrix, other, false, 4 * most).pairs)
    for (const label of [actual, predicted]) if (chosen.size < most) chosen.add(label)
  for (const label of all) if (chosen.size < most) chosen.add(label)
  return [...chosen].sort((a, b) => a - b)
}

/** The cells of some classes that are not empty, each by row, column and value; of two lanes positive is better. */
export interface ShownCells {
  readonly rows: Uint32Array
  readonly columns: Uint32Array
  readonly values: Float64Array
  /** The largest size of a value; of shares of one lane 1. */
  readonly most: number
}

/** A value as it is shown: images, or the share of the true class; of two lanes how much better the first is. Null where the class has no image. */
function valueFrom(
  matrix: Matrix,
  other: Matrix | null,
  actual: number,
  predicted: number,
  count: number,
  before: number,
  scale: 'count' | 'share',
): number | null {
  if (scale === 'share' && (matrix.rows[actual] === 0 || other?.rows[actual] === 0)) return null
  const of = (images: number, rows: Uint32Array) => (scale === 'count' ? images : images / (rows[actual] as number))
  const value = of(count, matrix.rows) - (other ? of(before, other.rows) : 0)
  return other && actual !== predicted ? -value : value
}

export function valueOf(
  matrix: Matrix,
  other: Matrix | null,
  actual: number,
  predicted: number,
  scale: 'count' | 'share',
): number | null {
  return valueFrom(
    matrix,
    other,
    actual,
    predicted,
    countAt(matrix, actual, predicted),
    other ? countAt(other, actual, predicted) : 0,
    scale,
  )
}

export function shownCells(
  matrix: Matrix,
  other: Matrix | null,
  shown: readonly number[],
  scale: 'count' | 'share',
): ShownCells {
  const { classes } = matrix
  const place = new Int32Array(classes).fill(-1)
  for (const [i, label] of shown.entries()) place[label] = i
  const room = Math.min(matrix.cells.length + (other?.cells.length ?? 0), shown.length ** 2)
  const [rows, columns, values] = [new Uint32Array(room), new Uint32Array(room), new Float64Array(room)]
  let at = 0
  let most = 0
  eachCell(matrix, other, (cell, count, before) => {
    const [actual, predicted] = [Math.floor(cell / classes), cell % classes]
    if ((place[actual] as number) < 0 || (place[predicted] as number) < 0) return
    const value = valueFrom(matrix, other, actual, predicted, count, before, scale)
    if (value === null || value === 0) return
    rows[at] = place[actual] as number
    columns[at] = place[predicted] as number
    values[at] = value
    at += 1
    most = Math.max(most, Math.abs(value))
  })
  return {
    rows: rows.subarray(0, at),
    columns: columns.subarray(0, at),
    values: values.subarray(0, at),
    most: scale === 'share' && !other ? 1 : most,
  }
}
