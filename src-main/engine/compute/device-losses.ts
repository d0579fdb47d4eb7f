// Gradients of losses by the logits, on the device: where a step needs no look at them, it does not wait for them. Values, and losses that choose among
// samples, are computed on the host (losses.ts).
import type { Device, DeviceTensor } from './device.ts'

/** Of the mean entropy of the rows' softmax: -p (log p + H) / batch. */
export function meanEntropyGradient(device: Device, logits: DeviceTensor): DeviceTensor {
  const log = device.logSoftmax(logits)
  const p = device.exp(log)
  const product = device.mul(p, log)
  const negativeEntropy = device.sum(product, [1], true)
  const above = device.sub(log, negativeEntropy)
  const slope = device.mul(p, above)
  const gradient = device.scale(slope, -1 / (logits.shape[0] ?? 1))
  for (const tensor of [log, p, product, negativeEntropy, above, slope]) tensor.dispose()
  return gradient
}

/** Of `uniformCrossEntropy` (PALM Eq. 2): weight (C softmax(logits / T) - 1) / (batch T). */
export function uniformCrossEntropyGradient(
  device: Device,
  logits: DeviceTensor,
  temperature: number,
  scale: 'sum' | 'mean',
): DeviceTensor {
  const [batch = 1, classes = 1] = logits.shape
  const weight = (scale === 'sum' ? 1 : 1 / classes) / (batch * temperature)
  const tempered = device.scale(logits, 1 / temperature)
  const p = device.softmax(tempered)
  const slope = device.scale(p, weight * classes)
  const gradient = device.addScalar(slope, -weight)
  for (const tensor of [tempered, p, slope]) tensor.dispose()
  return gradient
}
