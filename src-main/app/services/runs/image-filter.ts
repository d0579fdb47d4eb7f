// Whether an image of a step is one that a filter means, and in which order those that are come. Pure.
import type { ImageFilter, ResultFilter } from '#contract/runs/images.ts'
import type { PredictedStep } from '#store/tables/predictions-table.ts'

const fits = (wanted: ResultFilter, label: number, predicted: number): boolean =>
  wanted === 'any' || (label >= 0 && (wanted === 'right') === (label === predicted))

export function accepts(filter: ImageFilter, step: PredictedStep, row: number): boolean {
  const own = step.lanes.get(filter.lane)
  if (!own) return false
  const label = step.labels[row] as number
  if (filter.actual !== null && label !== filter.actual) return false
  const predicted = own.classes[row] as number
  if (!fits(filter.result, label, predicted)) return false
  const confidence = own.confidences[row] as number
  // Both ends belong to the range, and confidences are kept to 1 / 65535.
  if (confidence < filter.confidence[0] - 1e-5 || confidence > filter.confidence[1] + 1e-5) return false
  if (filter.versus === null) return filter.predicted === null || predicted === filter.predicted
  const other = step.lanes.get(filter.versus)?.classes[row]
  if (other === undefined || !fits(filter.versusResult, label, other)) return false
  if (filter.differs && other === predicted) return false
  if (filter.predicted === null) return true
  const { predictedBy } = filter
  return (
    (predictedBy !== 'versus' && predicted === filter.predicted) ||
    (predictedBy !== 'lane' && other === filter.predicted)
  )
}

/** Indices in the wanted order; equal confidences stay in the stream's order. Counted into 65,536 bins: a million images take milliseconds. */
export function orderOf(confidences: readonly number[], sort: ImageFilter['sort']): Uint32Array {
  const out = new Uint32Array(confidences.length)
  if (sort === 'stream') return out.map((_, i) => i)
  const bins = new Uint32Array(65_537)
  const bin = (confidence: number) => Math.round(65_535 * (sort === 'surest' ? 1 - confidence : confidence))
  for (const confidence of confidences) bins[bin(confidence) + 1] = (bins[bin(confidence) + 1] as number) + 1
  for (let i = 1; i < bins.length; i++) bins[i] = (bins[i] as number) + (bins[i - 1] as number)
  for (const [i, confidence] of confidences.entries()) {
    const at = bin(confidence)
    out[bins[at] as number] = i
    bins[at] = (bins[at] as number) + 1
  }
  return out
}
