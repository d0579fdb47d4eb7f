// Stochastic gradient descent with momentum as two pure functions, PyTorch's form: buffer = momentum * buffer + g (the first buffer is g),
// step = buffer, or g + momentum * buffer with Nesterov.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

export interface SgdState {
  readonly buffer: DeviceTensor | null
}

export interface SgdOptions {
  readonly momentum: number
  readonly nesterov: boolean
}

export const sgdInit = (): SgdState => ({ buffer: null })

/** A new state and the direction: theta <- theta - lr * direction. Both are the caller's; the old state is not disposed. */
export function sgdUpdate(
  device: Device,
  gradient: DeviceTensor,
  state: SgdState,
  options: SgdOptions,
): { state: SgdState; direction: DeviceTensor } {
  const kept = state.buffer ? device.scale(state.buffer, options.momentum) : null
  const buffer = kept ? device.add(kept, gradient) : device.scale(gradient, 1)
  kept?.dispose()
  if (!options.nesterov) return { state: { buffer }, direction: device.scale(buffer, 1) }
  const ahead = device.scale(buffer, options.momentum)
  const direction = device.add(gradient, ahead)
  ahead.dispose()
  return { state: { buffer }, direction }
}
