// Step reports as the columns that a snapshot carries, by the store's own gatherer.
import type { StepReport } from '#contract/tables/report.ts'
import type { LaneSteps } from '#contract/columns/step-columns.ts'
import { gatherSteps } from '#store/codecs/step-columns.ts'
import { gatherStretches, type StepRow } from '#store/codecs/step-stretch.ts'

export const columnsOf = (reports: readonly StepReport[]): LaneSteps[] =>
  gatherSteps(
    gatherStretches(
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
    ),
  )
