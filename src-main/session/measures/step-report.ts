// One step of one lane in the words of the contract: what was right, how sure the model was, which tensors moved.
import { tensorStates, type LayerReport, type StepReport } from '#contract/tables/report.ts'
import { entropies, logSoftmax } from '#engine/compute/losses.ts'
import type { StepResult } from '#engine/methods/method.ts'
import { confidences } from './accuracy-estimate.ts'
import type { StreamBatch } from '#stream/stream.ts'

const finite = (value: number) => (Number.isFinite(value) ? value : null)

/** `threshold`: of the accuracy estimate; null without one. */
export function stepReport(
  lane: string,
  batch: StreamBatch,
  result: StepResult,
  seen: number,
  stepMs: number,
  peakBytes: number,
  threshold: number | null,
): StepReport {
  const images = batch.ids.length
  let labelled = 0
  let correct = 0
  for (const [i, label] of batch.labels.entries()) {
    if (label < 0) continue
    labelled += 1
    if (result.predictions[i] === label) correct += 1
  }
  const log = logSoftmax(result.logits, result.classes)
  const entropy = entropies(log, result.classes)
  const sure = confidences(result.logits, result.classes)
  const predicted: Record<string, number> = {}
  for (const label of result.predictions) predicted[label] = (predicted[label] ?? 0) + 1
  return {
    lane,
    step: batch.step,
    domain: batch.domain,
    images,
    labelled,
    correct,
    seen,
    losses: Object.fromEntries(Object.entries(result.losses).map(([name, value]) => [name, finite(value)])),
    kept: result.kept,
    adaptedShare: result.adaptedShare,
    meanConfidence: finite(sure.reduce((sum, value) => sum + value, 0) / images) ?? 0,
    meanEntropy: finite(entropy.reduce((sum, h) => sum + h, 0) / images) ?? 0,
    agreement: null,
    estimate: threshold === null ? null : sure.filter((value) => value >= threshold).length / images,
    predicted,
    stepMs,
    peakBytes,
    layers: result.tensors.length > 0 ? layerReport(result) : null,
  }
}

function layerReport(result: StepResult): LayerReport {
  // As the store keeps them, so that what is shown live and what is read back are the same numbers.
  const stored = (value: number) => finite(Math.fround(value))
  return {
    states: result.tensors.map((tensor) => tensorStates.indexOf(tensor.state)),
    scores: result.tensors.map((tensor) => stored(tensor.score)),
    importances: result.tensors.map((tensor) => stored(tensor.importance)),
    learningRates: result.tensors.map((tensor) => stored(tensor.learningRate)),
    changes: null, // what moves them is measured after the step (relative-changes.ts)
  }
}

/** Whether a step that was computed again came out as it was recorded. Its duration may differ; what an older version did not record yet is not compared. */
export function sameStep(a: StepReport, b: StepReport): boolean {
  const known = a.layers?.changes && b.layers?.changes
  const comparable = ({ stepMs: _ms, peakBytes: _bytes, layers, ...rest }: StepReport) =>
    JSON.stringify([
      ...Object.entries(rest).sort(([x], [y]) => (x < y ? -1 : 1)),
      layers && !known ? { ...layers, changes: null } : layers,
    ])
  return comparable(a) === comparable(b)
}
