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

/**
 * Of all tensors in one buffer. `average` is S^ of the last time that each was selected; 0 = never. `alpha`: the share of S in S^, for each row;
 * 0 where the tensor is not selected now and its average stays, whose importance then means nothing. All four results are the caller's.
 */
export function sensitivityOf(
  device: Device,
  theta: DeviceTensor,
  gradient: DeviceTensor,
  average: DeviceTensor,
  alpha: DeviceTensor,
): Sensitivity {
  const product = device.mul(theta, gradient)
  const sensitivity = device.abs(product)
  const away = device.sub(sensitivity, average)
  const share = device.mul(away, alpha)
  const next = device.add(average, share)
  const difference = device.sub(sensitivity, next)
  const uncertainty = device.abs(difference)
  const above = device.addScalar(uncertainty, epsilon)
  const below = device.addScalar(next, epsilon)
  const importance = device.div(above, below)
  for (const tensor of [product, away, share, difference, above, below]) tensor.dispose()
  return { sensitivity, average: next, uncertainty, importance }
}
