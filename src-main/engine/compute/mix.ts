// The moving average that optimizers, teachers and filters share.
import type { Device, DeviceTensor } from './device.ts'

/** keep a + (1 - keep) b: a new tensor, the caller's. */
export function mix(device: Device, a: DeviceTensor, b: DeviceTensor, keep: number): DeviceTensor {
  const first = device.scale(a, keep)
  const second = device.scale(b, 1 - keep)
  const sum = device.add(first, second)
  first.dispose()
  second.dispose()
  return sum
}
