// PALM section 3.3, Eq. 5-7: how sensitive is the divergence to each element, how much did that change, and so how important is the
// element now? S = |theta * dL|, its moving average S^, the uncertainty D = |S - S^|, the importance D / S^ (eps on both sides).
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

const epsilon = 1e-8

export interface Sensitivity {
  readonly sensitivity: DeviceTensor // S
  readonly average: DeviceTensor // S^, to be kept
  readonly uncertainty: DeviceTensor // D
  /** The importance less 1, (D - S^) / (S^ + eps): 0 where there is no tensor, so that it can be summed. */
  readonly excess: DeviceTensor
}

/**
 * Of all tensors in one buffer. `average` is S^ of the last time that each was selected; 0 = never. `alpha`: the share of S in S^, for each row;
 * 0 where the tensor is not selected now and its average stays, whose excess then means nothing. All four results are the caller's.
 */
export function sensitivityOf(
  device: Device,
  theta: DeviceTensor,
  gradient: DeviceTensor,
  average: DeviceTensor,
  alpha: DeviceTensor,
): Sensitivity {
  const product = device.mul(theta, gradient)
  const sensitivity = spent(device.abs(product), product)
  const away = device.sub(sensitivity, average)
  const share = spent(device.mul(away, alpha), away)
  const next = spent(device.add(average, share), share)
  const difference = device.sub(sensitivity, next)
  const uncertainty = spent(device.abs(difference), difference)
  const above = device.sub(uncertainty, next)
  const below = device.addScalar(next, epsilon)
  const excess = spent(device.div(above, below), above)
  below.dispose()
  return { sensitivity, average: next, uncertainty, excess }
}

/** What was made of something that nobody needs any more. */
function spent(made: DeviceTensor, of: DeviceTensor): DeviceTensor {
  of.dispose()
  return made
}

/** The importance of every element, (D + eps) / (S^ + eps); the caller's. */
export function importanceOf(
  device: Device,
  { uncertainty, average }: Pick<Sensitivity, 'uncertainty' | 'average'>,
): DeviceTensor {
  const above = device.addScalar(uncertainty, epsilon)
  const below = device.addScalar(average, epsilon)
  const importance = device.div(above, below)
  above.dispose()
  below.dispose()
  return importance
}
