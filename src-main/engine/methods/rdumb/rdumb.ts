// RDumb (Press et al., NeurIPS 2023): ETA that goes back to the source model after every so many batches. Predictions are those from before the step.
import type { OptionsOf } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { Eta, etaMemorySchema } from '#engine/methods/eata/eta.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import { optimizerOf } from '#engine/methods/parts/moments.ts'
import type { Model } from '#engine/models/model.ts'

export class Rdumb extends AdaptingMethod {
  readonly id = 'rdumb'
  private readonly eta: Eta
  private readonly period: number
  /** Since the beginning, which going back to the source does not undo. */
  private batches = 0

  constructor(device: Device, model: Model, options: OptionsOf<'rdumb'>) {
    super(device, model, { optimizer: optimizerOf(options), learningRate: options.learningRate })
    this.eta = new Eta(this.adaptation, { ...options, come: false })
    this.period = options.period
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const result = await this.eta.step(x, (gradient) => ({ gradient, value: Promise.resolve(0) }))
    const batches = this.batches + 1
    if (batches % this.period === 0) this.reset()
    this.batches = batches
    return result
  }

  protected memory(): JsonValue {
    return { mean: this.eta.mean, batches: this.batches }
  }

  protected remember(memory: unknown): void {
    const { mean, batches } = memory === null ? { mean: null, batches: 0 } : etaMemorySchema.parse(memory)
    this.eta.mean = mean
    this.batches = batches
  }
}
