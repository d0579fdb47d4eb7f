// EATA (Niu et al., ICML 2022): ETA, and a pull back to the source's weights where a Fisher estimate from source images says that they matter. Predictions
// are those from before the step.
import type { OptionsOf } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, labelCrossEntropy, logSoftmax } from '#engine/compute/losses.ts'
import type { Model } from '#engine/models/model.ts'
import { packed } from '#engine/methods/parts/adapted-parameters.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import { FlatState } from '#engine/methods/parts/flat-state.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import { optimizerOf } from '#engine/methods/parts/moments.ts'
import { sourceBatches, type SourceImages } from '#engine/methods/parts/source-images.ts'
import { Eta, etaMemorySchema, type Pulled } from './eta.ts'

export class Eata extends AdaptingMethod {
  readonly id = 'eata'
  private readonly options: OptionsOf<'eata'>
  private readonly eta: Eta
  /** Diagonal Fisher information of the source's weights. */
  private readonly fisher: FlatState
  private batches = 0

  constructor(device: Device, model: Model, options: OptionsOf<'eata'>) {
    super(device, model, { optimizer: optimizerOf(options), learningRate: options.learningRate })
    this.options = options
    this.eta = new Eta(this.adaptation, options)
    this.fisher = new FlatState(device, this.own, 'fisher', true)
    this.parts.push(this.fisher)
  }

  /** The squared gradient of each batch's mean cross entropy against the model's own labels, averaged over the batches. */
  async warmUp(source: SourceImages, batchSize: number): Promise<void> {
    const { device, model } = this
    if (this.options.fisherWeight === 0) return
    const batches = Math.ceil(Math.min(source.labels.length, this.options.fisherImages) / batchSize)
    for (const { pixels } of sourceBatches(device, source, batchSize, this.options.fisherImages)) {
      const pass = await this.pass(pixels)
      pixels.dispose()
      const loss = labelCrossEntropy(
        logSoftmax(pass.values, model.classes),
        model.classes,
        argMaxRows(pass.values, model.classes),
      )
      const gradient = packed(this.own, pass.gradients(loss.gradient))
      const square = device.square(gradient)
      const share = device.scale(square, 1 / batches)
      this.fisher.set(device.add(this.fisher.orZeros(), share))
      for (const tensor of [gradient, square, share]) tensor.dispose()
    }
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const result = await this.eta.step(x, (gradient) => this.pull(gradient))
    this.batches += 1
    return result
  }

  /** Towards the source's weights, by the Fisher information. @returns what it adds to the loss */
  private pull(gradient: DeviceTensor): Pulled {
    const { device, options } = this
    const fisher = this.fisher.get()
    if (!fisher) return { gradient, value: Promise.resolve(0) }
    const distance = device.sub(this.own.flat, this.own.source)
    const weighted = device.mul(fisher, distance)
    const product = device.mul(weighted, distance)
    const sums = this.own.layout.sums(product)
    const value = device.read(sums).then((each) => options.fisherWeight * each.reduce((sum, one) => sum + one, 0))
    const slope = device.scale(weighted, 2 * options.fisherWeight)
    const pulled = device.add(gradient, slope)
    for (const tensor of [distance, weighted, product, sums, slope, gradient]) tensor.dispose()
    return { gradient: pulled, value }
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
