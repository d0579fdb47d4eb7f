// The unadapted model on a few labelled images of the input before corruption, once, before the first step.
import type { CleanCheck } from '#contract/runs/clean-check.ts'
import type { Device } from '#engine/compute/device.ts'
import { argMaxRows } from '#engine/compute/losses.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import type { Model } from '#engine/models/model.ts'
import type { Stream } from '#stream/stream.ts'

const images = 64
const batch = 16

/** Null without labelled clean images that can be read. Leaves no tensor behind. */
export async function checkClean(
  device: Device,
  model: Model,
  stream: Pick<Stream, 'cleanImages'>,
): Promise<CleanCheck | null> {
  const { pixels, labels, width, height } = await stream.cleanImages(images)
  const size = width * height * 3
  let correct = 0
  for (let at = 0; at < labels.length; at += batch) {
    const n = Math.min(batch, labels.length - at)
    const bytes = device.fromBytes(pixels.subarray(at * size, (at + n) * size), [n, height, width, 3])
    const x = device.scale(bytes, 1 / 255)
    const predictions = argMaxRows(
      predict(device, model, model.parameters, x, { statistics: 'source' }).values,
      model.classes,
    )
    for (const tensor of [bytes, x]) tensor.dispose()
    for (let i = 0; i < n; i++) if (predictions[i] === labels[at + i]) correct += 1
  }
  return labels.length === 0 ? null : { labelled: labels.length, correct }
}
