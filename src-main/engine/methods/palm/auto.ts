// PALM's preset `auto`, OURS: a method in which kappa hardly matters. What it keeps of PALM is the importance of each tensor from the divergence to the
// uniform distribution (Eq. 1-3, 5-7), the two views and sign-like steps; what differs:
// - a convolution's rate is multiplied by the share of its gradient that successive batches have in common (agreement.ts), in place of Eq. 4's selection:
//   under mild corruptions, where a bold kappa does its harm, they have little in common, and convolutions rest, as at first; norm layers always move;
// - the loss is ROID's soft likelihood ratio on sure and diverse samples, with consistency, in place of Eq. 9-11;
// - after each step the weights are drawn back to the source's a little, as in ROID;
// - what is predicted is what an image and its mirror image say together (mirror.ts), importance is measured at every second batch (auto-importance.ts), and norm
//   layers remember where batches are small or ordered by class (remembered-statistics.ts); none of this with the option `agreement`, which earlier runs have.
// docs/palm-auto.md has the measurements, and where it falls short.
import { z } from 'zod'
import type { LaneOptions, PalmOptions } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows } from '#engine/compute/losses.ts'
import { firstAdamDirection } from '#engine/compute/optimizers/adam.ts'
import type { Method, MethodState, NamedArray, StepResult, TensorReport } from '#engine/methods/method.ts'
import { AdaptedParameters } from '#engine/methods/parts/adapted-parameters.ts'
import { uniformPrior } from '#engine/methods/parts/certainty-diversity.ts'
import { backwardThrough, drawnViewOf, forwardWithTape } from '#engine/methods/parts/two-views.ts'
import { adaptableTensors, isAffine, type Model } from '#engine/models/model.ts'
import { GradientAgreement } from './agreement.ts'
import { AutoImportance } from './auto-importance.ts'
import { sureAndDiverse } from './auto-objective.ts'
import { MirrorAnswers } from './mirror-answers.ts'
import { RememberedStatistics, type BothWays } from './remembered-statistics.ts'
import { divergence } from './uncertainty.ts'

/** None of them depends on a stream. */
export const autoRules = {
  /** Step size of norm layers at importance 1. */
  norm: 4e-3,
  /** The same of convolutions where batches agree wholly, as a share of the root mean square of the tensor's own weights. */
  convolution: 0.07,
  /** Share of the weights that stays after each step; the rest is the source's. */
  keepNorm: 0.98,
  keepConvolution: 0.9,
  /** Batches from one measurement of the importances to the next (`mirrored`), and where what norm layers remember counts: each step costs more there. */
  every: 2,
  everyRemembering: 4,
}

const scalarsSchema = z.object({
  method: z.literal('palm'),
  tuning: z.enum(['agreement', 'mirrored']),
  mirror: z.json().default(null),
  worth: z.json().default(null),
  importance: z.json().default(null),
  cautious: z.boolean().default(false),
  steps: z.number().int().nonnegative(),
  prior: z.array(z.number()),
  moved: z.array(z.string()),
  random: viewRandomStateSchema,
})

export class PalmAuto implements Method {
  readonly id = 'palm'
  private readonly device: Device
  private readonly model: Model
  private options: PalmOptions
  private readonly seed: number
  private readonly names: readonly string[]
  private readonly norms: ReadonlySet<string>
  private readonly weights: AdaptedParameters
  private readonly importance: AutoImportance
  private readonly agreement: GradientAgreement
  /** What has ever moved. */
  private readonly moved = new Set<string>()
  private prior: number[]
  /** null = the image's own answer is the prediction. */
  private readonly mirror: MirrorAnswers | null
  /** null = BN-1 always. */
  private readonly remembered: RememberedStatistics | null
  /** Whether small shares and the first batches' count less, and small batches are measured less often; a run that began before goes on without. */
  private isCautious: boolean
  private random: ViewRandom
  /** Root mean square of each tensor of the source's weights; null = not yet looked at. */
  private sizes: ReadonlyMap<string, number> | null = null

  constructor(device: Device, model: Model, options: PalmOptions, seed: number) {
    this.device = device
    this.model = model
    this.options = options
    this.seed = seed
    const infos = adaptableTensors(model)
    this.names = infos.map(({ name }) => name)
    this.norms = new Set(infos.filter(isAffine).map(({ name }) => name))
    this.weights = new AdaptedParameters(device, model, this.names)
    this.agreement = new GradientAgreement(device, this.weights)
    this.prior = uniformPrior(model.classes)
    this.mirror = options.tuning === 'mirrored' ? new MirrorAnswers(device, model) : null
    this.remembered = options.tuning === 'mirrored' ? new RememberedStatistics(device, model) : null
    this.importance = new AutoImportance(device, this.weights)
    this.isCautious = this.mirror !== null
    this.random = new ViewRandom(seed)
  }

  async step(x: DeviceTensor, augmented?: DeviceTensor): Promise<StepResult> {
    const { device, model, weights, names, options } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const { view, isMirrored } = augmented
      ? { view: device.scale(augmented, 1 / 255), isMirrored: false }
      : drawnViewOf(device, pixels, this.random)
    const ways = this.ways(pixels)
    const { parameters, statistics } = ways.chosen
    const plain = forwardWithTape(
      device,
      model,
      parameters,
      pixels,
      this.remembered?.passOptions(ways.chosen, ways) ?? { statistics },
    )
    const other = forwardWithTape(device, model, parameters, view, { statistics })
    const further = [
      ...(this.mirror ? [this.mirror.pass(pixels, ways.chosen)] : []),
      ...(this.remembered?.otherPass(pixels, ways) ?? []),
    ]
    view.dispose()
    pixels.dispose()

    const measured = await this.importance.measure(this.agreement.steps, this.every(ways), plain, options)
    const answers = await device.readMany([plain.logits, other.logits, ...further])
    const [logits, logitsOfView, logitsOfMirror, otherwise] = answers as [Float32Array, Float32Array, ...Float32Array[]]
    this.remembered?.take(argMaxRows(logits, classes), ways, logits, otherwise)
    const loss = sureAndDiverse(logits, logitsOfView, this.prior)
    this.prior = loss.prior
    const together = logitsOfMirror
      ? this.mirror?.together(logits, isMirrored ? null : logitsOfView, logitsOfMirror)
      : null
    const answered = together ?? logits
    const shape = [logits.length / classes, classes]
    const [ofBatch, ofView] = device.fromArrays(
      [loss.gradient, loss.gradientOfView].map((values) => ({ data: Float32Array.from(values), shape })),
    ) as [DeviceTensor, DeviceTensor]
    const sides = [
      { tape: plain.tape, gradient: ofBatch },
      { tape: other.tape, gradient: ofView },
    ]
    const total = backwardThrough(device, weights, sides, new Set(names))

    // How far do batches agree on where each tensor should go?
    const sums = this.agreement.observe(total)
    const [squaredMeans, meanSquares, ...ofTensors] = (await device.readMany([...sums, ...measured])) as [
      Float32Array,
      Float32Array,
      ...Float32Array[],
    ]
    this.importance.take(ofTensors)
    const shares = this.agreement.shares(squaredMeans, meanSquares, this.isCautious)
    this.sizes ??= await weights.sourceSizes()
    const { sizes } = this
    const reports = weights.layout.names.map((name, i) =>
      this.report(name, this.importance.of(i), (shares.get(name) ?? 0) * (sizes.get(name) ?? 0)),
    )
    this.move(total, reports)
    for (const tensor of [...measured, ...sums, total, plain.logits, other.logits, ...further]) tensor.dispose()

    return {
      logits: answered,
      classes,
      predictions: argMaxRows(answered, classes),
      losses: {
        kl: divergence(logits, classes, options).value,
        ratio: loss.ratio,
        consistency: loss.consistency,
        total: loss.ratio + loss.consistency,
        agreement: this.meanShare(shares),
      },
      keptMask: loss.kept,
      kept: loss.kept.filter(Boolean).length,
      tensors: reports,
      adaptedShare:
        this.elements(names.filter((_, i) => (reports[i] as TensorReport).state === 'fresh')) / this.elements(names),
    }
  }

  async answer(pixels: DeviceTensor): Promise<Float32Array | null> {
    return (await this.mirror?.answer(pixels, this.ways(pixels).chosen)) ?? null
  }

  private ways(pixels: DeviceTensor): BothWays {
    const { view } = this.weights
    const alone = { chosen: { parameters: view, statistics: 'batch' }, other: null } as const
    return this.remembered?.ways(view, pixels.shape[0] ?? 0) ?? alone
  }

  /** Batches from one measurement of the importances to the next. */
  private every({ chosen }: BothWays): number {
    if (!this.mirror) return 1
    return this.isCautious && chosen.statistics !== 'batch' ? autoRules.everyRemembering : autoRules.every
  }

  /** Eq. 8 with these rates, then back towards the source. */
  private move(gradient: DeviceTensor, reports: readonly TensorReport[]): void {
    const { device, weights, names, norms } = this
    const { keepNorm, keepConvolution } = autoRules
    const rateOf = new Map(names.map((name, i) => [name, (reports[i] as TensorReport).learningRate]))
    const direction = firstAdamDirection(device, gradient)
    const rates = weights.layout.spreadNumbers((name) => rateOf.get(name) ?? 0)
    weights.descend(direction, rates)
    const back = weights.layout.spreadNumbers((name) => 1 - (norms.has(name) ? keepNorm : keepConvolution))
    const away = device.sub(weights.flat, weights.source)
    weights.shift(device.mul(away, back))
    for (const tensor of [direction, rates, back, away]) tensor.dispose()
  }

  /** `reach`: how far a convolution may go, the share that batches have in common times the size of its weights. */
  private report(
    name: string,
    { score, importance }: Pick<TensorReport, 'score' | 'importance'>,
    reach: number,
  ): TensorReport {
    const norm = this.norms.has(name)
    const moves = norm || reach > 0
    const state = moves ? 'fresh' : this.moved.has(name) ? 'stale' : 'never'
    if (moves) this.moved.add(name)
    const learningRate = importance * (norm ? autoRules.norm : autoRules.convolution * reach)
    return { score, state, importance, learningRate }
  }

  /** Of the convolutions. */
  private meanShare(shares: ReadonlyMap<string, number>): number {
    const some = [...shares].filter(([name]) => !this.norms.has(name))
    return some.reduce((sum, [, share]) => sum + share, 0) / Math.max(1, some.length)
  }

  private elements(names: readonly string[]): number {
    return names.reduce((sum, name) => sum + this.weights.elements(name), 0)
  }

  adapts(): readonly string[] {
    return this.names
  }

  currentWeights(): ReadonlyMap<string, DeviceTensor> {
    return this.weights.view
  }

  parameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return this.weights.export()
  }

  async state(): Promise<MethodState> {
    const arrays = await this.weights.stateArrays()
    await this.importance.export(arrays)
    await this.agreement.export(arrays)
    await this.remembered?.export(arrays)
    return {
      scalars: {
        method: 'palm',
        tuning: this.mirror ? 'mirrored' : 'agreement',
        mirror: this.mirror?.trust.state() ?? null,
        worth: this.remembered?.state() ?? null,
        importance: this.importance.state(),
        cautious: this.isCautious,
        steps: this.agreement.steps,
        prior: this.prior,
        moved: [...this.moved],
        random: this.random.state(),
      },
      arrays,
    }
  }

  restore({ scalars, arrays }: MethodState): void {
    const { cautious, steps, prior, moved, random, mirror, worth, importance } = scalarsSchema.parse(scalars)
    this.reset()
    if (mirror !== null) this.mirror?.trust.restore(mirror)
    this.remembered?.restore(arrays, worth)
    this.weights.restoreFrom(arrays)
    this.importance.restore(arrays, importance)
    this.agreement.restore(arrays, steps)
    this.isCautious = cautious
    this.prior = prior
    for (const name of moved) this.moved.add(name)
    this.random.restore(random)
  }

  adjust(options: LaneOptions): void {
    if (options.method === 'palm') this.options = options
  }

  reset(): void {
    this.weights.reset()
    this.importance.clear()
    this.agreement.clear()
    this.isCautious = this.mirror !== null
    this.moved.clear()
    this.prior = uniformPrior(this.model.classes)
    this.mirror?.trust.clear()
    this.remembered?.clear()
    this.random = new ViewRandom(this.seed)
  }

  dispose(): void {
    this.reset()
    this.weights.dispose()
  }
}
