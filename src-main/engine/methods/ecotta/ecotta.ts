// EcoTTA (Song, Lee, Kweon, Choi, CVPR 2023), after a public re-implementation, for there is no official code: the model is frozen; small networks
// added to its parts adapt, on the entropy of confident samples and held near the frozen parts' outputs. They need a warm-up on labelled source
// images. Predictions are from after the step on the latter, before the one on the entropy.
import type { OptionsOf } from '#contract/methods/methods.ts'
import { ViewRandom } from '#engine/augment/random.ts'
import { strongViews } from '#engine/augment/contrastive-views.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward, type Tape } from '#engine/compute/graph.ts'
import { argMaxRows, crossEntropy, entropies, keptEntropy, logSoftmax } from '#engine/compute/losses.ts'
import { withMetaNetworks, type MetaModel } from '#engine/models/architectures/meta-networks.ts'
import { elementCount, type Model, type TensorInfo } from '#engine/models/model.ts'
import { AdaptedParameters } from '#engine/methods/parts/adapted-parameters.ts'
import { AdaptingMethod } from '#engine/methods/parts/adapting-method.ts'
import type { StepResult } from '#engine/methods/method.ts'
import { sourceBatches, type SourceImages } from '#engine/methods/parts/source-images.ts'
import { parametersPart } from '#engine/methods/parts/state-parts.ts'

/** Epochs after which the warm-up's rate falls to a fifth, of ten. */
const falls = [0.3, 0.6, 0.8]

/** Stored beginnings, and plain images in the warm-up: for the golden test. */
interface EcottaStage {
  readonly draw: (name: string, size: number) => Float32Array
}

export class Ecotta extends AdaptingMethod {
  readonly id = 'ecotta'
  readonly extraTensors: readonly TensorInfo[]
  private readonly options: OptionsOf<'ecotta'>
  private readonly meta: MetaModel
  private readonly stage: EcottaStage | null
  private readonly warm: AdaptedParameters
  private readonly seed: number

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'ecotta'>,
    seed: number,
    stage: EcottaStage | null = null,
  ) {
    const random = new ViewRandom(seed)
    const meta = withMetaNetworks(
      device,
      model,
      options.parts,
      stage?.draw ?? ((_, size) => Float32Array.from({ length: size }, () => random.uniform(-1, 1))),
    )
    super(device, meta.model, {
      optimizer: { kind: 'sgd', momentum: options.momentum, nesterov: false },
      learningRate: options.learningRate,
      adapts: ({ block }) => block.startsWith('meta.'),
    })
    this.options = options
    this.meta = meta
    this.stage = stage
    this.seed = seed
    this.extraTensors = meta.model.tensors.filter(({ block }) => block.startsWith('meta.'))
    this.warm = new AdaptedParameters(device, meta.model, this.names)
    this.parts.push({ ...parametersPart(this.warm, 'warm'), clear: () => undefined })
  }

  async warmUp(source: SourceImages, batchSize: number): Promise<void> {
    const { device, options, model } = this
    const random = new ViewRandom(this.seed ^ 0x3c6ef372)
    const perEpoch = Math.ceil(source.labels.length / batchSize)
    for (let epoch = 0; epoch <= options.warmUpEpochs; epoch++) {
      let i = 0
      for (const { pixels, labels } of sourceBatches(device, source, batchSize)) {
        // One epoch with a rising rate, then the falling steps.
        const rate =
          epoch === 0
            ? (options.warmUpLearningRate * (i + 1)) / perEpoch
            : options.warmUpLearningRate *
              0.2 ** falls.filter((fall) => epoch - 1 >= fall * options.warmUpEpochs).length
        const view = this.stage ? device.scale(pixels, 1) : await this.viewOf(pixels, random)
        const { values, gradients } = await this.pass(view)
        this.move(gradients(crossEntropy(values, model.classes, labels).gradient), rate)
        pixels.dispose()
        view.dispose()
        i += 1
      }
    }
    this.optimizer.clear()
    this.warm.setFlat(device.scale(this.own.flat, 1))
  }

  private async viewOf(pixels: DeviceTensor, random: ViewRandom): Promise<DeviceTensor> {
    const { device } = this
    const [, height = 0, width = 0] = pixels.shape
    return device.fromArray(
      strongViews(
        (await device.read(pixels)).map((value) => 255 * value),
        height,
        width,
        random,
      ),
      pixels.shape,
    )
  }

  async step(x: DeviceTensor): Promise<StepResult> {
    const { device, model, options } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const distances = this.regularize(pixels)
    const { values, gradients, drop, also } = await this.pass(pixels, { also: distances.map(({ sum }) => sum) })
    pixels.dispose()
    const regular = distances.reduce((sum, { elements }, k) => sum + (also[k]?.[0] ?? Number.NaN) / elements, 0)
    const log = logSoftmax(values, classes)
    const entropy = entropies(log, classes)
    const margin = options.margin ?? 0.4 * Math.log(classes)
    const kept = Array.from(entropy, (h) => h < margin)
    const loss = keptEntropy(log, classes, entropy, kept)
    const count = kept.filter(Boolean).length
    if (count > 0) this.move(gradients(loss.gradient))
    else drop()
    return {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: { entropy: loss.value, regularization: regular, total: loss.value + options.lambda * regular },
      keptMask: kept,
      kept: count,
      tensors: this.names.map(
        () =>
          ({ score: Number.NaN, state: 'adapted', importance: Number.NaN, learningRate: this.learningRate }) as const,
      ),
      adaptedShare: Math.min(
        1,
        this.extraTensors.reduce((sum, { shape }) => sum + elementCount(shape), 0) /
          this.model.tensors
            .filter(({ kind }) => kind !== 'bn-mean' && kind !== 'bn-variance')
            .reduce((sum, { shape }) => sum + elementCount(shape), 0),
      ),
    }
  }

  /** The step on lambda sum_k mean |g_k - h_k|; each term moves its own network only. @returns of each the sum before its mean, the caller's */
  private regularize(pixels: DeviceTensor): { readonly sum: DeviceTensor; readonly elements: number }[] {
    const { device, model, meta, options } = this
    const frozen = new Map<string, DeviceTensor>()
    const slopes = new Map<string, DeviceTensor>()
    const distances: { sum: DeviceTensor; elements: number }[] = []
    const { logits, tape } = forward(device, model.graph, this.own.view, pixels, {
      statistics: 'batch',
      tape: true,
      onOutput: (node, output) => {
        if (meta.parts.some((part) => part.frozen === node)) frozen.set(node, device.scale(output, 1))
        const part = meta.parts.find(({ out }) => out === node)
        const h = part && frozen.get(part.frozen)
        if (!h) return
        const difference = device.sub(output, h)
        const elements = elementCount(output.shape)
        const absolute = device.abs(difference)
        distances.push({ sum: device.sum(absolute), elements })
        const sign = device.sign(difference)
        slopes.set(node, device.scale(sign, options.lambda / elements))
        for (const tensor of [difference, absolute, sign, h]) tensor.dispose()
      },
    })
    logits.dispose()
    const all = new Map<string, DeviceTensor>()
    for (const [k, part] of meta.parts.entries()) {
      const slope = slopes.get(part.out) as DeviceTensor
      const found = (tape as Tape).backward(null, new Set(part.tensors), {
        last: k === meta.parts.length - 1,
        at: new Map([[part.out, slope]]),
      })
      for (const [name, gradient] of found) all.set(name, gradient)
      slope.dispose()
    }
    this.move(all)
    return distances
  }

  override reset(): void {
    super.reset()
    for (const name of this.names) this.own.set(name, this.device.scale(this.warm.get(name), 1))
  }

  override dispose(): void {
    super.dispose()
    this.meta.disposeMeta()
  }

  protected memory(): null {
    return null
  }

  protected remember(): void {}
}
