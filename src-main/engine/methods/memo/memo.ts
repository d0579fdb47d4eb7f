// MEMO (Zhang, Levine, Finn, NeurIPS 2022): for each image alone, one step on the entropy of the mean prediction over many AugMix views, then its
// prediction, then everything is forgotten. All weights adapt. Each image costs as many forward and backward passes as it has views.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import { augMix } from '#engine/augment/augmix.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, logSoftmax } from '#engine/compute/losses.ts'
import type { Model } from '#engine/models/model.ts'
import { adaptedReports } from '#engine/methods/parts/adapted-parameters.ts'
import { isWeight } from '#engine/methods/parts/adaptation.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { JsonValue, NamedArray, StepResult } from '#engine/methods/method.ts'

const memorySchema = z.object({ random: viewRandomStateSchema })

/** Stored views in place of drawn ones, and a look at the weights that each image is predicted with: for parity. */
interface MemoStage {
  /** Pixels 0..255, lent by the caller. */
  views(image: number): DeviceTensor
  adapted(image: number, loss: number, parameters: ReadonlyMap<string, NamedArray>): void
}

export class Memo extends AdaptingMethod {
  readonly id = 'memo'
  private readonly options: OptionsOf<'memo'>
  private readonly seed: number
  private readonly stage: MemoStage | null
  private random: ViewRandom

  constructor(device: Device, model: Model, options: OptionsOf<'memo'>, seed: number, stage: MemoStage | null = null) {
    super(device, model, {
      optimizer: { kind: 'sgd', momentum: options.nesterov ? 0.9 : 0, nesterov: options.nesterov },
      learningRate: options.learningRate,
      adapts: isWeight,
    })
    this.options = options
    this.seed = seed
    this.stage = stage
    this.random = new ViewRandom(seed)
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const { device, model } = this
    const { classes } = model
    const [n = 0, height = 0, width = 0] = x.shape
    const bytes = await device.read(x)
    const size = height * width * 3
    const logits = new Float32Array(n * classes)
    let loss = 0
    for (let i = 0; i < n; i++) {
      const image = bytes.subarray(i * size, (i + 1) * size)
      const views = this.stage ? device.scale(this.stage.views(i), 1) : this.viewsOf(image, height, width)
      loss += (await this.adapt(views)) / n
      views.dispose()
      const alone = device.fromArray(image, [1, height, width, 3])
      const pixels = device.scale(alone, 1 / 255)
      logits.set((await this.predict(pixels, { statistics: { batchShare: this.options.alpha } })).values, i * classes)
      alone.dispose()
      pixels.dispose()
      if (this.stage) this.stage.adapted(i, loss * n, await this.own.export())
      this.own.reset()
      this.optimizer.clear()
    }
    return {
      logits,
      classes,
      predictions: argMaxRows(logits, classes),
      losses: { entropy: loss },
      keptMask: null,
      kept: null,
      ...adaptedReports(model, this.names, this.learningRate),
      adaptedShare: 1,
    }
  }

  private viewsOf(image: Float32Array, height: number, width: number): DeviceTensor {
    const count = this.options.augmentations
    const data = Uint8Array.from(image)
    const views = new Float32Array(count * image.length)
    for (let k = 0; k < count; k++) views.set(augMix({ data, height, width }, this.random), k * image.length)
    return this.device.fromArray(views, [count, height, width, 3])
  }

  /** One step on the entropy of the mean of the views' probabilities. @returns that entropy */
  private async adapt(views: DeviceTensor): Promise<number> {
    const { device, model } = this
    const { classes } = model
    const pixels = device.scale(views, 1 / 255)
    const { values, gradients } = await this.pass(pixels, { statistics: { batchShare: this.options.alpha } })
    pixels.dispose()
    const log = logSoftmax(values, classes)
    const count = log.length / classes
    const mean = new Float64Array(classes)
    for (const [i, value] of log.entries()) mean[i % classes] = (mean[i % classes] as number) + Math.exp(value) / count
    let entropy = 0
    for (const p of mean) if (p > 0) entropy -= p * Math.log(p)
    const gradient = new Float64Array(log.length)
    for (let row = 0; row < log.length; row += classes) {
      let along = 0
      for (let c = 0; c < classes; c++) along += Math.exp(log[row + c] as number) * Math.log(mean[c] as number)
      for (let c = 0; c < classes; c++)
        gradient[row + c] = (-Math.exp(log[row + c] as number) * (Math.log(mean[c] as number) - along)) / count
    }
    this.move(gradients(gradient))
    return entropy
  }

  protected memory(): JsonValue {
    return { random: this.random.state() }
  }

  protected remember(memory: unknown): void {
    this.random = new ViewRandom(this.seed)
    if (memory !== null) this.random.restore(memorySchema.parse(memory).random)
  }
}
