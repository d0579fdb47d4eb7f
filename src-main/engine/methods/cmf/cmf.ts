// CMF (Lee, Chang, ICLR 2024): ROID's losses; the weights are drawn to a hidden average of them, which a Kalman filter keeps between them and the source's.
import type { OptionsOf } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { mix } from '#engine/compute/mix.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import { FlatState } from '#engine/methods/parts/flat-state.ts'
import { optimizerOf } from '#engine/methods/parts/moments.ts'
import { LikelihoodRatio, type StoredView } from '#engine/methods/roid/likelihood-ratio.ts'
import type { Model } from '#engine/models/model.ts'

export class Cmf extends AdaptingMethod {
  readonly id = 'cmf'
  private readonly ratio: LikelihoodRatio
  private readonly options: OptionsOf<'cmf'>
  private readonly hidden: FlatState
  /** Of the filter. */
  private variance = 0

  constructor(device: Device, model: Model, options: OptionsOf<'cmf'>, seed: number, stored: StoredView | null = null) {
    super(device, model, { optimizer: optimizerOf(options), learningRate: options.learningRate })
    this.ratio = new LikelihoodRatio(this.adaptation, seed, stored)
    this.options = options
    this.hidden = new FlatState(device, this.own, 'hidden')
    this.parts.push(this.hidden)
  }

  step(x: DeviceTensor): Promise<StepResult> {
    return this.ratio.step(x, () => this.drawBack())
  }

  private drawBack(): void {
    const { device, options } = this
    const q = Math.min(0.999, (options.q * this.names.reduce((sum, name) => sum + this.own.elements(name), 0)) / 38_400)
    this.variance = options.alpha ** 2 * this.variance + q
    const gain = Math.max(0.89, (1 - q) / (this.variance + 1 - q))
    const beta = gain >= 0.9999 ? 1 : gain
    this.variance *= beta
    const { source } = this.own
    const predicted = mix(device, this.hidden.get() ?? source, source, options.alpha)
    const hidden = mix(device, predicted, this.own.flat, beta)
    predicted.dispose()
    this.own.draw(hidden, options.gamma)
    this.hidden.set(hidden)
  }

  protected memory(): JsonValue {
    return this.ratio.memory(this.variance)
  }

  protected remember(memory: unknown): void {
    this.variance = this.ratio.remember(memory)
  }
}
