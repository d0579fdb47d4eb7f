// RoTTA (Yuan, Xie, Li, CVPR 2023): predictions by a teacher with running statistics; a memory balanced over classes, from which a student learns
// whenever enough of the stream has passed. For streams that are ordered by class and change. Predictions are the teacher's, from before.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import { applyView, drawView } from '#engine/augment/view.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, logSoftmax } from '#engine/compute/losses.ts'
import { isAffine, type Model } from '#engine/models/model.ts'
import { AdaptedParameters, adaptedReports } from '#engine/methods/parts/adapted-parameters.ts'
import { isStatistic } from '#engine/methods/parts/adaptation.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import { ImageMemory } from '#engine/methods/parts/image-memory.ts'
import type { JsonValue, NamedArray, StepResult } from '#engine/methods/method.ts'
import { passOf } from '#engine/methods/parts/pass.ts'
import { follow } from '#engine/methods/parts/running-statistics.ts'
import { parametersPart } from '#engine/methods/parts/state-parts.ts'

const memorySchema = z.object({ seen: z.number().int().nonnegative(), random: viewRandomStateSchema })

/** Stored views in place of drawn ones, and a look at each update: for parity. */
interface RottaStage {
  /** The view of the samples at these places of the stream, in [0, 1], the caller's. */
  view(samples: readonly number[]): DeviceTensor
  updated(loss: number, student: ReadonlyMap<string, NamedArray>, teacher: ReadonlyMap<string, NamedArray>): void
}

export class Rotta extends AdaptingMethod {
  readonly id = 'rotta'
  private readonly options: OptionsOf<'rotta'>
  private readonly seed: number
  private readonly stage: RottaStage | null
  private readonly teacher: AdaptedParameters
  private readonly images: ImageMemory
  private seen = 0
  private random: ViewRandom

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'rotta'>,
    seed: number,
    stage: RottaStage | null = null,
  ) {
    super(device, model, { optimizer: { kind: 'adam' }, learningRate: options.learningRate, tracks: isStatistic })
    this.options = options
    this.seed = seed
    this.stage = stage
    this.teacher = new AdaptedParameters(
      device,
      model,
      model.tensors.filter((info) => isAffine(info) || isStatistic(info)).map(({ name }) => name),
    )
    this.images = new ImageMemory(model.classes)
    this.parts.push(parametersPart(this.teacher, 'teacher'), this.images)
    this.random = new ViewRandom(seed)
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const { device, model } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const { values } = await this.predict(pixels, { statistics: 'source' }, this.teacher.view)
    pixels.dispose()
    const predictions = argMaxRows(values, classes)
    const log = logSoftmax(values, classes)
    const bytes = await device.read(x)
    const size = bytes.length / predictions.length
    const losses: number[] = []
    for (const [b, label] of predictions.entries()) {
      let uncertainty = 0
      for (let c = 0; c < classes; c++) {
        const p = Math.exp(log[b * classes + c] as number)
        uncertainty -= p * Math.log(p + 1e-6)
      }
      // As it is kept in a state: single precision.
      if (this.admit(label, Math.fround(uncertainty))) {
        this.images.add(
          {
            pixels: bytes.slice(b * size, (b + 1) * size),
            label,
            uncertainty: Math.fround(uncertainty),
            age: 0,
            sample: this.seen,
          },
          x.shape.slice(1),
        )
      }
      for (const image of this.images.all) image.age += 1
      this.seen += 1
      if (this.seen % this.options.period === 0 && this.images.size > 0) losses.push(await this.update())
    }
    return {
      logits: values,
      classes,
      predictions,
      losses: {
        ...(losses.length > 0 ? { consistency: losses.reduce((sum, loss) => sum + loss, 0) / losses.length } : {}),
        updates: losses.length,
      },
      keptMask: null,
      kept: null,
      ...adaptedReports(model, this.names, losses.length > 0 ? this.learningRate : 0),
    }
  }

  /** Old and unsure images go first. */
  private score(age: number, uncertainty: number): number {
    return 1 / (1 + Math.exp(-age / this.options.memory)) + uncertainty / Math.log(this.model.classes)
  }

  /** Whether the new image is taken in; makes room where it needs to. */
  private admit(label: number, uncertainty: number): boolean {
    const { lists } = this.images
    const limit = this.options.memory / this.model.classes
    let candidates = [label]
    if ((lists[label]?.length ?? 0) < limit) {
      if (this.images.size < this.options.memory) return true
      candidates = this.images.fullest()
    }
    let worst = { score: Number.NEGATIVE_INFINITY, label: -1, at: -1 }
    for (const c of candidates) {
      for (const [at, image] of (lists[c] ?? []).entries()) {
        const score = this.score(image.age, image.uncertainty)
        if (score >= worst.score) worst = { score, label: c, at }
      }
    }
    if (worst.at < 0) return true
    if (worst.score <= this.score(0, uncertainty)) return false
    lists[worst.label]?.splice(worst.at, 1)
    return true
  }

  private async update(): Promise<number> {
    const { device, model, options } = this
    const { classes } = model
    const items = this.images.all
    const pixels = this.images.tensor(device)
    const view = this.stage
      ? this.stage.view(items.map(({ sample }) => sample))
      : applyView(device, pixels, drawView(this.random, pixels.shape[1] ?? 0, pixels.shape[2] ?? 0))
    const statistics = { movingShare: options.statisticsShare }
    const taught = logSoftmax(
      (await this.predict(pixels, { statistics, onStatistics: follow(device, this.teacher, 1) }, this.teacher.view))
        .values,
      classes,
    )
    const student = await passOf(device, model, this.own.view, view, new Set(this.names), {
      statistics,
      onStatistics: follow(device, this.own, 1),
    })
    const log = logSoftmax(student.values, classes)
    const gradient = new Float64Array(log.length)
    let loss = 0
    for (const [i, { age }] of items.entries()) {
      const weight = Math.exp(-age / options.memory) / (1 + Math.exp(-age / options.memory)) / items.length
      for (let c = 0; c < classes; c++) {
        const at = i * classes + c
        loss -= weight * Math.exp(taught[at] as number) * (log[at] as number)
        gradient[at] = weight * (Math.exp(log[at] as number) - Math.exp(taught[at] as number))
      }
    }
    this.move(student.gradients(gradient))
    this.teacher.draw(this.own.flat, options.teacherMomentum)
    pixels.dispose()
    view.dispose()
    if (this.stage) this.stage.updated(loss, await this.own.export(), await this.teacher.export())
    return loss
  }

  /** The images that are remembered, by class: for parity. */
  remembered(): readonly (readonly { readonly sample: number; readonly age: number }[])[] {
    return this.images.lists
  }

  /** The teacher: what predicts. */
  override parameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return this.teacher.export()
  }

  override async state() {
    const state = await super.state()
    // `param/` is what predicts, as for every method; the student has a name of its own.
    const arrays = new Map(
      [...state.arrays].map(([key, array]) => [
        key.startsWith('param/')
          ? key.replace('param/', 'student/')
          : key.startsWith('teacher/')
            ? key.replace('teacher/', 'param/')
            : key,
        array,
      ]),
    )
    return { ...state, arrays }
  }

  override restore(state: Parameters<AdaptingMethod['restore']>[0]): void {
    const arrays = new Map(
      [...state.arrays].map(([key, array]) => [
        key.startsWith('param/')
          ? key.replace('param/', 'teacher/')
          : key.startsWith('student/')
            ? key.replace('student/', 'param/')
            : key,
        array,
      ]),
    )
    super.restore({ ...state, arrays })
  }

  protected memory(): JsonValue {
    return { seen: this.seen, random: this.random.state() }
  }

  protected remember(memory: unknown): void {
    const kept = memory === null ? null : memorySchema.parse(memory)
    this.seen = kept?.seen ?? 0
    this.random = new ViewRandom(this.seed)
    if (kept) this.random.restore(kept.random)
  }
}
