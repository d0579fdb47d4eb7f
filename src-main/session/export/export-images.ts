// The run's images again: what an export is verified on, and what batch-norm statistics are estimated from.
import { PalmError } from '#contract/errors.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { ModelDescription } from '#engine/models/load.ts'
import { streamContext } from '#session/stream-context.ts'
import { openStream } from '#stream/open-stream.ts'
import type { StreamBatch } from '#stream/stream.ts'

export type Pictures = Pick<StreamBatch, 'pixels' | 'height' | 'width'> & { readonly images: number }

/** The batches up to and with `step`, at most `count`; [] where the images are not there any more (a webcam, a removed folder). */
export async function imagesOf(
  options: RunOptions,
  description: ModelDescription,
  resourcesFolder: string,
  step: number,
  count: number,
): Promise<StreamBatch[]> {
  const batches: StreamBatch[] = []
  try {
    const stream = await openStream(
      options,
      await streamContext(description, options.model, resourcesFolder, { workers: null, previewCount: 0 }),
    )
    try {
      for await (const batch of stream.batches(Math.max(0, step - count + 1))) {
        if (batch.step > step) break
        batches.push(batch)
        if (batches.length === count) break
      }
    } finally {
      await stream.close()
    }
  } catch (thrown) {
    if (!(thrown instanceof PalmError)) throw thrown
  }
  return batches
}

/** The last `count` images of the batches, or all; null without any. The last batch of a domain may hold a single one. */
export function lastImages(batches: readonly StreamBatch[], count: number): Pictures | null {
  const first = batches[0]
  if (!first) return null
  const { height, width } = first
  const all = batches.reduce((sum, { ids }) => sum + ids.length, 0)
  const images = Math.min(count, all)
  const pixels = new Uint8Array(images * height * width * 3)
  let at = pixels.length
  for (const batch of batches.toReversed()) {
    const part = batch.pixels.subarray(Math.max(0, batch.pixels.length - at))
    at -= part.length
    pixels.set(part, at)
    if (at === 0) break
  }
  return { pixels, height, width, images }
}

/** The first `images` of a batch, in [0, 1]. */
export function pixelsOf(
  device: Device,
  batch: Pick<StreamBatch, 'pixels' | 'height' | 'width'>,
  images: number,
): DeviceTensor {
  const bytes = device.fromBytes(batch.pixels.subarray(0, images * batch.width * batch.height * 3), [
    images,
    batch.height,
    batch.width,
    3,
  ])
  const pixels = device.scale(bytes, 1 / 255)
  bytes.dispose()
  return pixels
}
