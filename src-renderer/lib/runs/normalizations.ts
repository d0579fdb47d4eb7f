// The usual normalisations of pixels in 0..1, and reading what a person typed. Pure.
import type { LibraryModel } from '#contract/models/library.ts'

export type Normalization = LibraryModel['normalization']

export const usualNormalizations: readonly {
  readonly key: 'imagenet' | 'cifar' | 'half' | 'none'
  readonly value: Normalization
}[] = [
  { key: 'imagenet', value: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } },
  { key: 'cifar', value: { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] } },
  { key: 'half', value: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } },
  { key: 'none', value: { mean: [0, 0, 0], std: [1, 1, 1] } },
]

export const tripleText = (values: readonly number[]): string =>
  values.map((value) => String(Number(value.toPrecision(5)))).join(', ')

/** Three numbers, by commas or blanks; null when they are none. */
export function tripleOf(text: string, positive: boolean): [number, number, number] | null {
  const values = text
    .split(/[,\s]+/)
    .filter(Boolean)
    .map(Number)
  const [a, b, c] = values
  if (values.length !== 3 || !values.every((value) => Number.isFinite(value) && (!positive || value > 0))) return null
  return [a as number, b as number, c as number]
}
