// What PALM, LAW and surgical fine-tuning share: a forward pass of the batch and one of its augmented view, and gradients through both.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward, type Tape } from '#engine/compute/graph.ts'
import type { Parameters } from '#engine/compute/op.ts'
import type { ViewRandom } from '#engine/augment/random.ts'
import { applyView, drawView } from '#engine/augment/view.ts'
import type { Model } from '#engine/models/model.ts'

/** The view of `pixels` ([0, 1]): drawn, or `stored` (0..255, for parity) in its place. The caller's. */
export function viewOf(
  device: Device,
  pixels: DeviceTensor,
  stored: DeviceTensor | undefined,
  random: ViewRandom,
): DeviceTensor {
  return stored
    ? device.scale(stored, 1 / 255)
    : applyView(device, pixels, drawView(random, pixels.shape[1] ?? 0, pixels.shape[2] ?? 0))
}

/** Adds two sets of gradients of the same tensors; takes both. */
export function sumGradients(
  device: Device,
  a: ReadonlyMap<string, DeviceTensor>,
  b: ReadonlyMap<string, DeviceTensor>,
): Map<string, DeviceTensor> {
  return new Map(
    [...a].map(([name, first]) => {
      const second = b.get(name) as DeviceTensor
      const sum = device.add(first, second)
      first.dispose()
      second.dispose()
      return [name, sum]
    }),
  )
}

/** A side's tape, which is spent, and the gradient of the loss with respect to its logits. */
export interface Side {
  readonly tape: Tape
  readonly gradient: Float64Array
}

/** Gradients of a loss on both sides' logits, summed; the tensors are the caller's. Later sides first: their tapes are freed first. */
export function backwardThrough(
  device: Device,
  sides: readonly Side[],
  shape: readonly number[],
  wanted: ReadonlySet<string>,
): Map<string, DeviceTensor> {
  let sums: Map<string, DeviceTensor> | null = null
  for (const { tape, gradient } of sides.toReversed()) {
    const dLogits = device.fromArray(Float32Array.from(gradient), shape)
    const gradients = tape.backward(dLogits, wanted, { last: true })
    sums = sums ? sumGradients(device, gradients, sums) : gradients
    dLogits.dispose()
  }
  return sums ?? new Map<string, DeviceTensor>()
}

/** A forward pass with the batch's own statistics whose way back is kept: its logits on the host, and their shape. */
interface TapedPass {
  readonly tape: Tape
  readonly logits: Float32Array // [N, C]
  readonly shape: readonly number[]
}

/** `pixels` in [0, 1]. */
export async function forwardWithTape(
  device: Device,
  model: Model,
  parameters: Parameters,
  pixels: DeviceTensor,
): Promise<TapedPass> {
  const { logits, tape } = forward(device, model.graph, parameters, pixels, { statistics: 'batch', tape: true })
  if (!tape) throw new Error('The pass has no tape')
  const { shape } = logits
  const values = await device.read(logits)
  logits.dispose()
  return { tape, logits: values, shape }
}

/** Gradients of a loss on the logits; the tape can be walked again. The tensors are the caller's. */
export function backwardOf(
  device: Device,
  { tape, shape }: TapedPass,
  gradient: Float64Array,
  wanted: ReadonlySet<string>,
): Map<string, DeviceTensor> {
  const dLogits = device.fromArray(Float32Array.from(gradient), shape)
  const gradients = tape.backward(dLogits, wanted, { last: false })
  dLogits.dispose()
  return gradients
}
