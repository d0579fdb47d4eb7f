// PALM section 3.3, Eq. 5-7: how sensitive is the divergence to each element, how much did that change, and so how important is the
// element now? S = |theta * dL|, its moving average S^, the uncertainty D = |S - S^|, the importance D / S^ (eps on both sides).
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

const epsilon = 1e-8

export interface Sensitivity {
  readonly sensitivity: DeviceTensor // S
  readonly average: DeviceTensor // S^, to be kept
  readonly uncertainty: DeviceTensor // D
  readonly importance: DeviceTensor // (D + eps) / (S^ + eps)
}

/** `average` is S^ of the last time that the tensor was selected; null = never, which counts as 0. All four results are the caller's. */
export function sensitivityOf(
  device: Device,
  theta: DeviceTensor,
  gradient: DeviceTensor,
  average: DeviceTensor | null,
  alpha: number,
): Sensitivity {
  const product = device.mul(theta, gradient)
  const sensitivity = device.abs(product)
  product.dispose()
  const fresh = device.scale(sensitivity, alpha)
  let next = fresh
  if (average) {
    const kept = device.scale(average, 1 - alpha)
    next = device.add(kept, fresh)
    kept.dispose()
    fresh.dispose()
  }
  const difference = device.sub(sensitivity, next)
  const uncertainty = device.abs(difference)
  const above = device.addScalar(uncertainty, epsilon)
  const below = device.addScalar(next, epsilon)
  const importance = device.div(above, below)
  for (const tensor of [difference, above, below]) tensor.dispose()
  return { sensitivity, average: next, uncertainty, importance }
}
