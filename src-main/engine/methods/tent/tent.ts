// TENT: fully test-time adaptation by entropy minimization (Wang, Shelhamer, Liu, Olshausen, Darrell, ICLR 2021), in its continual form, which is never
// reset by itself. The sections named are the paper's.
import type { OptionsOf } from '#contract/methods/methods.ts'
import type { Device } from '#engine/compute/device.ts'
import { meanEntropyGradient } from '#engine/compute/device-losses.ts'
import type { Method } from '#engine/methods/method.ts'
import { Adaptation, adaptingMethod } from '#engine/methods/parts/adaptation.ts'
import { meanEntropy } from '#engine/methods/parts/entropy.ts'
import { optimizerOf } from '#engine/methods/parts/moments.ts'
import { forwardWithTape } from '#engine/methods/parts/two-views.ts'
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
    const { logits, tape } = forwardWithTape(device, model, layers.own.view, pixels)
    // 3.1 Entropy objective: H = -sum_c p_c log p_c, the mean over the batch.
    const gradient = meanEntropyGradient(device, logits)
    // 3.3 Backward: the gradients of gamma and beta, and one step of the optimizer, which the next batch sees.
    layers.move(tape.backward(gradient, new Set(layers.names), { last: true }))
    // All is under way: the one wait of the step.
    const reading = device.read(logits)
    for (const tensor of [pixels, logits, gradient]) tensor.dispose()
    const values = await reading
    return layers.result(values, { entropy: meanEntropy(values, model.classes).value })
  })
}
