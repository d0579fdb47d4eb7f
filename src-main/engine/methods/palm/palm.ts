// PALM (Maharana, Zhang, Guo, AAAI 2025): learning rates per tensor from the gradient of a divergence to the uniform distribution. Equations are the
// paper's. Two variants: `reference`, what the published code does, and `paper`, what the text says; the README of ../shared/parity lists every difference.
// One step: forward x and its view, a full backward pass of the divergence, two backward passes of the loss pruned to the tensors that move. Adapts
// convolution weights and batch-norm scale and shift, never the classifier.
import type { LaneOptions, PalmOptions } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows } from '#engine/compute/losses.ts'
import { mix } from '#engine/compute/mix.ts'
import { firstAdamDirection } from '#engine/compute/optimizers/adam.ts'
import type { Method, MethodState, NamedArray, StepResult, TensorReport } from '#engine/methods/method.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import { backwardOf, backwardThrough, forwardWithTape, viewOf } from '#engine/methods/parts/two-views.ts'
import { adaptableTensors, type Model } from '#engine/models/model.ts'
import { PalmMemory } from './memory.ts'
import { objective } from './objective.ts'
import { sensitivityOf, type Sensitivity } from './sensitivity.ts'
import { divergence, selectTensors, uncertaintyScores } from './uncertainty.ts'

/** Looks at what a step computes before it is thrown away: for parity. The tensors are lent for the call only. */
export interface PalmObserver {
  gradientOfDivergence?(name: string, gradient: DeviceTensor): void
  sensitivity?(name: string, parts: Sensitivity): void
  gradientOfTotal?(name: string, gradient: DeviceTensor): void
  logitsOfView?(logits: Float32Array): void
}

type Gradients = ReadonlyMap<string, DeviceTensor>

export class Palm implements Method {
  readonly id = 'palm'
  private readonly device: Device
  private readonly model: Model
  private options: PalmOptions
  private readonly observer: PalmObserver | null
  private readonly names: readonly string[]
  private readonly memory: PalmMemory

  constructor(device: Device, model: Model, options: PalmOptions, seed: number, observer: PalmObserver | null = null) {
    this.device = device
    this.model = model
    this.options = options
    this.observer = observer
    this.names = adaptableTensors(model).map(({ name }) => name)
    this.memory = new PalmMemory(device, model, this.names, options, seed)
  }

  async step(x: DeviceTensor, augmented?: DeviceTensor): Promise<StepResult> {
    const { device, model, memory, names, options } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const view = viewOf(device, pixels, augmented, memory.random)

    // Forward: norm layers with the batch's own statistics. These logits are the prediction that is scored.
    const plain = await forwardWithTape(device, model, memory.weights.view, pixels)
    const { logits } = plain
    const keep = await this.tuneKappa(pixels, logits)
    pixels.dispose()

    // Section 3.2: which tensors adapt to this batch, and which are frozen?
    const uncertainty = divergence(logits, classes, options) // Eq. 1, 2
    const gradients = backwardOf(device, plain, uncertainty.gradient, new Set(names))
    const scores = await uncertaintyScores(device, names, gradients) // Eq. 3
    const selected = selectTensors(scores, options.eta) // Eq. 4

    // Section 3.3: how important is each of them now?
    if (memory.replacement) for (const gradient of gradients.values()) gradient.dispose()
    else await this.updateImportance(gradients, selected) // Eq. 5-7
    const moving = new Set(names.filter((name) => this.moves(name, selected)))

    // The loss on the batch and its view, and its gradients for the tensors that move.
    const other = await forwardWithTape(device, model, memory.weights.view, view)
    view.dispose()
    this.observer?.logitsOfView?.(other.logits)
    const loss = objective(logits, other.logits, classes, options) // Eq. 9-11
    const sides = [
      { tape: plain.tape, gradient: loss.gradient },
      { tape: other.tape, gradient: loss.gradientOfView },
    ]
    const totals = backwardThrough(device, sides, plain.shape, moving)

    const sizes = await this.move(totals, moving) // Eq. 8
    if (keep < 1) this.drawBack(keep)

    const reports = names.map((name) => this.report(name, scores, selected, sizes))
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
      tensors: reports,
      adaptedShare: this.elements(moving) / this.elements(names),
    }
  }

  /** Eq. 5-7 for the selected tensors: S, its moving average, and the importance. Takes the gradients. */
  private async updateImportance(gradients: Gradients, selected: ReadonlySet<string>): Promise<void> {
    const { device, memory, observer } = this
    const importances = new Map<string, DeviceTensor>()
    for (const name of this.names) {
      const gradient = gradients.get(name) as DeviceTensor
      observer?.gradientOfDivergence?.(name, gradient)
      if (selected.has(name)) {
        const { weights, averages } = memory
        const parts = sensitivityOf(device, weights.get(name), gradient, averages.get(name), this.options.alpha)
        observer?.sensitivity?.(name, parts)
        averages.set(name, parts.average)
        parts.sensitivity.dispose()
        parts.uncertainty.dispose()
        importances.set(name, parts.importance)
      }
      gradient.dispose()
    }
    const means = await device.meanMany([...importances.values()])
    for (const [i, name] of [...importances.keys()].entries()) memory.importance.set(name, means[i] as number)
    for (const [name, importance] of importances) {
      if (this.perElement) memory.elementwise.set(name, importance)
      else importance.dispose()
    }
  }

  /** What is selected moves; in the published code also what was selected once, by its stale importance. */
  private moves(name: string, selected: ReadonlySet<string>): boolean {
    return selected.has(name) || (this.options.variant === 'reference' && this.memory.importance.has(name))
  }

  /** Eq. 8: theta <- theta - kappa importance Adam(gradient). Takes the gradients. @returns the mean size of each move of a replacing optimizer */
  private async move(gradients: Gradients, moving: ReadonlySet<string>): Promise<ReadonlyMap<string, number> | null> {
    const { memory, observer } = this
    for (const [name, gradient] of gradients) observer?.gradientOfTotal?.(name, gradient)
    if (memory.replacement) return await memory.replacement.move(gradients)
    for (const name of moving) this.descend(name, gradients.get(name) as DeviceTensor)
    if (this.options.variant === 'paper') memory.elementwise.clear()
    return null
  }

  private descend(name: string, gradient: DeviceTensor): void {
    const { device, options, kappa } = this
    const { weights, importance, elementwise, adam } = this.memory
    const decayed = weights.decayed(name, gradient, options.weightDecay)
    // The published code makes Adam anew for each batch.
    const direction = options.variant === 'paper' ? adam.direction(name, decayed) : firstAdamDirection(device, decayed)
    const rates = elementwise.get(name)
    if (rates) {
      const move = device.mul(direction, rates)
      weights.descend(name, move, kappa)
      move.dispose()
    } else weights.descend(name, direction, kappa * (importance.get(name) ?? 0))
    direction.dispose()
    decayed.dispose()
  }

  private get kappa(): number {
    return this.memory.tuning?.kappa ?? this.options.kappa
  }

  /** One learning rate per element, or one per tensor. */
  private get perElement(): boolean {
    const { granularity, variant } = this.options
    return (granularity ?? (variant === 'paper' ? 'element' : 'tensor')) === 'element'
  }

  /** `auto` (ours). @returns how much of the way from the source's weights is kept */
  private async tuneKappa(pixels: DeviceTensor, logits: Float32Array): Promise<number> {
    const { device, model } = this
    const { tuning } = this.memory
    return tuning?.observe(logits, (await predict(device, model, model.parameters, pixels)).values, model.classes) ?? 1
  }

  private drawBack(keep: number): void {
    const { device, model } = this
    const { weights } = this.memory
    for (const name of this.names)
      weights.set(name, mix(device, weights.get(name), model.parameters.get(name) as DeviceTensor, keep))
  }

  /** `sizes`: the mean size of each tensor's move, where a replacing optimizer made it. */
  private report(
    name: string,
    scores: ReadonlyMap<string, number>,
    selected: ReadonlySet<string>,
    sizes: ReadonlyMap<string, number> | null,
  ): TensorReport {
    const known = this.memory.importance.get(name)
    const fresh = selected.has(name)
    const going = fresh || this.options.variant === 'reference'
    return {
      score: scores.get(name) as number,
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
    if (options.method === 'palm') this.options = options
  }

  reset(): void {
    this.memory.reset()
  }

  dispose(): void {
    this.memory.dispose()
  }
}
