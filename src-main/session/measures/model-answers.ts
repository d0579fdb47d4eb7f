// What an unadapted model answers on images, whose pixels may be made otherwise than a run makes them.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import type { Model } from '#engine/models/model.ts'
import type { LabelledImages } from '#stream/stream.ts'

const batch = 16

/** A batch's bytes, [n, height, width, 3], as pixels in [0, 1] on the device. */
export type PixelsOf = (bytes: Uint8Array, shape: readonly number[]) => DeviceTensor

/** As a run makes them. */
export const asTheyAre =
  (device: Device): PixelsOf =>
  (data, shape) => {
    const bytes = device.fromBytes(data, shape)
    const pixels = device.scale(bytes, 1 / 255)
    bytes.dispose()
    return pixels
  }

/** Of images that are not adapted to: [n, classes]. Leaves no tensor behind. */
export async function logitsOf(
  device: Device,
  model: Model,
  { pixels, labels, width, height }: LabelledImages,
  of: PixelsOf,
): Promise<Float32Array> {
  const size = width * height * 3
  const logits = new Float32Array(labels.length * model.classes)
  for (let at = 0; at < labels.length; at += batch) {
    const n = Math.min(batch, labels.length - at)
    const x = of(pixels.subarray(at * size, (at + n) * size), [n, height, width, 3])
    logits.set((await predict(device, model, model.parameters, x, { statistics: 'source' })).values, at * model.classes)
    x.dispose()
  }
  return logits
}

export const rightOf = (predictions: Int32Array, labels: Int32Array): number =>
  labels.reduce((sum, label, i) => sum + (predictions[i] === label ? 1 : 0), 0)
