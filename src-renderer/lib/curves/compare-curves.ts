// Lines of several runs over one axis: which value, over which x, smoothed how, and brought to common places so that a cursor can read them all. Pure.
import type { LaneCurve, RunCurves } from '#contract/compare/compare.ts'

export const curveMeasures = ['accuracy', 'confidence', 'entropy', 'agreement', 'estimate', 'adaptedShare'] as const
export type CurveMeasure = (typeof curveMeasures)[number]
export const curveAxes = ['steps', 'images', 'share'] as const
export type CurveAxis = (typeof curveAxes)[number]
/** Shares of the stream over which a mean is taken; 0 = each point alone, 1 = everything so far. */
export const smoothings = [0, 0.01, 0.05, 0.2, 1] as const

/** More places than this no screen shows. */
const mostPlaces = 2000

type Totals = Pick<RunCurves, 'totalSteps' | 'totalImages'>

/** Of one point, as shown: percent, entropy in nats; null where it is not known. */
function pointValue(curve: LaneCurve, measure: CurveMeasure, i: number): number | null {
  if (measure === 'accuracy')
    return (curve.labelled[i] ?? 0) > 0 ? (100 * (curve.correct[i] as number)) / (curve.labelled[i] as number) : null
  const value = curve[measure][i] ?? null
  return value === null || measure === 'entropy' ? value : 100 * value
}

export const known = (curve: LaneCurve, measure: CurveMeasure): boolean =>
  curve.steps.some((_, i) => pointValue(curve, measure, i) !== null)

/** Means over the images of the last `share` of the stream, by images (accuracy: by images with a label). */
export function smoothedValues(
  curve: LaneCurve,
  measure: CurveMeasure,
  share: number,
  { totalImages }: Totals,
): (number | null)[] {
  const weights = measure === 'accuracy' ? curve.labelled : curve.images
  const span = share >= 1 ? Number.POSITIVE_INFINITY : share * totalImages
  let from = 0
  let sum = 0
  let weight = 0
  return curve.steps.map((_, i) => {
    const own = pointValue(curve, measure, i)
    if (share === 0) return own
    if (own !== null) {
      sum += own * (weights[i] as number)
      weight += weights[i] as number
    }
    // A point belongs to the window when more than half of it lies there; the newest always does.
    while (
      from < i &&
      (curve.seen[i] as number) - (curve.seen[from] as number) + (curve.images[from] as number) / 2 > span
    ) {
      const gone = pointValue(curve, measure, from)
      if (gone !== null) {
        sum -= gone * (weights[from] as number)
        weight -= weights[from] as number
      }
      from += 1
    }
    return weight > 0 ? sum / weight : null
  })
}

export function placesOf(curve: LaneCurve, axis: CurveAxis, { totalSteps, totalImages }: Totals): number[] {
  if (axis === 'steps') return curve.steps
  if (axis === 'images') return curve.seen
  return curve.steps.map((step, i) =>
    totalImages > 0 ? (100 * (curve.seen[i] as number)) / totalImages : (100 * step) / Math.max(1, totalSteps),
  )
}

export interface Line {
  readonly xs: readonly number[]
  readonly ys: readonly (number | null)[]
}

/** The same places for all: those that there are, or evenly spread ones where these are too many. Between two points of a line lies the straight line; before and after them nothing. */
export function aligned(
  lines: readonly Line[],
  most = mostPlaces,
): { readonly xs: number[]; readonly rows: (number | null)[][] } {
  const places = [...new Set(lines.flatMap(({ xs }) => xs))].sort((a, b) => a - b)
  const [first = 0, last = 0] = [places[0], places.at(-1)]
  const xs =
    places.length <= most ? places : Array.from({ length: most }, (_, i) => first + ((last - first) * i) / (most - 1))
  return { xs, rows: lines.map((line) => valuesAt(line, xs)) }
}

function valuesAt({ xs, ys }: Line, places: readonly number[]): (number | null)[] {
  let i = 0
  return places.map((place) => {
    while (i < xs.length && (xs[i] as number) < place) i += 1
    if (i === xs.length) return null
    const right = ys[i] ?? null
    if (xs[i] === place) return right
    const left = i === 0 ? null : (ys[i - 1] ?? null)
    if (left === null || right === null) return null
    const [from, to] = [xs[i - 1] as number, xs[i] as number]
    return left + ((right - left) * (place - from)) / (to - from)
  })
}

/** Indices of at most `most` rows, evenly spread, the first and the last among them. */
export const spreadRows = (count: number, most: number): number[] =>
  count <= most
    ? Array.from({ length: count }, (_, i) => i)
    : Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)))
