// LARS (You, Gitman, Ginsburg, 2017): each tensor's step is a fixed share of its norm, with momentum. Vectors are scaled like all others.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

export const larsTrust = 1e-3
const momentum = 0.9

/**
 * buffer <- 0.9 buffer + rate * trust |w| / (|g| + decay |w|) * (g + decay w); theta moves by the buffer. The result is the caller's.
 * `weight`, `slope`: |w| and |g|.
 */
export function larsUpdate(
  device: Device,
  theta: DeviceTensor,
  gradient: DeviceTensor,
  buffer: DeviceTensor | null,
  [weight, slope]: readonly [weight: number, slope: number],
  rate: number,
  weightDecay: number,
): DeviceTensor {
  const local = weight > 0 && slope > 0 ? (larsTrust * weight) / (slope + weightDecay * weight) : 1
  const decay = device.scale(theta, weightDecay)
  const whole = device.add(gradient, decay)
  const step = device.scale(whole, rate * local)
  const kept = buffer ? device.scale(buffer, momentum) : null
  const next = kept ? device.add(kept, step) : device.scale(step, 1)
  for (const tensor of [decay, whole, step, kept]) tensor?.dispose()
  return next
}
