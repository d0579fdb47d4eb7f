// PALM section 3.2, Eq. 1-4: how uncertain is each tensor? The gradient of the divergence between the (tempered) softmax and the uniform
// distribution; its L1 norm is the tensor's score Z. Small means certain means worth adapting.
import type { PalmOptions } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import {
  argMaxRows,
  labelCrossEntropy,
  logSoftmax,
  uniformCrossEntropy,
  type LossAndGradient,
} from '#engine/compute/losses.ts'

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

/** Eq. 3: Z per tensor, in the order of `names`. One read from the device. */
export async function uncertaintyScores(
  device: Device,
  names: readonly string[],
  gradients: ReadonlyMap<string, DeviceTensor>,
): Promise<Map<string, number>> {
  const scores = await device.sumAbsMany(names.map((name) => gradients.get(name) as DeviceTensor))
  return new Map(names.map((name, i) => [name, scores[i] as number]))
}

/** Eq. 4: the tensors with Z <= eta adapt in this batch; the rest are frozen. */
export function selectTensors(scores: ReadonlyMap<string, number>, eta: number): Set<string> {
  return new Set([...scores].filter(([, score]) => score <= eta).map(([name]) => name))
}
