// ETA, the part of EATA (Niu et al., ICML 2022) that needs no source images: entropy of the samples that are confident and differ from what was seen,
// weighted by confidence. EATA adds a pull to the source's weights, RDumb starts it anew now and then.
import { z } from 'zod'
import type { DeviceTensor } from '#engine/compute/device.ts'
import { uncertaintyOf } from '#engine/compute/evidential-entropy.ts'
import { argMaxRows, logSoftmax } from '#engine/compute/losses.ts'
import type { StepResult } from '#engine/methods/method.ts'
import type { Adaptation } from '#engine/methods/parts/adaptation.ts'
import { adaptedReports, packed } from '#engine/methods/parts/adapted-parameters.ts'

/** What EATA and RDumb remember: the average, and the batches since the beginning. */
export const etaMemorySchema = z.object({
  mean: z.array(z.number()).nullable(),
  batches: z.number().int().nonnegative(),
})

interface EtaOptions {
  readonly margin: number | null
  readonly similarity: number
  /** COME's entropy in place of the softmax's. */
  readonly come: boolean
}

export interface Pulled {
  readonly gradient: DeviceTensor
  /** What is added to the loss. */
  readonly value: Promise<number>
}

/** Takes the gradients of the step's loss, in one buffer, and gives them with something added. */
type Pull = (gradient: DeviceTensor) => Pulled

export class Eta {
  /** Moving average of the used samples' probabilities; null before the first. */
  mean: readonly number[] | null = null
  private readonly adaptation: Adaptation
  private readonly margin: number
  private readonly similarity: number
  private readonly come: boolean

  constructor(adaptation: Adaptation, { margin, similarity, come }: EtaOptions) {
    this.adaptation = adaptation
    this.margin = margin ?? 0.4 * Math.log(adaptation.model.classes)
    this.similarity = similarity
    this.come = come
  }

  async step(x: DeviceTensor, pull: Pull): Promise<StepResult> {
    const { device, model, names, learningRate } = this.adaptation
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const pass = await this.adaptation.pass(pixels)
    const { values } = pass
    pixels.dispose()
    const probabilities = logSoftmax(values, classes).map(Math.exp)
    const uncertainty = uncertaintyOf(values, classes, this.come)
    const used = Array.from(
      uncertainty.entropy,
      (h, b) => h < this.margin && this.differs(probabilities.subarray(b * classes, (b + 1) * classes)),
    )
    const count = used.filter(Boolean).length
    const loss = uncertainty.weighted(
      Float64Array.from(uncertainty.entropy, (h, b) => (used[b] ? Math.exp(this.margin - h) / count : 0)),
    )
    let pulled = 0
    if (count > 0) {
      const { gradient, value } = pull(packed(this.adaptation.own, pass.gradients(loss.gradient)))
      this.adaptation.moveBy(gradient, names)
      this.average(probabilities, used, count)
      pulled = await value
    } else pass.drop()
    return {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: count > 0 ? { total: loss.value + pulled } : {},
      keptMask: used,
      kept: count,
      ...adaptedReports(model, names, learningRate),
    }
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
    return Math.abs(product / Math.sqrt(a * b)) < this.similarity
  }

  private average(probabilities: Float64Array, used: readonly boolean[], count: number): void {
    const { classes } = this.adaptation.model
    const fresh = new Array<number>(classes).fill(0)
    for (const [b, kept] of used.entries())
      if (kept)
        for (let c = 0; c < classes; c++)
          fresh[c] = (fresh[c] as number) + (probabilities[b * classes + c] as number) / count
    this.mean = this.mean ? this.mean.map((m, c) => 0.9 * m + 0.1 * (fresh[c] as number)) : fresh
  }
}
