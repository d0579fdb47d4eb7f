// COME: conservatively minimizing entropy (Zhang et al., ICLR 2025), on TENT: the entropy of belief masses with an “I do not know” takes the place of the
// softmax's, and SGD that of Adam. Predictions are those from before the step.
import type { OptionsOf } from '#contract/methods/methods.ts'
import type { Device } from '#engine/compute/device.ts'
import { weightedEvidentialEntropy } from '#engine/compute/evidential-entropy.ts'
import type { Method } from '#engine/methods/method.ts'
import { Adaptation, adaptingMethod } from '#engine/methods/parts/adaptation.ts'
import { isAffine, type Model } from '#engine/models/model.ts'

export function createCome(device: Device, model: Model, options: OptionsOf<'come'>): Method {
  const { learningRate, momentum, evidence } = options
  const layers = new Adaptation(device, model, {
    adapts: isAffine,
    optimizer: { kind: 'sgd', momentum, nesterov: false },
    learningRate,
  })

  return adaptingMethod('come', layers, async (x) => {
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const { values: logits, gradients } = await layers.pass(pixels, { statistics: 'batch' })
    const batch = logits.length / classes
    const loss = weightedEvidentialEntropy(
      logits,
      classes,
      evidence ?? classes,
      new Float64Array(batch).fill(1 / batch),
    )
    layers.move(gradients(loss.gradient))
    pixels.dispose()
    return layers.result(logits, { entropy: loss.value })
  })
}
