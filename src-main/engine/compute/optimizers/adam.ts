// Adam (Kingma & Ba, ICLR 2015) as PyTorch computes it, on any number of tensors in one buffer. State in, state and step direction out; the learning rate
// is the caller's.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

const beta1 = 0.9
const beta2 = 0.999
const epsilon = 1e-8

/**
 * What a step is made with: how much of the gradient and of its square is taken in; and with the corrections of both moments' bias in them, the factor of
 * m / (sqrt(v) + epsilon) and that epsilon.
 */
export interface AdamNumbers {
  readonly share1: number
  readonly share2: number
  readonly factor: number
  readonly epsilon: number
}

/** The same as numbers, or as tensors that broadcast over the buffer. */
export interface AdamStep {
  readonly share1: number | DeviceTensor
  readonly share2: number | DeviceTensor
  readonly factor: DeviceTensor
  readonly epsilon: DeviceTensor
}

/** `count`: gradients folded in, with this one. Where there is none now, the moments stay. */
export function adamStep(count: number, folded: boolean, rate: number): AdamNumbers {
  const root = count > 0 ? Math.sqrt(1 - beta2 ** count) : 1
  return {
    share1: folded ? 1 - beta1 : 0,
    share2: folded ? 1 - beta2 : 0,
    factor: (rate * root) / (count > 0 ? 1 - beta1 ** count : 1),
    epsilon: epsilon * root,
  }
}

/** Takes the step's tensors; new moments and the move (rate times direction) are the caller's, the old moments stay the caller's. */
export function adamUpdate(
  device: Device,
  gradient: DeviceTensor,
  m: DeviceTensor,
  v: DeviceTensor,
  step: AdamStep,
): { m: DeviceTensor; v: DeviceTensor; move: DeviceTensor } {
  const square = device.square(gradient)
  const nextM = towards(device, m, gradient, step.share1)
  const nextV = towards(device, v, square, step.share2)
  const root = device.sqrt(nextV)
  const below = device.add(root, step.epsilon)
  const above = device.mul(nextM, step.factor)
  const move = device.div(above, below)
  for (const tensor of [square, root, below, above]) tensor.dispose()
  for (const value of Object.values(step) as (number | DeviceTensor)[]) if (typeof value !== 'number') value.dispose()
  return { m: nextM, v: nextV, move }
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
