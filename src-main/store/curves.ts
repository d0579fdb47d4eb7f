// A run's steps summed up: the curves for a picture, in few points per lane, weighted by images; and what they cost. No reports, no layers.
import { countColumns, numberColumns, type CountColumn, type NumberColumn } from '#contract/columns/step-columns.ts'
import type { LaneCurve } from '#contract/compare/compare.ts'
import type { Stretch } from './codecs/step-stretch.ts'

const means = {
  confidence: 'meanConfidence',
  entropy: 'meanEntropy',
  agreement: 'agreement',
  estimate: 'estimate',
  adaptedShare: 'adaptedShare',
} as const satisfies Record<string, NumberColumn>
type Mean = keyof typeof means
const meanNames = Object.keys(means) as Mean[]
const sumNames = ['images', 'labelled', 'correct'] as const
type Sum = (typeof sumNames)[number]

/** Sums of a lane, by point. */
class Points {
  /** The last step in it and 1; 0 = no step. */
  private readonly step: Uint32Array
  private readonly seen: Float64Array
  private readonly sums: Record<Sum, Float64Array>
  private readonly means: Record<Mean, { readonly sum: Float64Array; readonly images: Float64Array }>
  private readonly pointOf: (step: number) => number

  constructor(points: number, pointOf: (step: number) => number) {
    const zeros = () => new Float64Array(points)
    this.step = new Uint32Array(points)
    this.seen = zeros()
    this.sums = { images: zeros(), labelled: zeros(), correct: zeros() }
    this.means = Object.fromEntries(
      meanNames.map((name) => [name, { sum: zeros(), images: zeros() }]),
    ) as Points['means']
    this.pointOf = pointOf
  }

  add({ rows, counts, numbers }: Stretch): void {
    const steps = countOf(counts, 'step')
    const seen = countOf(counts, 'seen')
    const images = countOf(counts, 'images')
    const points = Uint32Array.from(steps, this.pointOf)
    for (let i = 0; i < rows; i++) {
      const point = points[i] as number
      this.step[point] = Math.max(this.step[point] as number, (steps[i] as number) + 1)
      this.seen[point] = Math.max(this.seen[point] as number, seen[i] as number)
    }
    for (const name of sumNames) {
      const values = countOf(counts, name)
      for (let i = 0; i < rows; i++) increase(this.sums[name], points[i] as number, values[i] as number)
    }
    for (const name of meanNames) {
      const values = numbers[numberColumns.indexOf(means[name])] as Float64Array
      const own = this.means[name]
      for (let i = 0; i < rows; i++) {
        const value = values[i] as number
        if (Number.isNaN(value)) continue
        increase(own.sum, points[i] as number, (images[i] as number) * value)
        increase(own.images, points[i] as number, images[i] as number)
      }
    }
  }

  curve(lane: string): LaneCurve {
    const filled = Array.from(this.step.keys()).filter((point) => this.step[point] !== 0)
    const of = (values: Float64Array | Uint32Array) => filled.map((point) => values[point] as number)
    const mean = (name: Mean) => {
      const { sum, images } = this.means[name]
      return filled.map((point) => (images[point] === 0 ? null : (sum[point] as number) / (images[point] as number)))
    }
    return {
      lane,
      steps: of(this.step),
      seen: of(this.seen),
      images: of(this.sums.images),
      labelled: of(this.sums.labelled),
      correct: of(this.sums.correct),
      confidence: mean('confidence'),
      entropy: mean('entropy'),
      agreement: mean('agreement'),
      estimate: mean('estimate'),
      adaptedShare: mean('adaptedShare'),
    }
  }
}

const increase = (sums: Float64Array, at: number, by: number): void => {
  sums[at] = (sums[at] as number) + by
}

/** At most `points` of each lane, all of them where there are no more steps than that. Lanes by name. */
export function curvesOf(stretches: readonly Stretch[], points: number): LaneCurve[] {
  const last = stretches.reduce((most, { counts }) => Math.max(most, countOf(counts, 'step').at(-1) ?? -1), -1)
  const steps = Math.max(1, last + 1)
  const most = Math.min(points, steps)
  return lanesOf(stretches).map(([lane, own]) => {
    const sums = new Points(most, (step) => Math.floor((step * most) / steps))
    for (const stretch of own) sums.add(stretch)
    return sums.curve(lane)
  })
}

export interface LaneCost {
  readonly lane: string
  readonly totalMs: number
  readonly images: number
  readonly peakBytes: number
  readonly adaptedShare: number
}

/** Per lane, by name: time of all steps, most memory, mean share of parameters moved. */
export function costsOf(stretches: readonly Stretch[]): LaneCost[] {
  const number = (stretch: Stretch, name: NumberColumn) => stretch.numbers[numberColumns.indexOf(name)] as Float64Array
  return lanesOf(stretches).map(([lane, own]) => {
    let [totalMs, images, peakBytes, shares, rows] = [0, 0, 0, 0, 0]
    for (const stretch of own) {
      for (const ms of number(stretch, 'stepMs')) totalMs += ms
      for (const count of countOf(stretch.counts, 'images')) images += count
      for (const bytes of number(stretch, 'peakBytes')) peakBytes = Math.max(peakBytes, bytes)
      for (const share of number(stretch, 'adaptedShare')) shares += share
      rows += stretch.rows
    }
    return { lane, totalMs, images, peakBytes, adaptedShare: shares / rows }
  })
}

const lanesOf = (stretches: readonly Stretch[]): [string, Stretch[]][] =>
  [...Map.groupBy(stretches, ({ lane }) => lane)].toSorted(([a], [b]) => (a < b ? -1 : 1))

const countOf = (counts: readonly Uint32Array[], name: CountColumn): Uint32Array =>
  counts[countColumns.indexOf(name)] as Uint32Array
