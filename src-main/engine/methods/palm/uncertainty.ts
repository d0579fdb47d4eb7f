// PALM section 3.2, Eq. 1-4: how uncertain is each tensor? The gradient of the divergence between the (tempered) softmax and the uniform
// distribution; its L1 norm is the tensor's score Z. Small means certain means worth adapting.
import type { PalmOptions } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { uniformCrossEntropyGradient } from '#engine/compute/device-losses.ts'
import {
  argMaxRows,
  labelCrossEntropy,
  logSoftmax,
  uniformCrossEntropy,
  type LossAndGradient,
} from '#engine/compute/losses.ts'
import type { FlatLayout } from '#engine/methods/parts/flat-layout.ts'

/** Eq. 1, 2; the published code's is C times the paper's. In Table 7 the likelihood of the predicted label takes its place. */
export function divergence(
  logits: Float32Array,
  classes: number,
  { signal, variant, temperature }: PalmOptions,
): LossAndGradient {
  return signal === 'pseudo-label'
    ? labelCrossEntropy(logSoftmax(logits, classes), classes, argMaxRows(logits, classes))
    : uniformCrossEntropy(logits, classes, temperature, variant === 'paper' ? 'mean' : 'sum')
}

/** Its gradient by the logits, on the device where it needs no look at them. The caller's. */
export async function divergenceGradient(
  device: Device,
  logits: DeviceTensor,
  options: PalmOptions,
): Promise<DeviceTensor> {
  if (options.signal !== 'pseudo-label')
    return uniformCrossEntropyGradient(
      device,
      logits,
      options.temperature,
      options.variant === 'paper' ? 'mean' : 'sum',
    )
  const { gradient } = divergence(await device.read(logits), logits.shape[1] ?? 1, options)
  return device.fromArray(Float32Array.from(gradient), logits.shape)
}

/** Eq. 3: Z per tensor, [tensors]: the L1 norms of their gradients. */
export function uncertaintyScores(device: Device, layout: FlatLayout, gradient: DeviceTensor): DeviceTensor {
  const absolute = device.abs(gradient)
  const scores = layout.sums(absolute)
  absolute.dispose()
  return scores
}

/** Eq. 4: the tensors with Z <= eta adapt in this batch; the rest are frozen. */
export function selectTensors(names: readonly string[], scores: Float32Array, eta: number): Set<string> {
  return new Set(names.filter((_, i) => (scores[i] as number) <= eta))
}
