// RMT (Döbler, Marsden, Yang, CVPR 2023): a mean teacher with a symmetric cross entropy on the batch and its view, features drawn to source
// prototypes, source images replayed; a warm-up on source images first. All weights adapt. Predictions are the sum of student's and teacher's
// logits from before the step.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, crossEntropy, logSoftmax, symmetricCrossEntropy } from '#engine/compute/losses.ts'
import type { Model } from '#engine/models/model.ts'
import { AdaptedParameters, adaptedReports, packed } from '#engine/methods/parts/adapted-parameters.ts'
import { isWeight } from '#engine/methods/parts/adaptation.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { JsonValue, NamedArray, StepResult } from '#engine/methods/method.ts'
import { optimizerOf } from '#engine/methods/parts/moments.ts'
import { beginPass, beginPrediction, finished } from '#engine/methods/parts/pass.ts'
import { Projector, type projectorTensors } from '#engine/methods/parts/projector.ts'
import { contrastWithPrototypes, Prototypes } from '#engine/methods/parts/prototypes.ts'
import { sourceBatch, type SourceImages } from '#engine/methods/parts/source-images.ts'
import { parametersPart } from '#engine/methods/parts/state-parts.ts'
import { sumOf, viewOf } from '#engine/methods/parts/two-views.ts'

const memorySchema = z.object({ random: viewRandomStateSchema, replayed: z.number().int().nonnegative() })

export type StoredProjector = (name: (typeof projectorTensors)[number]) => Float32Array

export class Rmt extends AdaptingMethod {
  readonly id = 'rmt'
  private readonly options: OptionsOf<'rmt'>
  private readonly seed: number
  private readonly teacher: AdaptedParameters
  private readonly warm: AdaptedParameters
  private readonly warmTeacher: AdaptedParameters
  private readonly prototypes: Prototypes
  private readonly projector: Projector
  private source: SourceImages | null = null
  private replayed = 0
  private warmReplayed = 0
  private random: ViewRandom

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'rmt'>,
    seed: number,
    stored: StoredProjector | null = null,
  ) {
    super(device, model, { optimizer: optimizerOf(options), learningRate: options.learningRate, adapts: isWeight })
    this.options = options
    this.seed = seed
    const copy = () => new AdaptedParameters(device, model, this.names)
    this.teacher = copy()
    this.warm = copy()
    this.warmTeacher = copy()
    this.prototypes = new Prototypes(model.classes)
    this.projector = new Projector(options.projection, optimizerOf(options), seed, stored)
    const kept = (parameters: AdaptedParameters, prefix: string) => ({
      ...parametersPart(parameters, prefix),
      clear: () => undefined,
    })
    const copied = (to: AdaptedParameters, from: AdaptedParameters) => () => to.setFlat(device.scale(from.flat, 1))
    this.parts.push(
      kept(this.warm, 'warm'),
      kept(this.warmTeacher, 'warm_teacher'),
      parametersPart(this.teacher, 'teacher', copied(this.teacher, this.warmTeacher)),
      this.prototypes,
      this.projector,
    )
    this.random = new ViewRandom(seed)
  }

  /** Replay needs the images also when a run goes on from a state. */
  use(source: SourceImages): void {
    this.source = source
  }

  async warmUp(source: SourceImages, batchSize: number): Promise<void> {
    const { device, model, options } = this
    this.use(source)
    await this.prototypes.build(device, model, source, batchSize)
    const steps = Math.ceil(options.warmUpImages / batchSize)
    for (let i = 0; i < steps; i++) {
      const { pixels } = sourceBatch(device, source, this.replayed * batchSize, batchSize)
      this.replayed += 1
      const taught = logSoftmax((await this.predict(pixels, {}, this.teacher.view)).values, model.classes)
      const student = await this.pass(pixels)
      pixels.dispose()
      const rows = [...Array(batchSize).keys()]
      const loss = symmetricCrossEntropy(
        logSoftmax(student.values, model.classes),
        taught,
        model.classes,
        rows,
        rows.map(() => 1 / batchSize),
      )
      this.move(student.gradients(loss.gradient), (options.learningRate * (i + 1)) / steps)
      this.follow()
    }
    this.warmReplayed = this.replayed
    this.warm.setFlat(device.scale(this.own.flat, 1))
    this.warmTeacher.setFlat(device.scale(this.teacher.flat, 1))
  }

  private follow(): void {
    this.teacher.draw(this.own.flat, this.options.teacherMomentum)
  }

  async step(x: DeviceTensor, augmented?: DeviceTensor): Promise<StepResult> {
    const { device, model, options } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const view = viewOf(device, pixels, augmented, this.random)
    const adapted = new Set(this.names)
    const passing = (x: DeviceTensor) => beginPass(device, model, this.own.view, x, adapted, { features: true })
    const asked = [beginPrediction(device, model, this.teacher.view, pixels), passing(pixels), passing(view)] as const
    pixels.dispose()
    view.dispose()
    const [{ values: taught }, plain, other] = await finished(device, ...asked)
    const batch = plain.values.length / classes
    const rows = [...Array(batch).keys()]
    const halves = rows.map(() => 0.5 / batch)
    const teacher = logSoftmax(taught, classes)
    const first = symmetricCrossEntropy(logSoftmax(plain.values, classes), teacher, classes, rows, halves)
    const second = symmetricCrossEntropy(logSoftmax(other.values, classes), teacher, classes, rows, halves)
    const contrast = contrastWithPrototypes(
      this.prototypes,
      this.projector,
      plain.features,
      other.features,
      batch,
      options,
      this.learningRate,
    )
    const fromView = packed(this.own, other.gradients(second.gradient, contrast.dView))
    const fromBatch = packed(this.own, plain.gradients(first.gradient, contrast.dFeatures))
    let gradients = sumOf(device, fromBatch, fromView)
    let replay = 0
    if (options.sourceWeight > 0 && this.source) {
      const known = sourceBatch(device, this.source, this.replayed * batch, batch)
      this.replayed += 1
      const pass = await this.pass(known.pixels)
      known.pixels.dispose()
      const loss = crossEntropy(pass.values, classes, known.labels)
      replay = loss.value
      const slopes = loss.gradient.map((g) => options.sourceWeight * g)
      gradients = sumOf(device, gradients, packed(this.own, pass.gradients(slopes)))
    }
    this.adaptation.moveBy(gradients, this.names)
    this.follow()
    const logits = plain.values.map((value, i) => value + (taught[i] as number))
    const training = first.value + second.value
    return {
      logits,
      classes,
      predictions: argMaxRows(logits, classes),
      losses: {
        consistency: training,
        contrast: contrast.value,
        source: replay,
        total: training + options.contrastWeight * contrast.value + options.sourceWeight * replay,
      },
      keptMask: null,
      kept: null,
      ...adaptedReports(model, this.names, this.learningRate),
    }
  }

  /** The teacher's weights: for parity. */
  teacherParameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return this.teacher.export()
  }

  /** The projector's weights: for parity. */
  projectorWeights(): ReadonlyMap<string, Float32Array> {
    return this.projector.weights()
  }

  override reset(): void {
    super.reset()
    this.own.setFlat(this.device.scale(this.warm.flat, 1))
  }

  protected memory(): JsonValue {
    return { random: this.random.state(), replayed: this.replayed, warmReplayed: this.warmReplayed }
  }

  protected remember(memory: unknown): void {
    const kept =
      memory === null ? null : memorySchema.extend({ warmReplayed: z.number().int().nonnegative() }).parse(memory)
    if (kept) this.warmReplayed = kept.warmReplayed
    this.replayed = kept?.replayed ?? this.warmReplayed
    this.random = new ViewRandom(this.seed)
    if (kept) this.random.restore(kept.random)
  }
}
