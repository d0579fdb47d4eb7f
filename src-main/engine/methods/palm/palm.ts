// PALM (Maharana, Zhang, Guo, AAAI 2025): learning rates per tensor from the gradient of a divergence to the uniform distribution. Equations are the
// paper's. Two variants: `reference`, what the published code does, and `paper`, what the text says; the README of ../shared/parity lists every difference.
// One step: forward x and its view, a full backward pass of the divergence, two backward passes of the loss pruned to the tensors that move. Adapts
// convolution weights and batch-norm scale and shift, never the classifier.
import type { LaneOptions, PalmOptions } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows } from '#engine/compute/losses.ts'
import { firstAdamDirection } from '#engine/compute/optimizers/adam.ts'
import type { Method, MethodState, NamedArray, StepResult, TensorReport } from '#engine/methods/method.ts'
import { packed } from '#engine/methods/parts/adapted-parameters.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import { backwardThrough, forwardWithTape, viewOf } from '#engine/methods/parts/two-views.ts'
import { adaptableTensors, type Model } from '#engine/models/model.ts'
import { LearningRates, type Chosen, type Importance } from './learning-rates.ts'
import { PalmMemory } from './memory.ts'
import { objective } from './objective.ts'
import type { PalmObserver } from './observer.ts'
import { divergence, divergenceGradient, selectTensors, uncertaintyScores } from './uncertainty.ts'

export class Palm implements Method {
  readonly id = 'palm'
  private readonly device: Device
  private readonly model: Model
  private options: PalmOptions
  private readonly observer: PalmObserver | null
  private readonly names: readonly string[]
  private readonly memory: PalmMemory
  private readonly rates: LearningRates

  constructor(device: Device, model: Model, options: PalmOptions, seed: number, observer: PalmObserver | null = null) {
    this.device = device
    this.model = model
    this.options = options
    this.observer = observer
    this.names = adaptableTensors(model).map(({ name }) => name)
    this.memory = new PalmMemory(device, model, this.names, options, seed)
    this.rates = new LearningRates(device, this.memory, options, observer)
  }

  async step(x: DeviceTensor, augmented?: DeviceTensor): Promise<StepResult> {
    const { device, model, memory, names, options } = this
    const { classes } = model
    const { weights } = memory
    const pixels = device.scale(x, 1 / 255)
    const view = viewOf(device, pixels, augmented, memory.random)

    // Forward: norm layers with the batch's own statistics. The batch's logits are the prediction that is scored.
    const plain = forwardWithTape(device, model, weights.view, pixels)
    const other = forwardWithTape(device, model, weights.view, view)
    view.dispose()

    // Section 3.2: which tensors adapt to this batch, and which are frozen? Eq. 1-3; for Eq. 4 the scores are waited for.
    const slope = await divergenceGradient(device, plain.logits, options)
    const gradient = packed(weights, plain.tape.backward(slope, new Set(names), { last: false }))
    const ofTensors = uncertaintyScores(device, weights.layout, gradient)
    const seen = await device.readMany([plain.logits, other.logits, ofTensors])
    const [logits, logitsOfView, scores] = seen as [Float32Array, Float32Array, Float32Array]
    for (const tensor of [slope, ofTensors, plain.logits, other.logits]) tensor.dispose()
    this.observer?.logitsOfView?.(logitsOfView)
    const keep = await this.tuneKappa(pixels, logits)
    pixels.dispose()
    const selected = selectTensors(names, scores, options.eta) // Eq. 4
    const moving = new Set(names.filter((name) => this.moves(name, selected)))

    // The loss on the batch and its view, Eq. 9-11; its gradients go to the device with what was selected.
    const loss = objective(logits, logitsOfView, classes, options)
    const shape = [logits.length / classes, classes]
    const chosen = this.rates.choose([loss.gradient, loss.gradientOfView], shape, selected, this.kappa)

    const sides = [
      { tape: plain.tape, gradient: chosen.gradient },
      { tape: other.tape, gradient: chosen.gradientOfView },
    ]
    const total = backwardThrough(device, weights, sides, moving)

    // Section 3.3: how important is each of them now? Eq. 5-7
    this.observer?.gradientOfDivergence?.(weights.layout, gradient)
    const importance = this.rates.updateImportance(gradient, chosen.alpha, selected)
    const sizes = await this.move(total, moving, chosen, importance) // Eq. 8
    if (keep < 1) weights.draw(weights.source, keep)
    if (importance) await this.rates.keep(importance, selected)

    const uncertainty = divergence(logits, classes, options) // Eq. 1, 2
    return {
      logits,
      classes,
      predictions: argMaxRows(logits, classes),
      losses: {
        [options.signal === 'pseudo-label' ? 'likelihood' : 'kl']: uncertainty.value,
        entropy: loss.entropy,
        consistency: loss.consistency,
        total: loss.total,
        ...(memory.tuning ? { kappa: this.kappa } : {}),
      },
      keptMask: loss.kept,
      kept: loss.kept.filter(Boolean).length,
      tensors: names.map((name, i) => this.report(name, scores[i] as number, selected, sizes)),
      adaptedShare: this.elements(moving) / this.elements(names),
    }
  }

  /** What is selected moves; in the published code also what was selected once, by its stale importance. */
  private moves(name: string, selected: ReadonlySet<string>): boolean {
    return selected.has(name) || (this.options.variant === 'reference' && this.memory.importance.has(name))
  }

  /** Eq. 8: theta <- theta - kappa importance Adam(gradient). Takes the gradients. @returns the mean size of each move of a replacing optimizer */
  private async move(
    gradient: DeviceTensor,
    moving: ReadonlySet<string>,
    chosen: Chosen,
    importance: Importance | null,
  ): Promise<ReadonlyMap<string, number> | null> {
    const { device, memory, options, observer } = this
    const { weights, adam } = memory
    observer?.gradientOfTotal?.(weights.layout, gradient, moving)
    if (memory.replacement) {
      const gradients = weights.layout.unpack(gradient, (name) => moving.has(name))
      for (const tensor of [gradient, chosen.fixed, chosen.share]) tensor.dispose()
      return await memory.replacement.move(gradients)
    }
    const decayed = weights.decayed(gradient, options.weightDecay)
    // The published code makes Adam anew for each batch.
    const direction = options.variant === 'paper' ? adam.move(decayed, moving, 1) : firstAdamDirection(device, decayed)
    const rates = this.rates.ofRows(chosen, importance, moving, this.kappa)
    weights.descend(direction, rates, moving)
    for (const tensor of [rates, direction, decayed]) tensor.dispose()
    return null
  }

  private get kappa(): number {
    return this.memory.tuning?.kappa ?? this.options.kappa
  }

  /** `auto` (ours). @returns how much of the way from the source's weights is kept */
  private async tuneKappa(pixels: DeviceTensor, logits: Float32Array): Promise<number> {
    const { device, model } = this
    const { tuning } = this.memory
    return tuning?.observe(logits, (await predict(device, model, model.parameters, pixels)).values, model.classes) ?? 1
  }

  /** `sizes`: the mean size of each tensor's move, where a replacing optimizer made it. */
  private report(
    name: string,
    score: number,
    selected: ReadonlySet<string>,
    sizes: ReadonlyMap<string, number> | null,
  ): TensorReport {
    const known = this.memory.importance.get(name)
    const fresh = selected.has(name)
    const going = fresh || this.options.variant === 'reference'
    return {
      score,
      state: fresh ? 'fresh' : known === undefined ? 'never' : 'stale',
      importance: sizes ? Number.NaN : (known ?? 0),
      learningRate: sizes ? (sizes.get(name) ?? 0) : going ? this.kappa * (known ?? 0) : 0,
    }
  }

  private elements(names: Iterable<string>): number {
    return [...names].reduce((sum, name) => sum + this.memory.weights.elements(name), 0)
  }

  adapts(): readonly string[] {
    return this.names
  }

  currentWeights(): ReadonlyMap<string, DeviceTensor> {
    return this.memory.weights.view
  }

  parameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return this.memory.weights.export()
  }

  state(): Promise<MethodState> {
    return this.memory.state()
  }

  restore(state: MethodState): void {
    this.memory.restore(state)
  }

  adjust(options: LaneOptions): void {
    if (options.method !== 'palm') return
    this.options = options
    this.rates.adjust(options)
  }

  reset(): void {
    this.memory.reset()
  }

  dispose(): void {
    this.memory.dispose()
  }
}
