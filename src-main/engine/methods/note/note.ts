// NOTE (Gong et al., NeurIPS 2022): instance-aware normalisation, and a memory balanced over predicted classes by reservoir sampling that the norm
// layers learn from. Each image is predicted on arrival with running statistics, whatever else is in its batch.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows, logSoftmax } from '#engine/compute/losses.ts'
import type { Model } from '#engine/models/model.ts'
import { adaptedReports } from '#engine/methods/parts/adapted-parameters.ts'
import { isStatistic } from '#engine/methods/parts/adaptation.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import { ImageMemory } from '#engine/methods/parts/image-memory.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import { follow } from '#engine/methods/parts/running-statistics.ts'

const memorySchema = z.object({
  seen: z.number().int().nonnegative(),
  counts: z.array(z.number().int().nonnegative()),
  random: viewRandomStateSchema,
})

export class Note extends AdaptingMethod {
  readonly id = 'note'
  private readonly options: OptionsOf<'note'>
  private readonly seed: number
  /** Uniform draws in place of random ones: for parity. */
  private readonly stored: (() => number) | null
  private readonly images: ImageMemory
  private seen = 0
  /** Samples that were ever predicted as each class. */
  private counts: number[]
  private random: ViewRandom

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'note'>,
    seed: number,
    stored: (() => number) | null = null,
  ) {
    super(device, model, { optimizer: { kind: 'adam' }, learningRate: options.learningRate, tracks: isStatistic })
    this.options = options
    this.seed = seed
    this.stored = stored
    this.images = new ImageMemory(model.classes)
    this.parts.push(this.images)
    this.counts = new Array<number>(model.classes).fill(0)
    this.random = new ViewRandom(seed)
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const { device, model } = this
    const { classes } = model
    const total = x.shape[0] ?? 0
    const bytes = await device.read(x)
    const size = bytes.length / total
    const logits = new Float32Array(total * classes)
    const losses: number[] = []
    // An update may fall inside the batch: the images after it are predicted with what it changed.
    for (let first = 0; first < total;) {
      const n = Math.min(total - first, this.options.memory - (this.seen % this.options.memory))
      const values = await this.predictSome(bytes.subarray(first * size, (first + n) * size), [n, ...x.shape.slice(1)])
      logits.set(values, first * classes)
      for (const [i, label] of argMaxRows(values, classes).entries()) {
        this.meet(label, bytes.subarray((first + i) * size, (first + i + 1) * size), x.shape.slice(1))
        this.seen += 1
      }
      if (this.seen % this.options.memory === 0) losses.push(await this.update())
      first += n
    }
    return {
      logits,
      classes,
      predictions: argMaxRows(logits, classes),
      losses: {
        ...(losses.length > 0 ? { entropy: losses.reduce((sum, loss) => sum + loss, 0) / losses.length } : {}),
        updates: losses.length,
      },
      keptMask: null,
      kept: null,
      ...adaptedReports(model, this.names, losses.length > 0 ? this.learningRate : 0),
    }
  }

  private async predictSome(bytes: Float32Array, shape: readonly number[]): Promise<Float32Array> {
    const { device } = this
    const raw = device.fromArray(bytes, shape)
    const pixels = device.scale(raw, 1 / 255)
    const { values } = await this.predict(pixels, { statistics: { instanceAware: this.options.k, training: false } })
    raw.dispose()
    pixels.dispose()
    return values
  }

  private draw(): number {
    return this.stored?.() ?? this.random.uniform(0, 1)
  }

  private index(n: number): number {
    return Math.floor(this.draw() * n)
  }

  /** Prediction-balanced reservoir sampling. */
  private meet(label: number, pixels: Float32Array, shape: readonly number[]): void {
    const { lists } = this.images
    this.counts[label] = (this.counts[label] ?? 0) + 1
    if (this.images.size >= this.options.memory) {
      const fullest = this.images.fullest()
      const own = lists[label]?.length ?? 0
      if (!fullest.includes(label)) {
        const other = lists[fullest[this.index(fullest.length)] as number] ?? []
        other.splice(this.index(other.length), 1)
      } else if (this.draw() <= own / this.counts[label]) lists[label]?.splice(this.index(own), 1)
      else return
    }
    this.images.add({ pixels: pixels.slice(), label, uncertainty: 0, age: 0, sample: this.seen }, shape)
  }

  private async update(): Promise<number> {
    const { device, model } = this
    const { classes } = model
    const pixels = this.images.tensor(device)
    const { values, gradients } = await this.pass(pixels, {
      statistics: { instanceAware: this.options.k, training: true },
      onStatistics: follow(device, this.own, this.options.statisticsShare),
    })
    pixels.dispose()
    // Mean over samples AND classes of -p log(p + 1e-6), as the published code has it.
    const log = logSoftmax(values, classes)
    const gradient = new Float64Array(log.length)
    let loss = 0
    for (let row = 0; row < log.length; row += classes) {
      let mean = 0
      for (let c = 0; c < classes; c++) {
        const p = Math.exp(log[row + c] as number)
        loss -= (p * Math.log(p + 1e-6)) / log.length
        const slope = -(Math.log(p + 1e-6) + p / (p + 1e-6)) / log.length
        gradient[row + c] = slope
        mean += p * slope
      }
      for (let c = 0; c < classes; c++)
        gradient[row + c] = Math.exp(log[row + c] as number) * ((gradient[row + c] as number) - mean)
    }
    this.move(gradients(gradient))
    return loss
  }

  /** The images that are remembered, by class: for parity. */
  remembered(): readonly (readonly { readonly sample: number }[])[] {
    return this.images.lists
  }

  protected memory(): JsonValue {
    return { seen: this.seen, counts: [...this.counts], random: this.random.state() }
  }

  protected remember(memory: unknown): void {
    const kept = memory === null ? null : memorySchema.parse(memory)
    this.seen = kept?.seen ?? 0
    this.counts = kept?.counts ?? new Array<number>(this.model.classes).fill(0)
    this.random = new ViewRandom(this.seed)
    if (kept) this.random.restore(kept.random)
  }
}
