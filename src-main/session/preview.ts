// A few images of the current batch for the live screen: before and after corruption, with what each lane saw in them.
import type { PreviewImage } from '../contract/report.ts'
import { logSoftmax } from '../engine/compute/losses.ts'
import type { StepResult } from '../engine/methods/method.ts'
import { pictureOf as small } from '../stream/images/picture.ts'
import { rgbImage, type RgbImage } from '../stream/images/rgb-image.ts'
import type { StreamBatch } from '../stream/stream.ts'

export const previewCount = 8
export const previewIntervalMs = 500

const base64 = (image: RgbImage) => Buffer.from(image.data.buffer, image.data.byteOffset, image.data.byteLength).toString('base64')

export function previewImages(batch: StreamBatch, results: ReadonlyMap<string, StepResult>): PreviewImage[] {
  const size = batch.width * batch.height * 3
  return batch.clean.map((clean, i) => {
    const corrupted = small(rgbImage(batch.width, batch.height, batch.pixels.slice(i * size, (i + 1) * size)))
    const label = batch.labels[i] ?? -1
    return {
      id: batch.ids[i] ?? '',
      label: label < 0 ? null : label,
      width: corrupted.width,
      height: corrupted.height,
      clean: base64(small(clean)),
      corrupted: base64(corrupted),
      predictions: Object.fromEntries(
        [...results].map(([lane, { logits, classes, predictions }]) => {
          const predicted = predictions[i] ?? 0
          const confidence = Math.exp(logSoftmax(logits.slice(i * classes, (i + 1) * classes), classes)[predicted] ?? 0)
          return [lane, { label: predicted, confidence: Number.isFinite(confidence) ? confidence : 0 }]
        }),
      ),
    }
  })
}
