// TENT (Wang, Shelhamer, Liu, Olshausen, Darrell, ICLR 2021), continual: entropy of all samples, Adam (ImageNet: SGD) on norm scale and shift, never
// reset by itself. COME (Zhang et al., ICLR 2025) puts the entropy of an opinion with an “I do not know” in its place, and SGD. Predictions are
// those from before the step.
import type { OptionsOf, TentOptions } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, entropies, keptEntropy, logSoftmax, type LossAndGradient } from '#engine/compute/losses.ts'
import { evidentialEntropies, weightedEvidentialEntropy } from '#engine/compute/evidential-entropy.ts'
import type { Model } from '#engine/models/model.ts'
import { adaptedReports } from '#engine/methods/parts/adapted-parameters.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { StepResult } from '#engine/methods/method.ts'
import { optimizerOf } from '#engine/methods/parts/moments.ts'

abstract class OneLoss extends AdaptingMethod {
  protected abstract loss(logits: Float32Array): LossAndGradient

  step(x: DeviceTensor): StepResult {
    const pixels = this.device.scale(x, 1 / 255)
    const { values, gradients } = this.pass(pixels)
    const loss = this.loss(values)
    this.move(gradients(loss.gradient))
    pixels.dispose()
    const { classes } = this.model
    return {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: { entropy: loss.value },
      keptMask: null,
      kept: null,
      ...adaptedReports(this.model, this.names, this.learningRate),
    }
  }

  protected memory(): null {
    return null
  }

  protected remember(): void {}
}

export class Tent extends OneLoss {
  readonly id = 'tent'

  constructor(device: Device, model: Model, options: TentOptions) {
    super(device, model, { optimizer: optimizerOf(options), learningRate: options.learningRate })
  }

  protected loss(logits: Float32Array): LossAndGradient {
    const log = logSoftmax(logits, this.model.classes)
    const entropy = entropies(log, this.model.classes)
    return keptEntropy(log, this.model.classes, entropy, new Array<boolean>(entropy.length).fill(true))
  }
}

export class Come extends OneLoss {
  readonly id = 'come'
  private readonly evidence: number

  constructor(device: Device, model: Model, { learningRate, momentum, evidence }: OptionsOf<'come'>) {
    super(device, model, { optimizer: { kind: 'sgd', momentum, nesterov: false }, learningRate })
    this.evidence = evidence ?? model.classes
  }

  protected loss(logits: Float32Array): LossAndGradient {
    const batch = evidentialEntropies(logits, this.model.classes, this.evidence).length
    return weightedEvidentialEntropy(logits, this.model.classes, this.evidence, new Float64Array(batch).fill(1 / batch))
  }
}
