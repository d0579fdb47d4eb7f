// Adam (Kingma & Ba, ICLR 2015) as two pure functions, with PyTorch's order of bias corrections. State in, state and step direction out.
// The learning rate is the caller's: a number, or a tensor per element (PALM's paper variant, Eq. 8).
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { mix } from '#engine/compute/mix.ts'

export interface AdamState {
  readonly m: DeviceTensor
  readonly v: DeviceTensor
  /** How many gradients were folded in. */
  readonly count: number
}

const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

export function adamInit(device: Device, shape: readonly number[]): AdamState {
  return { m: device.fill(shape, 0), v: device.fill(shape, 0), count: 0 }
}

/** A new state and the direction: theta <- theta - lr * direction. Both are the caller's; the old state is not disposed. */
export function adamUpdate(
  device: Device,
  gradient: DeviceTensor,
  state: AdamState,
): { state: AdamState; direction: DeviceTensor } {
  const m = mix(device, state.m, gradient, beta1)
  const square = device.square(gradient)
  const v = mix(device, state.v, square, beta2)
  square.dispose()
  const count = state.count + 1
  const root = device.sqrt(v)
  const scaled = device.scale(root, 1 / Math.sqrt(1 - beta2 ** count))
  const denominator = device.addScalar(scaled, epsilon)
  const corrected = device.scale(m, 1 / (1 - beta1 ** count))
  const direction = device.div(corrected, denominator)
  for (const tensor of [root, scaled, denominator, corrected]) tensor.dispose()
  return { state: { m, v, count }, direction }
}

/** The direction of the first step of a new Adam: g / (|g| + eps), up to rounding. No state survives. */
export function firstAdamDirection(device: Device, gradient: DeviceTensor): DeviceTensor {
  const absolute = device.abs(gradient)
  const denominator = device.addScalar(absolute, epsilon)
  const direction = device.div(gradient, denominator)
  absolute.dispose()
  denominator.dispose()
  return direction
}
