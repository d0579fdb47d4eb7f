// Undoing a broadcast: the gradient of what was stretched is the sum over where it was stretched to.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

/** Sums `gradient` down to `shape`; returns the same tensor when nothing was stretched, else a new one, the caller's. */
export function sumTo(device: Device, gradient: DeviceTensor, shape: readonly number[]): DeviceTensor {
  const missing = gradient.shape.length - shape.length
  const axes = gradient.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < missing || (shape[axis - missing] === 1 && gradient.shape[axis] !== 1))
  if (axes.length === 0) return gradient
  const summed = device.sum(gradient, axes)
  const shaped = device.reshape(summed, shape)
  summed.dispose()
  return shaped
}
