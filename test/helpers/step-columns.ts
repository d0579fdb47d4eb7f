// Step reports as the columns that a snapshot carries, by the store's own gatherer.
import type { StepReport } from '#contract/tables/report.ts'
import type { LaneSteps } from '#contract/columns/step-columns.ts'
import { gatherSteps, type StepRow } from '#store/codecs/step-columns.ts'

export const columnsOf = (reports: readonly StepReport[]): LaneSteps[] =>
  gatherSteps(
    reports.map((report): StepRow => [
      report.lane,
      JSON.stringify(report.losses),
      JSON.stringify(report.predicted),
      report.step,
      report.domain,
      report.images,
      report.labelled,
      report.correct,
      report.seen,
      report.kept,
      report.adaptedShare,
      report.meanConfidence,
      report.meanEntropy,
      report.agreement,
      report.estimate,
      report.stepMs,
      report.peakBytes,
    ]),
  )
