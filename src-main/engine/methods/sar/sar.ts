// SAR (Niu et al., ICLR 2023): entropy of the confident samples, at the weights a small step uphill from where they are, so that the step looks
// for flat places; back to the source model when the averaged loss has become suspiciously small. Predictions are those of the first pass.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, type LossAndGradient } from '#engine/compute/losses.ts'
import { uncertaintyOf } from '#engine/compute/evidential-entropy.ts'
import { isAffine, isLate, type Model } from '#engine/models/model.ts'
import { adaptedReports, packed } from '#engine/methods/parts/adapted-parameters.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'

const memorySchema = z.object({ average: z.number().nullable() })

export class Sar extends AdaptingMethod {
  readonly id = 'sar'
  private readonly options: OptionsOf<'sar'>
  /** Moving average of the second pass's loss. */
  private average: number | null = null

  constructor(device: Device, model: Model, options: OptionsOf<'sar'>) {
    const { learningRate, momentum } = options
    // The last stage of an ImageNet ResNet stays; CIFAR networks have none of that name.
    super(device, model, {
      optimizer: { kind: 'sgd', momentum, nesterov: false },
      learningRate,
      adapts: (info) => isAffine(info) && !isLate(info),
    })
    this.options = options
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const { device, model } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const first = await this.pass(pixels)
    const confident = this.confident(first.values, null)
    const before = this.climb(packed(this.own, first.gradients(confident.gradient)))
    const second = await this.pass(pixels)
    pixels.dispose()
    const still = this.confident(second.values, confident.used)
    const gradients = second.gradients(still.gradient)
    this.own.setFlat(before)
    this.move(gradients)
    const count = still.used.filter(Boolean).length
    if (count > 0) this.average = this.average === null ? still.value : 0.9 * this.average + 0.1 * still.value
    const result: StepResult = {
      logits: first.values,
      classes,
      predictions: argMaxRows(first.values, classes),
      losses: {
        entropy: confident.value,
        total: still.value,
        ...(this.average === null ? {} : { average: this.average }),
      },
      keptMask: still.used,
      kept: count,
      ...adaptedReports(model, this.names, this.learningRate),
    }
    if (
      this.average !== null &&
      this.average < (this.options.resetBelow ?? (0.2 * Math.log(classes)) / Math.log(1000))
    ) {
      this.own.reset() // the published code's momentum lives on
      this.average = null
    }
    return result
  }

  /** Mean entropy over the samples below the margin (of `among`, where given). */
  private confident(values: Float32Array, among: readonly boolean[] | null): LossAndGradient & { used: boolean[] } {
    const { classes } = this.model
    const uncertainty = uncertaintyOf(values, classes, this.options.come)
    const margin = this.options.margin ?? 0.4 * Math.log(classes)
    const used = Array.from(uncertainty.entropy, (h, b) => h < margin && (among === null || among[b] === true))
    const count = used.filter(Boolean).length
    return { ...uncertainty.weighted(Float64Array.from(used, (one) => (one ? 1 / count : 0))), used }
  }

  /** Weights + radius * g / |g|, |g| over all tensors together; takes the gradients. @returns a copy of the weights as they were */
  private climb(gradient: DeviceTensor): DeviceTensor {
    const { device, own } = this
    const square = device.square(gradient)
    const sums = own.layout.sums(square)
    const sum = device.sum(sums)
    const norm = device.sqrt(sum)
    const safe = device.addScalar(norm, 1e-12)
    const unit = device.div(gradient, safe)
    const before = device.scale(own.flat, 1)
    own.shift(device.scale(unit, -this.options.radius))
    for (const tensor of [gradient, square, sums, sum, norm, safe, unit]) tensor.dispose()
    return before
  }

  protected memory(): JsonValue {
    return { average: this.average }
  }

  protected remember(memory: unknown): void {
    this.average = memory === null ? null : memorySchema.parse(memory).average
  }
}
