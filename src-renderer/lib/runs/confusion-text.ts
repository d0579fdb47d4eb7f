// What a confusion says in words: names of classes, counts or shares, a cell, what was gained. Pure.
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { fixed, percent, whole } from '#renderer/lib/text/format.ts'
import { countAt, gainOf, type Matrix, type Pair } from './confusion.ts'

export interface ConfusionParts {
  readonly own: Matrix
  /** What it is held against. */
  readonly other: Matrix | null
  readonly labels: { readonly own: string; readonly other: string }
  readonly classNames: readonly string[]
  /** Classes that are shown, in order. */
  readonly shown: readonly number[]
  readonly scale: 'count' | 'share'
}

export const classNameIn = (classNames: readonly string[], label: number): string =>
  classNames[label] ?? strings.charts.classOf(label)

/** Without its sign. */
export const amountText = (value: number, scale: 'count' | 'share'): string =>
  scale === 'share' ? fixed(100 * Math.abs(value), Math.abs(value) < 0.1 ? 1 : 0) : whole(Math.abs(value))

/** ▲ for what was mended, ▼ for what was broken. */
export const gainText = (value: number, scale: 'count' | 'share'): string =>
  `${value > 0 ? '▲' : value < 0 ? '▼' : ''}${amountText(value, scale)}`

export function verdictOf(pair: Pair): string {
  const gain = gainOf(pair)
  const text = strings.inspect
  return gain === 0 ? text.same : gain > 0 ? text.mended(whole(gain)) : text.broken(whole(-gain))
}

/** A cell in a sentence. */
export function cellText(
  { own, other, labels, classNames }: ConfusionParts,
  actualLabel: number,
  predictedLabel: number,
): string {
  const text = strings.inspect
  const pair: Pair = {
    actual: actualLabel,
    predicted: predictedLabel,
    count: countAt(own, actualLabel, predictedLabel),
    other: other ? countAt(other, actualLabel, predictedLabel) : 0,
  }
  const [actual, predicted] = [classNameIn(classNames, actualLabel), classNameIn(classNames, predictedLabel)]
  const right = actualLabel === predictedLabel
  if (other)
    return text.cellDifference(
      right ? text.rightCell(actual) : text.wrongCell(actual, predicted),
      labels.own,
      whole(pair.count),
      labels.other,
      whole(pair.other),
      verdictOf(pair),
    )
  const images = own.rows[actualLabel]
  const share = percent(images ? pair.count / images : null)
  return right
    ? text.cellRight(actual, whole(pair.count), share)
    : text.cellWrong(actual, predicted, whole(pair.count), share)
}
