// LAW, layer-wise auto-weighting (Park et al., WACV 2024): learning rates per tensor from the accumulated squared gradient of the negative
// log-likelihood of the model's own labels (a Fisher estimate). As published, gradients are not cleared before that pass, so the last
// batch's gradient of the total loss is added to it; `clean` clears them. Predictions are those from before the step.
import { z } from 'zod'
import type { LaneOptions, OptionsOf } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import {
  argMaxRows,
  consistency,
  entropies,
  keptEntropy,
  labelCrossEntropy,
  logSoftmax,
} from '#engine/compute/losses.ts'
import { firstAdamDirection } from '#engine/compute/optimizers/adam.ts'
import { adaptableTensors, type Model } from '#engine/models/model.ts'
import { AdaptedParameters, packed } from '#engine/methods/parts/adapted-parameters.ts'
import type { Method, MethodState, NamedArray, StepResult } from '#engine/methods/method.ts'
import type { FlatLayout } from '#engine/methods/parts/flat-layout.ts'
import { FlatState } from '#engine/methods/parts/flat-state.ts'
import { backwardThrough, forwardWithTape, uploaded, viewOf } from '#engine/methods/parts/two-views.ts'

const scalarsSchema = z.object({ method: z.literal('law'), random: viewRandomStateSchema })

/** Looks at what a step computes before it is thrown away: for parity. The tensors are lent for the call only. */
interface LawObserver {
  rootMeanFisher?(name: string, value: number): void
  gradientOfTotal?(layout: FlatLayout, gradient: DeviceTensor, names: ReadonlySet<string>): void
  logitsOfView?(logits: Float32Array): void
}

export class Law implements Method {
  readonly id = 'law'
  private readonly device: Device
  private readonly model: Model
  private options: OptionsOf<'law'>
  private readonly seed: number
  private readonly observer: LawObserver | null
  private readonly names: readonly string[]
  private readonly own: AdaptedParameters
  private readonly fisher: FlatState
  private readonly leftover: FlatState
  private random: ViewRandom

  constructor(
    device: Device,
    model: Model,
    options: OptionsOf<'law'>,
    seed: number,
    observer: LawObserver | null = null,
  ) {
    this.device = device
    this.model = model
    this.options = options
    this.seed = seed
    this.observer = observer
    this.names = adaptableTensors(model).map(({ name }) => name)
    this.own = new AdaptedParameters(device, model, this.names)
    this.fisher = new FlatState(device, this.own, 'fisher')
    this.leftover = new FlatState(device, this.own, 'leftover')
    this.random = new ViewRandom(seed)
  }

  adapts(): readonly string[] {
    return this.names
  }

  async step(x: DeviceTensor, augmented?: DeviceTensor): Promise<StepResult> {
    const { device, model } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const view = viewOf(device, pixels, augmented, this.random)
    const plain = forwardWithTape(device, model, this.own.view, pixels)
    const other = forwardWithTape(device, model, this.own.view, view)
    const { shape } = plain.logits
    const [values, ofView] = (await device.readMany([plain.logits, other.logits])) as [Float32Array, Float32Array]
    this.observer?.logitsOfView?.(ofView)
    const predictions = argMaxRows(values, classes)
    const log = logSoftmax(values, classes)
    const likelihood = labelCrossEntropy(log, classes, predictions)
    const all = new Array<boolean>(predictions.length).fill(true)
    const entropy = keptEntropy(log, classes, entropies(log, classes), all)
    const agreement = consistency(log, logSoftmax(ofView, classes), classes)
    const weight = this.options.weight ?? 0.01 * classes
    const slopes = entropy.gradient.map((g, i) => g + weight * (agreement.gradientP[i] as number))
    const slopesOfView = agreement.gradientQ.map((g) => weight * g)
    const [ofLikelihood, gradient, gradientOfView] = uploaded(
      device,
      [likelihood.gradient, slopes, slopesOfView],
      shape,
    ) as [DeviceTensor, DeviceTensor, DeviceTensor]
    const wanted = new Set(this.names)
    const rates = await this.rates(packed(this.own, plain.tape.backward(ofLikelihood, wanted, { last: false })))
    const sides = [
      { tape: plain.tape, gradient },
      { tape: other.tape, gradient: gradientOfView },
    ]
    const total = backwardThrough(device, this.own, sides, wanted)
    this.observer?.gradientOfTotal?.(this.own.layout, total, wanted)
    const direction = firstAdamDirection(device, total)
    const rows = this.own.layout.spreadNumbers((name) => rates.get(name)?.learningRate ?? 0)
    this.own.descend(direction, rows)
    if (this.options.clean) total.dispose()
    else this.leftover.set(total)
    for (const tensor of [pixels, view, plain.logits, other.logits, ofLikelihood, direction, rows]) tensor.dispose()
    return {
      logits: values,
      classes,
      predictions,
      losses: {
        likelihood: likelihood.value,
        entropy: entropy.value,
        consistency: agreement.value,
        total: entropy.value + weight * agreement.value,
      },
      keptMask: null,
      kept: null,
      tensors: this.names.map(
        (name) =>
          ({
            score: rates.get(name)?.root ?? Number.NaN,
            state: 'adapted',
            importance: rates.get(name)?.weight ?? Number.NaN,
            learningRate: rates.get(name)?.learningRate ?? 0,
          }) as const,
      ),
      adaptedShare: 1,
    }
  }

  /** Folds the gradients (which it takes) into the Fisher estimate; learning rates by the min-max scale of its root means. */
  private async rates(
    gradient: DeviceTensor,
  ): Promise<Map<string, { root: number; weight: number; learningRate: number }>> {
    const { device, options, own } = this
    const left = this.leftover.get()
    const whole = left ? device.add(gradient, left) : gradient
    const square = device.square(whole)
    this.fisher.set(device.add(this.fisher.orZeros(), square))
    const sums = own.layout.sums(this.fisher.orZeros())
    const reading = device.read(sums)
    if (whole !== gradient) whole.dispose()
    for (const tensor of [gradient, square, sums]) tensor.dispose()
    const means = (await reading).map((sum, i) => sum / (own.layout.elements[i] as number))
    const roots = Array.from(means, Math.sqrt)
    const low = roots.reduce((least, root) => Math.min(least, root), Number.POSITIVE_INFINITY)
    const high = roots.reduce((most, root) => Math.max(most, root), 0)
    return new Map(
      this.names.map((name, i) => {
        const root = roots[i] as number
        this.observer?.rootMeanFisher?.(name, root)
        const weight = (root - low) / (high - low + 1e-8)
        return [name, { root, weight, learningRate: options.learningRate * weight ** options.tau }]
      }),
    )
  }

  currentWeights(): ReadonlyMap<string, DeviceTensor> {
    return this.own.view
  }

  parameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return this.own.export()
  }

  async state(): Promise<MethodState> {
    const arrays = await this.own.stateArrays()
    await this.fisher.export(arrays)
    await this.leftover.export(arrays)
    return { scalars: { method: 'law', random: this.random.state() }, arrays }
  }

  restore(state: MethodState): void {
    const { random } = scalarsSchema.parse(state.scalars)
    this.own.restoreFrom(state.arrays)
    this.fisher.restore(state.arrays)
    this.leftover.restore(state.arrays)
    this.random.restore(random)
  }

  adjust(options: LaneOptions): void {
    if (options.method === 'law') this.options = options
  }

  reset(): void {
    this.own.reset()
    this.fisher.clear()
    this.leftover.clear()
    this.random = new ViewRandom(this.seed)
  }

  dispose(): void {
    this.reset()
    this.own.dispose()
  }
}
