// Confusion matrices as numbers: sums per class, two lanes against each other, which classes and pairs are confused most. Pure.
import type { Confusion } from '../../src-main/contract/images.ts'

export interface Matrix {
  readonly classes: number
  readonly images: number
  readonly labelled: number
  readonly correct: number
  /** Images by `actual * classes + predicted`; empty cells are left out. */
  readonly cells: ReadonlyMap<number, number>
  /** Images by true class. */
  readonly rows: Uint32Array
}

export function matrixOf({ classes, images, labelled, correct, cells: packed }: Pick<Confusion, 'classes' | 'images' | 'labelled' | 'correct' | 'cells'>): Matrix {
  const text = atob(packed)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  const view = new DataView(bytes.buffer)
  const cells = new Map<number, number>()
  const rows = new Uint32Array(classes)
  for (let at = 0; at + 12 <= bytes.length; at += 12) {
    const actual = view.getUint32(at, true)
    const count = view.getUint32(at + 8, true)
    cells.set(actual * classes + view.getUint32(at + 4, true), count)
    rows[actual] = (rows[actual] as number) + count
  }
  return { classes, images, labelled, correct, cells, rows }
}

export interface Pair {
  readonly actual: number
  readonly predicted: number
  readonly count: number
  /** In the lane that is compared with; 0 without one. */
  readonly other: number
}

/** How much better than `other` a cell is, in images: more right ones, or fewer taken for something else. */
export const gainOf = ({ actual, predicted, count, other }: Pair): number => (actual === predicted ? count - other : other - count)

/**
 * What was taken for what: the `most` pairs with most images; against another lane those with the largest differences, right ones among them where asked for.
 * Only these are made and sorted: of a thousand classes there may be a hundred thousand.
 */
export function pairsOf(matrix: Matrix, other: Matrix | null, withRight: boolean, most: number): { readonly pairs: readonly Pair[]; readonly total: number } {
  const { classes } = matrix
  const known: number[] = []
  const add = (cell: number) => {
    if (!withRight && Math.floor(cell / classes) === cell % classes) return
    if (!other || matrix.cells.get(cell) !== other.cells.get(cell)) known.push(cell)
  }
  for (const cell of matrix.cells.keys()) add(cell)
  if (other) for (const cell of other.cells.keys()) if (!matrix.cells.has(cell)) add(cell)
  const weight = (cell: number) => Math.abs((matrix.cells.get(cell) ?? 0) - (other?.cells.get(cell) ?? 0))
  const weights = Float64Array.from(known, weight)
  const least = weights.toSorted().at(-most) ?? 0
  const above = known.filter((_, i) => (weights[i] as number) > least)
  const chosen = [...above, ...known.filter((_, i) => weights[i] === least).slice(0, most - above.length)]
  const pairs = chosen
    .sort((a, b) => weight(b) - weight(a) || a - b)
    .map((cell) => ({ actual: Math.floor(cell / classes), predicted: cell % classes, count: matrix.cells.get(cell) ?? 0, other: other?.cells.get(cell) ?? 0 }))
  return { pairs, total: known.length }
}

/** The cells of some classes that are not empty, each by row, column and value; of two lanes positive is better. */
export interface ShownCells {
  readonly rows: Uint32Array
  readonly columns: Uint32Array
  readonly values: Float64Array
  /** The largest size of a value. */
  readonly most: number
}

export function shownCells(matrix: Matrix, other: Matrix | null, shown: readonly number[], scale: 'count' | 'share'): ShownCells {
  const { classes } = matrix
  const place = new Int32Array(classes).fill(-1)
  for (const [i, label] of shown.entries()) place[label] = i
  const cells = other ? new Set([...matrix.cells.keys(), ...other.cells.keys()]) : matrix.cells.keys()
  const rows: number[] = []
  const columns: number[] = []
  const values: number[] = []
  let most = 0
  for (const cell of cells) {
    const [actual, predicted] = [Math.floor(cell / classes), cell % classes]
    if ((place[actual] as number) < 0 || (place[predicted] as number) < 0) continue
    const value = valueOf(matrix, other, actual, predicted, scale)
    if (value === null || value === 0) continue
    rows.push(place[actual] as number)
    columns.push(place[predicted] as number)
    values.push(other && actual !== predicted ? -value : value)
    most = Math.max(most, Math.abs(value))
  }
  return { rows: Uint32Array.from(rows), columns: Uint32Array.from(columns), values: Float64Array.from(values), most: scale === 'share' && !other ? 1 : most }
}

/** The classes that take part in most confusions (of both lanes), in their usual order; all where there are no more. */
export function mostConfused(matrices: readonly (Matrix | null)[], classes: number, most: number): number[] {
  const all = Array.from({ length: classes }, (_, i) => i)
  if (classes <= most) return all
  const weight = new Float64Array(classes)
  for (const matrix of matrices) {
    for (const [cell, count] of matrix?.cells ?? []) {
      const [actual, predicted] = [Math.floor(cell / classes), cell % classes]
      if (actual === predicted) continue
      weight[actual] = (weight[actual] as number) + count
      weight[predicted] = (weight[predicted] as number) + count
    }
  }
  return all.sort((a, b) => (weight[b] as number) - (weight[a] as number) || a - b).slice(0, most).sort((a, b) => a - b)
}

/** A cell's value as it is shown: images, or the share of its true class; of two lanes the difference. Null where nothing is known. */
export function valueOf(matrix: Matrix, other: Matrix | null, actual: number, predicted: number, scale: 'count' | 'share'): number | null {
  const cell = actual * matrix.classes + predicted
  const of = ({ cells, rows }: Matrix): number | null => {
    const count = cells.get(cell) ?? 0
    if (scale === 'count') return count
    const row = rows[actual] as number
    return row === 0 ? null : count / row
  }
  const [own, before] = [of(matrix), other ? of(other) : 0]
  return own === null || before === null ? null : own - before
}
