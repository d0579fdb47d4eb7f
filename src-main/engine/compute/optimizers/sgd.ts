// Stochastic gradient descent with momentum, PyTorch's form, on any number of tensors in one buffer: buffer = momentum * buffer + g (the first buffer is
// g), step = buffer, or g + momentum * buffer with Nesterov.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

export interface SgdOptions {
  readonly momentum: number
  readonly nesterov: boolean
}

/** `buffer` null = the first step. The new buffer and the move, rate times direction, are the caller's: theta <- theta - move. */
export function sgdUpdate(
  device: Device,
  gradient: DeviceTensor,
  buffer: DeviceTensor | null,
  { momentum, nesterov }: SgdOptions,
  rate: number,
): { buffer: DeviceTensor; move: DeviceTensor } {
  const kept = buffer ? device.scale(buffer, momentum) : null
  const next = kept ? device.add(kept, gradient) : device.scale(gradient, 1)
  kept?.dispose()
  if (!nesterov) return { buffer: next, move: device.scale(next, rate) }
  const ahead = device.scale(next, momentum)
  const direction = device.add(gradient, ahead)
  const move = device.scale(direction, rate)
  ahead.dispose()
  direction.dispose()
  return { buffer: next, move }
}
