// “DSS (reconstructed)”: Wang et al. (WACV 2024) is known here by its abstract only: a threshold that moves with the stream splits a batch, sure
// pseudo labels are learned, improbable ones are unlearned. All else is OURS, on CoTTA's frame of student and teacher. Never to be shown as DSS.
// Predictions are the teacher's, from before its update.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, logSoftmax } from '#engine/compute/losses.ts'
import type { Model } from '#engine/models/model.ts'
import { AdaptedParameters, adaptedReports, packed } from '#engine/methods/parts/adapted-parameters.ts'
import { isWeight } from '#engine/methods/parts/adaptation.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { JsonValue, NamedArray, StepResult } from '#engine/methods/method.ts'
import { beginPass, beginPrediction, finished } from '#engine/methods/parts/pass.ts'
import { parametersPart } from '#engine/methods/parts/state-parts.ts'

const memorySchema = z.object({ threshold: z.number(), random: viewRandomStateSchema })

export class Dss extends AdaptingMethod {
  readonly id = 'dss'
  private readonly options: OptionsOf<'dss'>
  private readonly seed: number
  private readonly student: AdaptedParameters
  private threshold: number
  private random: ViewRandom

  // `own` is the teacher, which predicts; the student is what the optimizer moves.
  constructor(device: Device, model: Model, options: OptionsOf<'dss'>, seed: number) {
    super(device, model, { optimizer: { kind: 'adam' }, learningRate: options.learningRate, adapts: isWeight })
    this.options = options
    this.seed = seed
    this.student = new AdaptedParameters(device, model, this.names)
    this.parts.push(parametersPart(this.student, 'student'))
    this.threshold = 1 / model.classes
    this.random = new ViewRandom(seed)
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const { device, model, options } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const [{ values: taught }, student] = await finished(
      device,
      beginPrediction(device, model, this.own.view, pixels),
      beginPass(device, model, this.student.view, pixels, new Set(this.names)),
    )
    pixels.dispose()
    const teacher = logSoftmax(taught, classes)
    const labels = argMaxRows(taught, classes)
    const confidence = Array.from(labels, (label, b) => Math.exp(teacher[b * classes + label] as number))
    this.threshold =
      options.thresholdMomentum * this.threshold +
      ((1 - options.thresholdMomentum) * confidence.reduce((sum, c) => sum + c, 0)) / confidence.length
    const high = confidence.map((c) => c >= this.threshold)
    const loss = this.loss(logSoftmax(student.values, classes), teacher, labels, high)
    const gradient = packed(this.student, student.gradients(loss.gradient))
    this.student.shift(this.optimizer.move(gradient, this.names, this.learningRate))
    this.own.draw(this.student.flat, options.teacherMomentum)
    gradient.dispose()
    const kept = high.filter(Boolean).length
    return {
      logits: taught,
      classes,
      predictions: labels,
      losses: {
        positive: loss.positive,
        negative: loss.negative,
        total: loss.positive + loss.negative,
        threshold: this.threshold,
      },
      keptMask: high,
      kept,
      ...adaptedReports(model, this.names, this.learningRate),
      adaptedShare: 1,
    }
  }

  /** Towards the label of the sure samples; away from one improbable class, drawn uniformly, of each other sample. */
  private loss(log: Float64Array, teacher: Float64Array, labels: Int32Array, high: readonly boolean[]) {
    const { classes } = this.model
    const sure = high.filter(Boolean).length
    const unsure = high.length - sure
    const gradient = new Float64Array(log.length)
    let positive = 0
    let negative = 0
    for (const [b, isHigh] of high.entries()) {
      const at = b * classes
      if (isHigh) {
        const label = labels[b] as number
        positive -= (log[at + label] as number) / sure
        for (let c = 0; c < classes; c++)
          gradient[at + c] = (Math.exp(log[at + c] as number) - (c === label ? 1 : 0)) / sure
        continue
      }
      const improbable = [...Array(classes).keys()].filter((c) => Math.exp(teacher[at + c] as number) < 1 / classes)
      const k = improbable[Math.floor(this.random.uniform(0, improbable.length))]
      if (k === undefined) continue
      const p = Math.exp(log[at + k] as number)
      negative -= Math.log(1 - p + 1e-7) / unsure
      const slope = p / (1 - p + 1e-7) / unsure // of the loss by log p
      for (let c = 0; c < classes; c++) gradient[at + c] = slope * ((c === k ? 1 : 0) - Math.exp(log[at + c] as number))
    }
    return { positive, negative, gradient }
  }

  /** The student's weights: for the golden test. */
  studentParameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return this.student.export()
  }

  protected memory(): JsonValue {
    return { threshold: this.threshold, random: this.random.state() }
  }

  protected remember(memory: unknown): void {
    const kept = memory === null ? null : memorySchema.parse(memory)
    this.threshold = kept?.threshold ?? 1 / this.model.classes
    this.random = new ViewRandom(this.seed)
    if (kept) this.random.restore(kept.random)
  }
}
