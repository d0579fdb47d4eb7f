// Surgical fine-tuning (Lee et al., ICLR 2023) in the continual form of PALM's tables: only the first block adapts, on the entropy of the
// confident samples plus the consistency with an augmented view; SGD with Nesterov momentum. Predictions are those from before the step.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, consistency, entropies, keptEntropy, logSoftmax } from '#engine/compute/losses.ts'
import { adaptableTensors, type Model } from '#engine/models/model.ts'
import { adaptedReports } from '#engine/methods/parts/adapted-parameters.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import { backwardThrough, forwardWithTape, uploaded, viewOf } from '#engine/methods/parts/two-views.ts'

const memorySchema = z.object({ random: viewRandomStateSchema })

/** Tensors of the first block, as the published code finds it by name; the stem does not belong to it. */
export function firstBlock(model: Pick<Model, 'tensors'>): string[] {
  return adaptableTensors(model)
    .map(({ name }) => name)
    .filter((name) => /^(layer1|block1|stage_1)\./.test(name))
}

export class Surgical extends AdaptingMethod {
  readonly id = 'surgical'
  private readonly options: OptionsOf<'surgical'>
  private readonly seed: number
  private random: ViewRandom

  constructor(device: Device, model: Model, options: OptionsOf<'surgical'>, seed: number) {
    const block = new Set(firstBlock(model))
    super(device, model, {
      optimizer: { kind: 'sgd', momentum: options.momentum, nesterov: true },
      learningRate: options.learningRate,
      adapts: ({ name }) => block.has(name),
    })
    this.options = options
    this.seed = seed
    this.random = new ViewRandom(seed)
  }

  async step(x: DeviceTensor, augmented?: DeviceTensor): Promise<StepResult> {
    const { device, model, options } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const view = viewOf(device, pixels, augmented, this.random)
    const plain = forwardWithTape(device, model, this.own.view, pixels)
    const other = forwardWithTape(device, model, this.own.view, view)
    const [values, ofView] = (await device.readMany([plain.logits, other.logits])) as [Float32Array, Float32Array]
    const log = logSoftmax(values, classes)
    const entropy = entropies(log, classes)
    const margin = options.margin ?? 0.4 * Math.log(classes)
    const kept = Array.from(entropy, (h) => h < margin)
    const confident = keptEntropy(log, classes, entropy, kept)
    const agreement = consistency(log, logSoftmax(ofView, classes), classes)
    const slopes = confident.gradient.map((g, i) => g + options.lambda * (agreement.gradientP[i] as number))
    const slopesOfView = agreement.gradientQ.map((g) => options.lambda * g)
    const [gradient, gradientOfView] = uploaded(device, [slopes, slopesOfView], plain.logits.shape) as [
      DeviceTensor,
      DeviceTensor,
    ]
    const sides = [
      { tape: plain.tape, gradient },
      { tape: other.tape, gradient: gradientOfView },
    ]
    this.adaptation.moveBy(backwardThrough(device, this.own, sides, new Set(this.names)), this.names)
    for (const tensor of [pixels, view, plain.logits, other.logits]) tensor.dispose()
    return {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: {
        entropy: confident.value,
        consistency: agreement.value,
        total: confident.value + options.lambda * agreement.value,
      },
      keptMask: kept,
      kept: kept.filter(Boolean).length,
      ...adaptedReports(model, this.names, this.learningRate),
    }
  }

  protected memory(): JsonValue {
    return { random: this.random.state() }
  }

  protected remember(memory: unknown): void {
    this.random = new ViewRandom(this.seed)
    if (memory !== null) this.random.restore(memorySchema.parse(memory).random)
  }
}
