// ROID (Marsden, Doebler, Yang, WACV 2024): the soft likelihood ratio with consistency, and the weights drawn back to the source's after each step.
import type { OptionsOf } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import { optimizerOf } from '#engine/methods/parts/moments.ts'
import type { Model } from '#engine/models/model.ts'
import { LikelihoodRatio, type StoredView } from './likelihood-ratio.ts'

export class Roid extends AdaptingMethod {
  readonly id = 'roid'
  private readonly ratio: LikelihoodRatio
  private readonly keep: number

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'roid'>,
    seed: number,
    stored: StoredView | null = null,
  ) {
    super(device, model, { optimizer: optimizerOf(options), learningRate: options.learningRate })
    this.ratio = new LikelihoodRatio(this.adaptation, seed, stored)
    this.keep = options.sourceMomentum
  }

  step(x: DeviceTensor): Promise<StepResult> {
    return this.ratio.step(x, () => this.drawBack())
  }

  /** theta <- m theta + (1 - m) theta_source */
  private drawBack(): void {
    this.own.draw(this.own.source, this.keep)
  }

  protected memory(): JsonValue {
    return this.ratio.memory(0)
  }

  protected remember(memory: unknown): void {
    this.ratio.remember(memory)
  }
}
