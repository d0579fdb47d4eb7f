// TENT: fully test-time adaptation by entropy minimization (Wang, Shelhamer, Liu, Olshausen, Darrell, ICLR 2021), in its continual form, which is never
// reset by itself. The sections named are the paper's.
import type { OptionsOf } from '#contract/methods/methods.ts'
import type { Device } from '#engine/compute/device.ts'
import type { Method } from '#engine/methods/method.ts'
import { Adaptation, adaptingMethod } from '#engine/methods/parts/adaptation.ts'
import { meanEntropy } from '#engine/methods/parts/entropy.ts'
import { optimizerOf } from '#engine/methods/parts/moments.ts'
import { isAffine, type Model } from '#engine/models/model.ts'

export function createTent(device: Device, model: Model, options: OptionsOf<'tent'>): Method {
  // 3.2 Modulation parameters: of every norm layer the scale gamma and the shift beta adapt; all else is frozen.
  const layers = new Adaptation(device, model, {
    adapts: isAffine,
    optimizer: optimizerOf(options),
    learningRate: options.learningRate,
  })

  return adaptingMethod('tent', layers, async (x) => {
    const pixels = device.scale(x, 1 / 255)
    // 3.3 Forward: each norm layer normalises with the batch's own mean and variance. These logits are the prediction that is scored.
    const { values: logits, gradients } = await layers.pass(pixels, { statistics: 'batch' })
    // 3.1 Entropy objective: H = -sum_c p_c log p_c, the mean over the batch.
    const loss = meanEntropy(logits, model.classes)
    // 3.3 Backward: the gradients of gamma and beta, and one step of the optimizer, which the next batch sees.
    layers.move(gradients(loss.gradient))
    pixels.dispose()
    return layers.result(logits, { entropy: loss.value })
  })
}
