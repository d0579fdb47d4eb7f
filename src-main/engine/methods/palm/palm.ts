// PALM (Maharana, Zhang, Guo, AAAI 2025): learning rates per tensor from the gradient of a divergence to the uniform distribution.
// Two variants: `reference`, what the published code does, and `paper`, what the text says; the README of ../shared/parity lists every
// difference. One step: forward x and its view, a full backward pass of the divergence, two backward passes of the total loss pruned to
// the tensors that move. Adapts convolution weights and batch-norm scale and shift, never the classifier.
import { z } from 'zod'
import type { LaneOptions, PalmOptions } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward, type Tape } from '#engine/compute/graph.ts'
import {
  argMaxRows,
  consistency,
  entropies,
  keptEntropy,
  labelCrossEntropy,
  logSoftmax,
  uniformCrossEntropy,
} from '#engine/compute/losses.ts'
import { firstAdamDirection } from '#engine/compute/optimizers/adam.ts'
import { adaptableTensors, type Model } from '#engine/models/model.ts'
import { mix } from '#engine/compute/mix.ts'
import { AdaptedParameters } from '#engine/methods/parts/adapted-parameters.ts'
import type { Method, MethodState, NamedArray, StepResult, TensorReport } from '#engine/methods/method.ts'
import { AdamMoments, NamedTensors } from '#engine/methods/parts/moments.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import { backwardThrough, viewOf } from '#engine/methods/parts/two-views.ts'
import { ReplacementOptimizer } from './replacements.ts'
import { sensitivityOf, type Sensitivity } from './sensitivity.ts'
import { KappaTuning } from './tuning.ts'
import { selectTensors, uncertaintyScores } from './uncertainty.ts'

const scalarsSchema = z.object({
  method: z.literal('palm'),
  importance: z.record(z.string(), z.number()),
  counts: z.record(z.string(), z.number().int().nonnegative()),
  random: viewRandomStateSchema,
  replacement: z.json().default(null),
  tuning: z.json().default(null),
})

/** Looks at what a step computes before it is thrown away: for parity. The tensors are lent for the call only. */
export interface PalmObserver {
  gradientOfDivergence?(name: string, gradient: DeviceTensor): void
  sensitivity?(name: string, parts: Sensitivity): void
  gradientOfTotal?(name: string, gradient: DeviceTensor): void
  logitsOfView?(logits: Float32Array): void
}

export class Palm implements Method {
  readonly id = 'palm'
  private readonly device: Device
  private readonly model: Model
  private options: PalmOptions
  private readonly seed: number
  private readonly observer: PalmObserver | null
  private readonly names: readonly string[]
  private readonly own: AdaptedParameters
  private readonly averages: NamedTensors // S^
  private readonly importance = new Map<string, number>() // mean of the last importance computed
  private readonly adam: AdamMoments // paper variant only
  private readonly rates: NamedTensors // importance per element that goes stale: `reference` per element only
  private readonly replacement: ReplacementOptimizer | null
  private readonly perElement: boolean
  private readonly tuning: KappaTuning | null
  private random: ViewRandom

  constructor(device: Device, model: Model, options: PalmOptions, seed: number, observer: PalmObserver | null = null) {
    this.device = device
    this.model = model
    this.options = options
    this.seed = seed
    this.observer = observer
    this.names = adaptableTensors(model).map((tensor) => tensor.name)
    this.own = new AdaptedParameters(device, model, this.names)
    this.averages = new NamedTensors(this.own, 'shat')
    this.adam = new AdamMoments(device, this.own)
    this.rates = new NamedTensors(this.own, 'importance')
    this.perElement = (options.granularity ?? (options.variant === 'paper' ? 'element' : 'tensor')) === 'element'
    this.replacement =
      options.optimizer === 'adam'
        ? null
        : new ReplacementOptimizer(device, this.own, { ...options, optimizer: options.optimizer })
    this.tuning = options.tuning === 'auto' ? new KappaTuning() : null
    this.random = new ViewRandom(seed)
  }

  private get kappa(): number {
    return this.tuning?.kappa ?? this.options.kappa
  }

  adapts(): readonly string[] {
    return this.names
  }

  step(x: DeviceTensor, augmented?: DeviceTensor): StepResult {
    const { device, model, options } = this
    const { classes } = model
    const paper = options.variant === 'paper'
    const pixels = device.scale(x, 1 / 255)
    const view = viewOf(device, pixels, augmented, this.random)
    const plain = forward(device, model.graph, this.own.view, pixels, { statistics: 'batch', tape: true })
    const tape = plain.tape as Tape
    const values = device.read(plain.logits)
    const keep = this.tuning?.observe(values, predict(device, model, model.parameters, pixels).values, classes) ?? 1
    pixels.dispose()

    const byLabel = options.signal === 'pseudo-label'
    const divergence = byLabel
      ? labelCrossEntropy(logSoftmax(values, classes), classes, argMaxRows(values, classes))
      : uniformCrossEntropy(values, classes, options.temperature, paper ? 'mean' : 'sum')
    const dDivergence = device.fromArray(Float32Array.from(divergence.gradient), plain.logits.shape)
    plain.logits.dispose()
    const gradients = tape.backward(dDivergence, new Set(this.names), { last: false })
    dDivergence.dispose()
    const scores = uncertaintyScores(device, this.names, gradients)
    const selected = selectTensors(scores, options.eta)
    if (this.replacement) for (const gradient of gradients.values()) gradient.dispose()
    else this.rate(gradients, selected)
    const moving = new Set(this.names.filter((name) => selected.has(name) || (!paper && this.importance.has(name))))

    const other = forward(device, model.graph, this.own.view, view, { statistics: 'batch', tape: true })
    view.dispose()
    const otherValues = device.read(other.logits)
    this.observer?.logitsOfView?.(otherValues)
    const loss = this.totalLoss(values, otherValues)
    const { shape } = other.logits
    other.logits.dispose()
    const sides = [
      { tape, gradient: loss.gradient },
      { tape: other.tape as Tape, gradient: loss.gradientView },
    ]
    const totals = backwardThrough(device, sides, shape, moving)
    for (const name of moving) this.observer?.gradientOfTotal?.(name, totals.get(name) as DeviceTensor)
    const moves = this.replacement?.move(totals) ?? null
    if (!moves) for (const name of moving) this.update(name, totals.get(name) as DeviceTensor)
    if (keep < 1)
      for (const name of this.names)
        this.own.set(name, mix(device, this.own.get(name), model.parameters.get(name) as DeviceTensor, keep))
    if (paper) this.rates.clear()

    const reports = this.names.map((name) => this.report(name, scores, selected, moves))
    const share = (names: Iterable<string>) => [...names].reduce((sum, name) => sum + this.own.elements(name), 0)
    return {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: {
        [byLabel ? 'likelihood' : 'kl']: divergence.value,
        entropy: loss.entropy,
        consistency: loss.consistency,
        total: loss.total,
        ...(this.tuning ? { kappa: this.kappa } : {}),
      },
      keptMask: loss.kept,
      kept: loss.kept.filter(Boolean).length,
      tensors: reports,
      adaptedShare: share(moving) / share(this.names),
    }
  }

  /** Sensitivities and importance of the selected tensors; disposes all gradients. */
  private rate(gradients: ReadonlyMap<string, DeviceTensor>, selected: ReadonlySet<string>): void {
    const { device } = this
    const importances = new Map<string, DeviceTensor>()
    for (const name of this.names) {
      const gradient = gradients.get(name) as DeviceTensor
      this.observer?.gradientOfDivergence?.(name, gradient)
      if (selected.has(name)) {
        const before = this.averages.get(name)
        const parts = sensitivityOf(device, this.own.get(name), gradient, before, this.options.alpha)
        this.observer?.sensitivity?.(name, parts)
        this.averages.set(name, parts.average)
        parts.sensitivity.dispose()
        parts.uncertainty.dispose()
        importances.set(name, parts.importance)
      }
      gradient.dispose()
    }
    const means = device.meanMany([...importances.values()])
    for (const [i, name] of [...importances.keys()].entries()) this.importance.set(name, means[i] as number)
    for (const [name, importance] of importances) {
      if (this.perElement) this.rates.set(name, importance)
      else importance.dispose()
    }
  }

  /** Eq. 9-11: entropy of the samples below the margin, plus lambda (times C in the published code) times the consistency. */
  private totalLoss(values: Float32Array, otherValues: Float32Array) {
    const { classes } = this.model
    const { variant, lambda } = this.options
    const margin = this.options.margin ?? (variant === 'paper' ? 0.4 * Math.log(classes) : 0.4)
    const logP = logSoftmax(values, classes)
    const entropy = entropies(logP, classes)
    const kept = Array.from(entropy, (h) => (variant === 'paper' ? h <= margin : h < margin))
    const confident = keptEntropy(logP, classes, entropy, kept)
    const agreement = consistency(logP, logSoftmax(otherValues, classes), classes)
    const weight = variant === 'paper' ? lambda : lambda * classes
    return {
      entropy: confident.value,
      consistency: agreement.value,
      total: confident.value + weight * agreement.value,
      kept,
      gradient: confident.gradient.map((g, i) => g + weight * (agreement.gradientP[i] as number)),
      gradientView: agreement.gradientQ.map((g) => weight * g),
    }
  }

  /** Takes the gradient. */
  private update(name: string, gradient: DeviceTensor): void {
    const { device, options } = this
    const decayed = this.own.decayed(name, gradient, options.weightDecay)
    const direction =
      options.variant === 'paper' ? this.adam.direction(name, decayed) : firstAdamDirection(device, decayed)
    const rates = this.rates.get(name)
    if (rates) {
      const move = device.mul(direction, rates)
      this.own.descend(name, move, this.kappa)
      move.dispose()
    } else this.own.descend(name, direction, this.kappa * (this.importance.get(name) ?? 0))
    direction.dispose()
    decayed.dispose()
  }

  /** `moves`: the mean size of each tensor's move, where a replacing optimizer made it. */
  private report(
    name: string,
    scores: ReadonlyMap<string, number>,
    selected: ReadonlySet<string>,
    moves: ReadonlyMap<string, number> | null,
  ): TensorReport {
    const importance = this.importance.get(name) ?? 0
    const fresh = selected.has(name)
    const going = fresh || this.options.variant === 'reference'
    return {
      score: scores.get(name) as number,
      state: fresh ? 'fresh' : this.importance.has(name) ? 'stale' : 'never',
      importance: moves ? Number.NaN : importance,
      learningRate: moves ? (moves.get(name) ?? 0) : going ? this.kappa * importance : 0,
    }
  }

  currentWeights(): ReadonlyMap<string, DeviceTensor> {
    return this.own.view
  }

  parameters(): ReadonlyMap<string, NamedArray> {
    return this.own.export()
  }

  state(): MethodState {
    const arrays = this.own.stateArrays()
    this.averages.export(arrays)
    const counts = this.adam.export(arrays)
    this.rates.export(arrays)
    this.replacement?.export(arrays)
    return {
      scalars: {
        method: 'palm',
        replacement: this.replacement?.scalars() ?? null,
        tuning: this.tuning?.state() ?? null,
        importance: Object.fromEntries(this.importance),
        counts,
        random: this.random.state(),
      },
      arrays,
    }
  }

  restore(state: MethodState): void {
    const { importance, counts, random, replacement, tuning } = scalarsSchema.parse(state.scalars)
    this.reset()
    this.own.restoreFrom(state.arrays)
    this.averages.restore(state.arrays)
    for (const [name, mean] of Object.entries(importance)) this.importance.set(name, mean)
    this.adam.restore(state.arrays, counts)
    this.rates.restore(state.arrays)
    if (this.tuning) this.tuning.restore(tuning)
    if (this.replacement) {
      this.replacement.restore(state.arrays)
      this.replacement.restoreScalars(replacement)
    }
    this.random.restore(random)
  }

  adjust(options: LaneOptions): void {
    if (options.method === 'palm') this.options = options
  }

  reset(): void {
    this.own.reset()
    this.averages.clear()
    this.importance.clear()
    this.adam.clear()
    this.rates.clear()
    this.replacement?.clear()
    this.tuning?.clear()
    this.random = new ViewRandom(this.seed)
  }

  dispose(): void {
    this.reset()
    this.own.dispose()
  }
}
