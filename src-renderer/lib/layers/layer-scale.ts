// From a value to its place on the colour scale. The ends are the least and the most that was seen, as the legend says. Pure.
import type { LayerQuantity, ValueRange } from '#contract/columns/layer-columns.ts'

export interface LayerScale {
  readonly range: ValueRange
  readonly logarithmic: boolean
}

/** 0..1, NaN where a value has no colour: none, or 0 on a logarithmic scale. */
export function positionOf(value: number, { range: { least, most }, logarithmic }: LayerScale): number {
  if (!Number.isFinite(value) || !(least <= most)) return Number.NaN
  if (!logarithmic) return Math.max(0, Math.min(1, value / most))
  if (value <= 0) return Number.NaN
  return most > least ? Math.max(0, Math.min(1, Math.log(value / least) / Math.log(most / least))) : 0.5
}

/** Whether a tensor that did not move still has a value of its own: how far it has come, and the score for which it was frozen. */
export const outlivesFreezing = (quantity: LayerQuantity): boolean => quantity === 'score' || quantity === 'change'
