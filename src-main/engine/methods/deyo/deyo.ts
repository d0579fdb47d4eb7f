// DeYO (Lee et al., ICLR 2024): entropy of the confident samples whose prediction falls when their image is cut into tiles and shuffled, that
// is, that were recognised by shape. Predictions are those from before the step.
import { z } from 'zod'
import type { OptionsOf } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import { shuffleTiles } from '#engine/augment/tiles.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import { argMaxRows, entropies, logSoftmax, weightedEntropy } from '#engine/compute/losses.ts'
import { isAffine, isLate, type Model } from '#engine/models/model.ts'
import { adaptedReports } from '#engine/methods/parts/adapted-parameters.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { JsonValue, StepResult } from '#engine/methods/method.ts'
import { optimizerOf } from '#engine/methods/parts/moments.ts'

const memorySchema = z.object({ random: viewRandomStateSchema })
const side = 4 // tiles in each direction

export class Deyo extends AdaptingMethod {
  readonly id = 'deyo'
  private readonly options: OptionsOf<'deyo'>
  private readonly seed: number
  /** The tiles' order of the j-th image that passes the first filter: for parity. */
  private readonly stored: ((j: number) => readonly number[]) | null
  private random: ViewRandom

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'deyo'>,
    seed: number,
    stored: ((j: number) => readonly number[]) | null = null,
  ) {
    super(device, model, {
      optimizer: optimizerOf(options),
      learningRate: options.learningRate,
      adapts: (info) => isAffine(info) && !isLate(info),
    })
    this.options = options
    this.seed = seed
    this.stored = stored
    this.random = new ViewRandom(seed)
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const { classes } = this.model
    const pixels = this.device.scale(x, 1 / 255)
    const { values, gradients, drop } = await this.pass(pixels)
    const log = logSoftmax(values, classes)
    const entropy = entropies(log, classes)
    const predictions = argMaxRows(values, classes)
    const reliable = [...entropy.keys()].filter(
      (b) => (entropy[b] as number) < (this.options.margin ?? 0.5 * Math.log(classes)),
    )
    const falls = reliable.length > 0 ? await this.falls(pixels, reliable, log, predictions) : []
    pixels.dispose()
    const used = new Array<boolean>(entropy.length).fill(false)
    const weights = new Float64Array(entropy.length)
    const count = falls.filter((fall) => fall > this.options.fall).length
    for (const [j, b] of reliable.entries()) {
      const fall = falls[j] as number
      if (!(fall > this.options.fall)) continue
      used[b] = true
      weights[b] = (Math.exp(0.4 * Math.log(classes) - (entropy[b] as number)) + Math.exp(fall)) / count
    }
    const loss = weightedEntropy(log, classes, entropy, weights)
    if (count > 0) this.move(gradients(loss.gradient))
    else drop()
    return {
      logits: values,
      classes,
      predictions,
      losses: count > 0 ? { total: loss.value } : {},
      keptMask: used,
      kept: count,
      ...adaptedReports(this.model, this.names, this.learningRate),
    }
  }

  /** How much the probability of each image's class falls when its tiles are shuffled; those images are a batch of their own. */
  private async falls(
    pixels: DeviceTensor,
    reliable: readonly number[],
    log: Float64Array,
    predictions: Int32Array,
  ): Promise<number[]> {
    const { device, model } = this
    const { classes } = model
    const indices = device.fromArray(Int32Array.from(reliable), [reliable.length])
    const some = device.gather(pixels, indices, 0)
    const shuffled = shuffleTiles(
      device,
      some,
      side,
      reliable.map((_, j) => this.stored?.(j) ?? this.random.order(side * side)),
    )
    const { logits } = forward(device, model.graph, this.own.view, shuffled, { statistics: 'batch', tape: false })
    const after = logSoftmax(await device.read(logits), classes)
    for (const tensor of [indices, some, shuffled, logits]) tensor.dispose()
    return reliable.map(
      (b, j) =>
        Math.exp(log[b * classes + (predictions[b] as number)] as number) -
        Math.exp(after[j * classes + (predictions[b] as number)] as number),
    )
  }

  protected memory(): JsonValue {
    return { random: this.random.state() }
  }

  protected remember(memory: unknown): void {
    this.random = new ViewRandom(this.seed)
    if (memory !== null) this.random.restore(memorySchema.parse(memory).random)
  }
}
