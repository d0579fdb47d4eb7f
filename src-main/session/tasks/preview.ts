// A few images of the current batch for the live screen: before and after corruption, with what each lane saw in them before its update, and after it.
import type { PreviewImage } from '#contract/tables/report.ts'
import { logSoftmax } from '#engine/compute/losses.ts'
import type { StepResult } from '#engine/methods/method.ts'
import { pictureOf as small } from '#stream/images/picture.ts'
import { rgbImage, type RgbImage } from '#stream/images/rgb-image.ts'
import type { StreamBatch } from '#stream/stream.ts'

export const previewCount = 8
export const previewIntervalMs = 500
const shownClasses = 5

const base64 = (image: RgbImage) =>
  Buffer.from(image.data.buffer, image.data.byteOffset, image.data.byteLength).toString('base64')

/** The most likely classes of one image, most likely first. */
function topOf(logits: Float32Array, classes: number, i: number): { label: number; confidence: number }[] {
  const log = logSoftmax(logits.slice(i * classes, (i + 1) * classes), classes)
  return Array.from(log, (value, label) => ({
    label,
    confidence: Number.isFinite(value) ? Math.min(1, Math.exp(value)) : 0,
  }))
    .sort((a, b) => b.confidence - a.confidence || a.label - b.label)
    .slice(0, shownClasses)
}

/** `after`: logits of the same images right after the update, by lane; lanes that do not adapt or cannot be asked again have none. */
export function previewImages(
  batch: StreamBatch,
  results: ReadonlyMap<string, StepResult>,
  after: ReadonlyMap<string, Float32Array> = new Map(),
): PreviewImage[] {
  const size = batch.width * batch.height * 3
  return batch.clean.map((clean, i) => {
    const corrupted = small(rgbImage(batch.width, batch.height, batch.pixels.slice(i * size, (i + 1) * size)))
    const label = batch.labels[i] ?? -1
    return {
      id: batch.ids[i] ?? '',
      step: batch.step,
      position: batch.positions[i] ?? i,
      sample: batch.samples[i] ?? 0,
      label: label < 0 ? null : label,
      width: corrupted.width,
      height: corrupted.height,
      clean: base64(small(clean)),
      corrupted: base64(corrupted),
      predictions: Object.fromEntries(
        [...results].map(([lane, { logits, classes, predictions }]) => {
          const label = predictions[i] ?? 0
          const confidence = Math.exp(logSoftmax(logits.slice(i * classes, (i + 1) * classes), classes)[label] ?? 0)
          const again = after.get(lane)
          return [
            lane,
            {
              label,
              confidence: Number.isFinite(confidence) ? confidence : 0,
              top: topOf(logits, classes, i),
              after: again ? topOf(again, classes, i) : null,
            },
          ]
        }),
      ),
    }
  })
}
