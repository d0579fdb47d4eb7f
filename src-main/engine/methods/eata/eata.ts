// EATA (Niu et al., ICML 2022): entropy of the samples that are confident and differ from what was seen, weighted by confidence, and a pull back
// to the source's weights by a Fisher estimate from source images; without that pull it is ETA. RDumb (Press et al., NeurIPS 2023) is ETA that goes
// back to the source model after every so many batches. Predictions are those from before the step.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, labelCrossEntropy, logSoftmax } from '#engine/compute/losses.ts'
import { uncertaintyOf } from '#engine/compute/evidential-entropy.ts'
import type { Model } from '#engine/models/model.ts'
import { adaptedReports } from '#engine/methods/parts/adapted-parameters.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import { NamedTensors, optimizerOf } from '#engine/methods/parts/moments.ts'
import { sourceBatches, type SourceImages } from '#engine/methods/parts/source-images.ts'

const memorySchema = z.object({ mean: z.array(z.number()).nullable(), batches: z.number().int().nonnegative() })

abstract class Eta extends AdaptingMethod {
  private readonly margin: number
  private readonly similarity: number
  private readonly come: boolean
  /** Moving average of the used samples' probabilities. */
  private mean: readonly number[] | null = null
  private batches = 0

  constructor(device: Device, model: Model, options: OptionsOf<'eata'> | OptionsOf<'rdumb'>) {
    super(device, model, { optimizer: optimizerOf(options), learningRate: options.learningRate })
    this.margin = options.margin ?? 0.4 * Math.log(model.classes)
    this.similarity = options.similarity
    this.come = options.method === 'eata' && options.come
  }

  /** Adds to the gradients of the step's loss. @returns what is added to the loss */
  protected pull(_gradients: Map<string, DeviceTensor>): number {
    return 0
  }

  step(x: DeviceTensor): StepResult {
    const { classes } = this.model
    const pixels = this.device.scale(x, 1 / 255)
    const { values, gradients, drop } = this.pass(pixels)
    pixels.dispose()
    const probabilities = logSoftmax(values, classes).map(Math.exp)
    const { entropy, weighted } = uncertaintyOf(values, classes, this.come)
    const used = Array.from(
      entropy,
      (h, b) => h < this.margin && this.differs(probabilities.subarray(b * classes, (b + 1) * classes)),
    )
    const count = used.filter(Boolean).length
    const loss = weighted(Float64Array.from(entropy, (h, b) => (used[b] ? Math.exp(this.margin - h) / count : 0)))
    let pulled = 0
    if (count > 0) {
      const found = gradients(loss.gradient)
      pulled = this.pull(found)
      this.move(found)
      this.average(probabilities, used, count)
    } else drop()
    const result: StepResult = {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: count > 0 ? { total: loss.value + pulled } : {},
      keptMask: used,
      kept: count,
      ...adaptedReports(this.model, this.names, this.learningRate),
    }
    this.batches += 1
    this.after(this.batches)
    return result
  }

  protected after(_batches: number): void {}

  /** Whether the cosine with the average is small enough; with no average yet, always. */
  private differs(p: Float64Array): boolean {
    if (!this.mean) return true
    let product = 0
    let a = 0
    let b = 0
    for (let c = 0; c < p.length; c++) {
      product += (this.mean[c] as number) * (p[c] as number)
      a += (this.mean[c] as number) ** 2
      b += (p[c] as number) ** 2
    }
    return Math.abs(product / Math.sqrt(a * b)) < this.similarity
  }

  private average(probabilities: Float64Array, used: readonly boolean[], count: number): void {
    const { classes } = this.model
    const fresh = new Array<number>(classes).fill(0)
    for (const [b, kept] of used.entries())
      if (kept)
        for (let c = 0; c < classes; c++)
          fresh[c] = (fresh[c] as number) + (probabilities[b * classes + c] as number) / count
    this.mean = this.mean ? this.mean.map((m, c) => 0.9 * m + 0.1 * (fresh[c] as number)) : fresh
  }

  protected memory(): JsonValue {
    return { mean: this.mean, batches: this.batches }
  }

  protected remember(memory: unknown): void {
    const { mean, batches } = memory === null ? { mean: null, batches: 0 } : memorySchema.parse(memory)
    this.mean = mean
    this.batches = batches
  }

  /** Batches since the beginning, which going back to the source does not undo. */
  protected count(batches: number): void {
    this.batches = batches
  }
}

export class Eata extends Eta {
  readonly id = 'eata'
  private readonly options: OptionsOf<'eata'>
  /** Diagonal Fisher information of the source's weights. */
  private readonly fisher: NamedTensors

  constructor(device: Device, model: Model, options: OptionsOf<'eata'>) {
    super(device, model, options)
    this.options = options
    this.fisher = new NamedTensors(this.own, 'fisher', true)
    this.parts.push(this.fisher)
  }

  /** The squared gradient of each batch's mean cross entropy against the model's own labels, averaged over the batches. */
  warmUp(source: SourceImages, batchSize: number): void {
    const { device, model } = this
    if (this.options.fisherWeight === 0) return
    const batches = Math.ceil(Math.min(source.labels.length, this.options.fisherImages) / batchSize)
    for (const { pixels } of sourceBatches(device, source, batchSize, this.options.fisherImages)) {
      const { values, gradients } = this.pass(pixels)
      pixels.dispose()
      const loss = labelCrossEntropy(
        logSoftmax(values, model.classes),
        model.classes,
        argMaxRows(values, model.classes),
      )
      for (const [name, gradient] of gradients(loss.gradient)) {
        const square = device.square(gradient)
        const share = device.scale(square, 1 / batches)
        const before = this.fisher.get(name)
        this.fisher.set(name, before ? device.add(before, share) : device.scale(share, 1))
        for (const tensor of [gradient, square, share]) tensor.dispose()
      }
    }
  }

  protected override pull(gradients: Map<string, DeviceTensor>): number {
    const { device, model, options } = this
    let value = 0
    for (const name of this.names) {
      const fisher = this.fisher.get(name)
      const gradient = gradients.get(name)
      if (!fisher || !gradient) continue
      const distance = device.sub(this.own.get(name), model.parameters.get(name) as DeviceTensor)
      const weighted = device.mul(fisher, distance)
      const product = device.mul(weighted, distance)
      const sum = device.sum(product)
      value += options.fisherWeight * (device.read(sum)[0] as number)
      const slope = device.scale(weighted, 2 * options.fisherWeight)
      gradients.set(name, device.add(gradient, slope))
      for (const tensor of [distance, weighted, product, sum, slope, gradient]) tensor.dispose()
    }
    return value
  }
}

export class Rdumb extends Eta {
  readonly id = 'rdumb'
  private readonly period: number

  constructor(device: Device, model: Model, options: OptionsOf<'rdumb'>) {
    super(device, model, options)
    this.period = options.period
  }

  protected override after(batches: number): void {
    if (batches % this.period !== 0) return
    this.reset()
    this.count(batches)
  }
}
