// SANTA (Chakrabarty, Sreenivas, Biswas, TMLR 2023): the norm layers follow the source model where it is sure, on the batch and its view, and the
// features are drawn to source prototypes. Predictions are those from before the step.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, consistency, logSoftmax } from '#engine/compute/losses.ts'
import type { Model } from '#engine/models/model.ts'
import { adaptedReports, packed } from '#engine/methods/parts/adapted-parameters.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import { optimizerOf } from '#engine/methods/parts/moments.ts'
import { beginPass, beginPrediction, finished } from '#engine/methods/parts/pass.ts'
import { Projector } from '#engine/methods/parts/projector.ts'
import { contrastWithPrototypes, Prototypes } from '#engine/methods/parts/prototypes.ts'
import type { StoredProjector } from '#engine/methods/rmt/rmt.ts'
import type { SourceImages } from '#engine/methods/parts/source-images.ts'
import { sumOf, viewOf } from '#engine/methods/parts/two-views.ts'

const memorySchema = z.object({ random: viewRandomStateSchema })

export class Santa extends AdaptingMethod {
  readonly id = 'santa'
  private readonly options: OptionsOf<'santa'>
  private readonly seed: number
  private readonly prototypes: Prototypes
  private readonly projector: Projector
  private random: ViewRandom

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'santa'>,
    seed: number,
    stored: StoredProjector | null = null,
  ) {
    super(device, model, { optimizer: optimizerOf(options), learningRate: options.learningRate })
    this.options = options
    this.seed = seed
    this.prototypes = new Prototypes(model.classes)
    this.projector = new Projector(options.projection, optimizerOf(options), seed, stored)
    this.parts.push(this.prototypes, this.projector)
    this.random = new ViewRandom(seed)
  }

  async warmUp(source: SourceImages, batchSize: number): Promise<void> {
    await this.prototypes.build(this.device, this.model, source, batchSize)
  }

  async step(x: DeviceTensor, augmented?: DeviceTensor): Promise<StepResult> {
    const { device, model, options } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const view = viewOf(device, pixels, augmented, this.random)
    const adapted = new Set(this.names)
    const passing = (x: DeviceTensor) => beginPass(device, model, this.own.view, x, adapted, { features: true })
    const asked = [beginPrediction(device, model, model.parameters, pixels), passing(pixels), passing(view)] as const
    pixels.dispose()
    view.dispose()
    const [source, plain, other] = await finished(device, ...asked)
    const anchor = logSoftmax(source.values, classes)
    // The student's distribution is the target's side: its probabilities move to where the anchor is sure.
    const first = consistency(logSoftmax(plain.values, classes), anchor, classes)
    const second = consistency(logSoftmax(other.values, classes), anchor, classes)
    const contrast = contrastWithPrototypes(
      this.prototypes,
      this.projector,
      plain.features,
      other.features,
      plain.values.length / classes,
      options,
      this.learningRate,
    )
    const half = (gradient: Float64Array) => gradient.map((g) => g / 2)
    const fromView = packed(this.own, other.gradients(half(second.gradientP), contrast.dView))
    const fromBatch = packed(this.own, plain.gradients(half(first.gradientP), contrast.dFeatures))
    this.adaptation.moveBy(sumOf(device, fromBatch, fromView), this.names)
    const following = (first.value + second.value) / 2
    return {
      logits: plain.values,
      classes,
      predictions: argMaxRows(plain.values, classes),
      losses: {
        consistency: following,
        contrast: contrast.value,
        total: following + options.contrastWeight * contrast.value,
      },
      keptMask: null,
      kept: null,
      ...adaptedReports(model, this.names, this.learningRate),
    }
  }

  /** The projector's weights: for parity. */
  projectorWeights(): ReadonlyMap<string, Float32Array> {
    return this.projector.weights()
  }

  protected memory(): JsonValue {
    return { random: this.random.state() }
  }

  protected remember(memory: unknown): void {
    this.random = new ViewRandom(this.seed)
    if (memory !== null) this.random.restore(memorySchema.parse(memory).random)
  }
}
