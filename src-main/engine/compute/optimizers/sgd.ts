// Stochastic gradient descent with momentum, PyTorch's form, on any number of tensors in one buffer: buffer = momentum * buffer + g (the first buffer is
// g), step = buffer, or g + momentum * buffer with Nesterov.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

export interface SgdOptions {
  readonly momentum: number
  readonly nesterov: boolean
}

/** `buffer` null = the first step. The new buffer and the direction are the caller's: theta <- theta - lr * direction. */
export function sgdUpdate(
  device: Device,
  gradient: DeviceTensor,
  buffer: DeviceTensor | null,
  { momentum, nesterov }: SgdOptions,
): { buffer: DeviceTensor; direction: DeviceTensor } {
  const kept = buffer ? device.scale(buffer, momentum) : null
  const next = kept ? device.add(kept, gradient) : device.scale(gradient, 1)
  kept?.dispose()
  if (!nesterov) return { buffer: next, direction: device.scale(next, 1) }
  const ahead = device.scale(next, momentum)
  const direction = device.add(gradient, ahead)
  ahead.dispose()
  return { buffer: next, direction }
}
