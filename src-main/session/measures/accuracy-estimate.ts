// An estimate of accuracy without labels: average thresholded confidence (Garg et al., ICLR 2022). On labelled clean images the threshold is set so that
// as large a share of confidences lies above it as predictions are right; on the stream the share above it is the estimate. Before anything adapts:
// adaptation that makes a model surer without making it better raises it, which is why it is called an estimate wherever it is shown.
import { methodIds } from '#contract/methods/method-info.ts'
import { descriptorOf } from '#contract/methods/methods.ts'
import type { Device } from '#engine/compute/device.ts'
import { argMaxRows, logSoftmax } from '#engine/compute/losses.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import type { SourceImages } from '#engine/methods/parts/source-images.ts'
import type { Model } from '#engine/models/model.ts'

/** Methods that predict with running statistics; the others use the batch's. */
export const byRunningStatistics = methodIds.filter(
  (method) => descriptorOf(method).predictsWith === 'running-statistics',
)

/** The largest probability of each row. */
export function confidences(logits: Float32Array, classes: number): Float32Array {
  const log = logSoftmax(logits, classes)
  return Float32Array.from({ length: logits.length / classes }, (_, i) =>
    Math.exp(log.subarray(i * classes, (i + 1) * classes).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)),
  )
}

/** So that the share of `scores` at or above it is that of `right`. */
export function thresholdOf(scores: Float32Array, right: readonly boolean[]): number {
  const sorted = Float32Array.from(scores).sort()
  const below = right.filter((isRight) => !isRight).length
  return sorted[below] ?? Number.POSITIVE_INFINITY
}

export interface Thresholds {
  readonly running: number
  readonly batch: number
}

/** Null without labelled images. */
export async function thresholds(
  device: Device,
  model: Model,
  source: SourceImages | null,
  batchSize: number,
): Promise<Thresholds | null> {
  if (!source || !source.labels.some((label) => label >= 0)) return null
  const { pixels, labels, width, height } = source
  const size = width * height * 3
  const of = async (statistics: 'source' | 'batch') => {
    const scores: number[] = []
    const right: boolean[] = []
    for (let at = 0; at < labels.length; at += batchSize) {
      const n = Math.min(batchSize, labels.length - at)
      const bytes = device.fromBytes(pixels.subarray(at * size, (at + n) * size), [n, height, width, 3])
      const x = device.scale(bytes, 1 / 255)
      const { values } = await predict(device, model, model.parameters, x, { statistics })
      for (const tensor of [bytes, x]) tensor.dispose()
      const predictions = argMaxRows(values, model.classes)
      for (const [i, score] of confidences(values, model.classes).entries()) {
        const label = labels[at + i] as number
        if (label < 0) continue
        scores.push(score)
        right.push(predictions[i] === label)
      }
    }
    return thresholdOf(Float32Array.from(scores), right)
  }
  return { running: await of('source'), batch: await of('batch') }
}
