// Comparing runs: what is asked and answered. Curves come reduced to few points and runs without their classes and tensors: no full snapshots.
import { z } from 'zod'
import { halvingSchema } from '#contract/runs/halving.ts'
import { collapseSchema, domainMetricSchema, runSummarySchema } from '#contract/tables/report.ts'

/** Runs that can be compared at once: more columns than that nobody reads. */
export const mostCompared = 20
/** Lines in one picture. */
export const mostLines = 20

const count = z.number().int().nonnegative()
const share = z.number().nullable()

export const comparedRunsSchema = z.array(z.number().int().positive()).min(1).max(mostCompared)

/** One lane over its stream, in points of one or several steps each; arrays of equal length. */
export const laneCurveSchema = z.object({
  lane: z.string(),
  steps: z.array(count), // steps finished with this point: 1 = after the first
  seen: z.array(count), // images of the run up to and with it
  images: z.array(count), // in this point
  labelled: z.array(count),
  correct: z.array(count),
  // Means over the point's images.
  confidence: z.array(share),
  entropy: z.array(share),
  agreement: z.array(share),
  estimate: z.array(share),
  adaptedShare: z.array(share),
})
export type LaneCurve = z.output<typeof laneCurveSchema>

export const runCurvesSchema = z.object({
  run: count,
  /** Of the whole stream, also where the run has not come to its end. */
  totalSteps: count,
  totalImages: count,
  lanes: z.array(laneCurveSchema),
})
export type RunCurves = z.output<typeof runCurvesSchema>

/** What is known of the stream and the model; the classes' names and the tensors are left out. */
export const comparedPlanSchema = z.object({
  domains: z.array(z.string()),
  totalSteps: count,
  totalImages: count,
  family: z.string(),
  inputName: z.string(),
  inputHash: z.string(),
  sourceHash: z.string().nullable(),
  model: z.object({
    name: z.string(),
    hash: z.string(),
    architecture: z.string(),
    parameters: count,
    classes: count,
    normalization: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }),
    inputSize: z.object({ width: count, height: count }),
  }),
  versions: z.record(z.string(), z.string()),
  halvings: z.array(halvingSchema).optional(), // absent where all batches were whole
})
export type ComparedPlan = z.output<typeof comparedPlanSchema>

export const comparedRunSchema = z.object({
  summary: runSummarySchema,
  /** Null for a run that never came to its first step. */
  plan: comparedPlanSchema.nullable(),
  domains: z.array(domainMetricSchema),
  collapses: z.array(collapseSchema),
})
export type ComparedRun = z.output<typeof comparedRunSchema>

export const comparisonSchema = z.object({
  /** In the order that was asked for. */
  runs: z.array(comparedRunSchema),
  /** Asked for, but not there (any more). */
  missing: z.array(count),
})
export type Comparison = z.output<typeof comparisonSchema>
