// RDumb (Press et al., NeurIPS 2023): ETA (Niu et al., ICML 2022: confident samples that differ from what was seen, weighted by confidence) that
// goes back to the source model after every so many batches. Predictions are those from before the step.
import { z } from 'zod'
import type { RdumbOptions } from '../../contract/run-options.ts'
import type { Device, DeviceTensor } from '../compute/device.ts'
import { argMaxRows, entropies, logSoftmax, weightedEntropy } from '../compute/losses.ts'
import type { Model } from '../models/model.ts'
import { adaptedReports } from './adapted-parameters.ts'
import { BatchNormMethod } from './batch-norm-method.ts'
import type { JsonValue, StepResult } from './method.ts'
import { optimizerOf } from './moments.ts'

const memorySchema = z.object({ mean: z.array(z.number()).nullable(), batches: z.number().int().nonnegative() })

export class Rdumb extends BatchNormMethod {
  readonly id = 'rdumb'
  private readonly options: RdumbOptions
  /** Moving average of the used samples' probabilities. */
  private mean: readonly number[] | null = null
  private batches = 0

  constructor(device: Device, model: Model, options: RdumbOptions) {
    super(device, model, { optimizer: optimizerOf(options), learningRate: options.learningRate })
    this.options = options
  }

  step(x: DeviceTensor): StepResult {
    const { classes } = this.model
    const pixels = this.device.scale(x, 1 / 255)
    const { values, gradients, drop } = this.pass(pixels)
    pixels.dispose()
    const log = logSoftmax(values, classes)
    const probabilities = log.map(Math.exp)
    const entropy = entropies(log, classes)
    const margin = this.options.margin ?? 0.4 * Math.log(classes)
    const used = Array.from(entropy, (h, b) => h < margin && this.differs(probabilities.subarray(b * classes, (b + 1) * classes)))
    const count = used.filter(Boolean).length
    const weights = Float64Array.from(entropy, (h, b) => (used[b] ? Math.exp(margin - h) / count : 0))
    const loss = weightedEntropy(log, classes, entropy, weights)
    if (count > 0) {
      this.move(gradients(loss.gradient))
      this.average(probabilities, used, count)
    } else drop()
    const result: StepResult = {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: count > 0 ? { total: loss.value } : {},
      keptMask: used,
      kept: count,
      ...adaptedReports(this.model, this.names, this.learningRate),
    }
    const { batches } = this
    if ((batches + 1) % this.options.period === 0) this.reset()
    this.batches = batches + 1
    return result
  }

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
    return Math.abs(product / Math.sqrt(a * b)) < this.options.similarity
  }

  private average(probabilities: Float64Array, used: readonly boolean[], count: number): void {
    const { classes } = this.model
    const fresh = new Array<number>(classes).fill(0)
    for (const [b, kept] of used.entries()) if (kept) for (let c = 0; c < classes; c++) fresh[c] = (fresh[c] as number) + (probabilities[b * classes + c] as number) / count
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
}
