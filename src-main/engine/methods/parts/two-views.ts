// What PALM, LAW and surgical fine-tuning share: a forward pass of the batch and one of its augmented view, and gradients through both.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward, type ForwardOptions, type Tape } from '#engine/compute/graph.ts'
import type { Parameters } from '#engine/compute/op.ts'
import type { ViewRandom } from '#engine/augment/random.ts'
import { applyView, drawView } from '#engine/augment/view.ts'
import type { Model } from '#engine/models/model.ts'
import { packed, type AdaptedParameters } from './adapted-parameters.ts'

/** The view of `pixels` ([0, 1]): drawn, or `stored` (0..255, for parity) in its place. The caller's. */
export function viewOf(
  device: Device,
  pixels: DeviceTensor,
  stored: DeviceTensor | undefined,
  random: ViewRandom,
): DeviceTensor {
  return stored ? device.scale(stored, 1 / 255) : drawnViewOf(device, pixels, random).view
}

/** The same, drawn, and whether it is mirrored. */
export function drawnViewOf(
  device: Device,
  pixels: DeviceTensor,
  random: ViewRandom,
): { readonly view: DeviceTensor; readonly isMirrored: boolean } {
  const drawn = drawView(random, pixels.shape[1] ?? 0, pixels.shape[2] ?? 0)
  return { view: applyView(device, pixels, drawn), isMirrored: drawn.flip }
}

/** The sum of gradients in one buffer each; takes them. */
export function sumOf(device: Device, ...gradients: readonly DeviceTensor[]): DeviceTensor {
  const [first, ...rest] = gradients as [DeviceTensor, ...DeviceTensor[]]
  return rest.reduce((sum, gradient) => {
    const next = device.add(sum, gradient)
    sum.dispose()
    gradient.dispose()
    return next
  }, first)
}

/** A side's tape, which is spent, and the gradient of the loss with respect to its logits, which is taken. */
export interface Side {
  readonly tape: Tape
  readonly gradient: DeviceTensor
}

/** Gradients of a loss on both sides' logits, summed, in one buffer, which is the caller's. Later sides first: their tapes are freed first. */
export function backwardThrough(
  device: Device,
  parameters: AdaptedParameters,
  sides: readonly Side[],
  wanted: ReadonlySet<string>,
): DeviceTensor {
  const sums = sides.toReversed().map(({ tape, gradient }) => {
    const gradients = packed(parameters, tape.backward(gradient, wanted, { last: true }))
    gradient.dispose()
    return gradients
  })
  return sumOf(device, ...sums)
}

/** Numbers for the logits of several passes on the device, in one upload. */
export const uploaded = (
  device: Device,
  gradients: readonly Float64Array[],
  shape: readonly number[],
): DeviceTensor[] => device.fromArrays(gradients.map((gradient) => ({ data: Float32Array.from(gradient), shape })))

/** A forward pass whose way back is kept. */
export interface TapedPass {
  readonly tape: Tape
  readonly logits: DeviceTensor // [N, C], the caller's
}

/** `pixels` in [0, 1]; `normalizing`: otherwise than with the batch's statistics, and who hears of them. */
export function forwardWithTape(
  device: Device,
  model: Model,
  parameters: Parameters,
  pixels: DeviceTensor,
  normalizing: Partial<Pick<ForwardOptions, 'statistics' | 'onStatistics'>> = {},
): TapedPass {
  const { logits, tape } = forward(device, model.graph, parameters, pixels, {
    statistics: 'batch',
    ...normalizing,
    tape: true,
  })
  if (!tape) throw new Error('The pass has no tape')
  return { tape, logits }
}
