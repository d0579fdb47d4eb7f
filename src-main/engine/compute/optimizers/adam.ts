// Adam (Kingma & Ba, ICLR 2015) as PyTorch computes it, on any number of tensors in one buffer. State in, state and step direction out; the learning rate
// is the caller's.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/** What a step is made with: how much of the gradient and of its square is taken in, and the corrections of both moments' bias. */
export interface AdamNumbers {
  readonly share1: number
  readonly share2: number
  readonly scale1: number
  readonly scale2: number
}

/** The same as numbers, or as tensors that broadcast over the buffer. */
export interface AdamStep {
  readonly share1: number | DeviceTensor
  readonly share2: number | DeviceTensor
  readonly scale1: DeviceTensor
  readonly scale2: DeviceTensor
}

/** `count`: gradients folded in, with this one. Where there is none now, the moments stay. */
export function adamStep(count: number, folded: boolean): AdamNumbers {
  return {
    share1: folded ? 1 - beta1 : 0,
    share2: folded ? 1 - beta2 : 0,
    scale1: count > 0 ? 1 / (1 - beta1 ** count) : 1,
    scale2: count > 0 ? 1 / Math.sqrt(1 - beta2 ** count) : 1,
  }
}

/** Takes the step's tensors; new moments and the direction are the caller's, the old moments stay the caller's. */
export function adamUpdate(
  device: Device,
  gradient: DeviceTensor,
  m: DeviceTensor,
  v: DeviceTensor,
  step: AdamStep,
): { m: DeviceTensor; v: DeviceTensor; direction: DeviceTensor } {
  const square = device.square(gradient)
  const nextM = towards(device, m, gradient, step.share1)
  const nextV = towards(device, v, square, step.share2)
  const root = device.sqrt(nextV)
  const scaled = device.mul(root, step.scale2)
  const denominator = device.addScalar(scaled, epsilon)
  const corrected = device.mul(nextM, step.scale1)
  const direction = device.div(corrected, denominator)
  for (const tensor of [square, root, scaled, denominator, corrected]) tensor.dispose()
  for (const value of Object.values(step) as (number | DeviceTensor)[]) if (typeof value !== 'number') value.dispose()
  return { m: nextM, v: nextV, direction }
}

/** a + share (b - a) */
function towards(device: Device, a: DeviceTensor, b: DeviceTensor, share: number | DeviceTensor): DeviceTensor {
  const difference = device.sub(b, a)
  const move = typeof share === 'number' ? device.scale(difference, share) : device.mul(difference, share)
  const next = device.add(a, move)
  difference.dispose()
  move.dispose()
  return next
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
