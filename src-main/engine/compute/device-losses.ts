// Gradients of losses by the logits, on the device: where a step needs no look at them, it does not wait for them. Values, and losses that choose among
// samples, are computed on the host (losses.ts).
import type { Device, DeviceTensor } from './device.ts'

/** Of the mean entropy of the rows' softmax: -p (log p + H) / batch, where log p + H = z - sum p z for logits z. */
export function meanEntropyGradient(device: Device, logits: DeviceTensor): DeviceTensor {
  const p = device.softmax(logits)
  const product = device.mul(p, logits)
  const mean = device.sum(product, [1], true)
  const above = device.sub(logits, mean)
  const slope = device.mul(p, above)
  const gradient = device.scale(slope, -1 / (logits.shape[0] ?? 1))
  for (const tensor of [p, product, mean, above, slope]) tensor.dispose()
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
