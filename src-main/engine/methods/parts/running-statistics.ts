// A method's own running statistics of the norm layers: what changes them, and a listener that does it during a pass.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { mix } from '#engine/compute/mix.ts'
import type { StatisticsListener } from '#engine/compute/op.ts'
import type { AdaptedParameters } from './adapted-parameters.ts'

/** running <- (1 - share) running + share * what the pass saw; share 1 takes it over. */
export function follow(device: Device, parameters: AdaptedParameters, share: number): StatisticsListener {
  const update = (name: string | undefined, seen: DeviceTensor) => {
    if (name) parameters.set(name, mix(device, parameters.get(name), seen, 1 - share))
  }
  return (node, mean, variance) => {
    update(node.params.mean, mean)
    update(node.params.variance, variance)
  }
}
