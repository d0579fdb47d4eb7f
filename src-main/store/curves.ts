// The curves of a run for a picture: its steps summed up in few points per lane by the database, weighted by images. No reports, no layers.
import { z } from 'zod'
import type { LaneCurve } from '#contract/compare/compare.ts'
import type { Connection } from './open-database.ts'
import { parseRow } from './rows.ts'

const number = z.number().nullable()
const rowSchema = z.object({
  lane: z.string(),
  step: z.number().int(),
  seen: z.number().int(),
  images: z.number().int(),
  labelled: z.number().int(),
  correct: z.number().int(),
  confidence: number,
  entropy: number,
  agreement: number,
  estimate: number,
  adaptedShare: number,
})

/** Mean over images, of those steps that know the value. */
const mean = (column: string) =>
  `sum(images * ${column}) / nullif(sum(CASE WHEN ${column} IS NOT NULL THEN images END), 0)`
// Numbers come in as reals: the quotient is cut to whole points.
const query = `SELECT lane, max(step) + 1 AS step, max(seen) AS seen, sum(images) AS images, sum(labelled) AS labelled, sum(correct) AS correct,
  ${mean('mean_confidence')} AS confidence, ${mean('mean_entropy')} AS entropy, ${mean('agreement')} AS agreement, ${mean('estimate')} AS estimate, ${mean('adapted_share')} AS adaptedShare
  FROM steps WHERE run = ? GROUP BY lane, CAST(step * ? / ? AS INTEGER) ORDER BY lane, step`

/** At most `points` of each lane, all of them where there are no more steps than that. */
export function curvesOf(db: Connection, run: number, points: number): LaneCurve[] {
  const { steps } = parseRow(
    z.object({ steps: z.number().int() }),
    db.prepare('SELECT coalesce(max(step) + 1, 0) AS steps FROM steps WHERE run = ?').get(run),
    'steps',
  )
  const rows = db
    .prepare(query)
    .all(run, Math.min(points, Math.max(1, steps)), Math.max(1, steps))
    .map((row) => parseRow(rowSchema, row, 'steps'))
  return [...Map.groupBy(rows, ({ lane }) => lane)].map(([lane, own]) => {
    const of = <K extends keyof (typeof own)[number]>(key: K) => own.map((row) => row[key])
    return {
      lane,
      steps: of('step'),
      seen: of('seen'),
      images: of('images'),
      labelled: of('labelled'),
      correct: of('correct'),
      confidence: of('confidence'),
      entropy: of('entropy'),
      agreement: of('agreement'),
      estimate: of('estimate'),
      adaptedShare: of('adaptedShare'),
    }
  })
}
