// PALM section 3.3, the learning rates: importances of the selected tensors, kept where they go stale, times kappa; per tensor or per element. What the host
// decides for a step goes to the device in one upload, what it wants to know of it comes back in one read.
import type { PalmOptions } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { PalmMemory } from './memory.ts'
import type { PalmObserver } from './observer.ts'
import { importanceOf, sensitivityOf } from './sensitivity.ts'

/** What the host decided after the scores, on the device. */
export interface Chosen {
  /** Of the loss, by the logits of the batch and of its view. */
  readonly gradient: DeviceTensor
  readonly gradientOfView: DeviceTensor
  /** The share of S in S^, for each row: 0 where the tensor is not selected. */
  readonly alpha: DeviceTensor
  /** Of each tensor's rate what is fixed, and its share of the sum below. */
  readonly fixed: DeviceTensor
  readonly share: DeviceTensor
}

/** How far the importance is above 1, summed over each tensor (rows that no tensor fills have an importance of 1); and the same on its way to the host. */
export interface Importance {
  readonly sums: DeviceTensor
  readonly reading: Promise<Float32Array>
}

export class LearningRates {
  private readonly device: Device
  private readonly memory: PalmMemory
  private readonly observer: PalmObserver | null
  private options: PalmOptions

  constructor(device: Device, memory: PalmMemory, options: PalmOptions, observer: PalmObserver | null) {
    this.device = device
    this.memory = memory
    this.options = options
    this.observer = observer
  }

  adjust(options: PalmOptions): void {
    this.options = options
  }

  /** One upload: the loss's gradients by both sides' logits, and what follows from the selection. */
  choose(
    gradients: readonly [batch: Float64Array, view: Float64Array],
    shape: readonly number[],
    selected: ReadonlySet<string>,
    kappa: number,
  ): Chosen {
    const { device, memory, options } = this
    const { layout } = memory.weights
    const column = (valueOf: (name: string, i: number) => number) => ({
      data: Float32Array.from(layout.names, valueOf),
      shape: [layout.names.length],
    })
    // The published code goes on with the old importance of what is not selected now.
    const stale = (name: string) => (options.variant === 'reference' ? kappa * (memory.importance.get(name) ?? 0) : 0)
    const [gradient, gradientOfView, alphas, fixed, share] = device.fromArrays([
      ...gradients.map((values) => ({ data: Float32Array.from(values), shape })),
      column((name) => (selected.has(name) ? options.alpha : 0)),
      column((name) => (selected.has(name) ? kappa : stale(name))),
      column((name, i) => (selected.has(name) ? kappa / (layout.elements[i] as number) : 0)),
    ]) as [DeviceTensor, DeviceTensor, DeviceTensor, DeviceTensor, DeviceTensor]
    const alpha = layout.spread(alphas)
    alphas.dispose()
    return { gradient, gradientOfView, alpha, fixed, share }
  }

  /** Eq. 5-7 for the selected tensors: S, its moving average, and the importance; takes the gradient and alpha. Null where another optimizer needs none. */
  updateImportance(gradient: DeviceTensor, alpha: DeviceTensor, selected: ReadonlySet<string>): Importance | null {
    const { device, memory } = this
    const { weights, averages, elementwise } = memory
    if (memory.replacement) {
      gradient.dispose()
      alpha.dispose()
      return null
    }
    const parts = sensitivityOf(device, weights.flat, gradient, averages.orZeros(), alpha)
    const sums = weights.layout.sums(parts.excess)
    if (this.perElement || this.observer?.sensitivity) {
      const importance = importanceOf(device, parts)
      this.observer?.sensitivity?.(weights.layout, { ...parts, importance }, selected)
      if (this.perElement) elementwise.put(importance, selected)
      importance.dispose()
    }
    averages.set(parts.average, selected)
    for (const tensor of [gradient, alpha, parts.sensitivity, parts.uncertainty, parts.excess]) tensor.dispose()
    return { sums, reading: device.read(sums) }
  }

  /** For the rows, or for each element, of what moves: kappa times importance. Takes what was chosen for it. */
  ofRows(
    { fixed, share }: Chosen,
    importance: Importance | null,
    moving: ReadonlySet<string>,
    kappa: number,
  ): DeviceTensor {
    const { device } = this
    const { weights, elementwise } = this.memory
    const scratch = [fixed, share]
    let rates: DeviceTensor
    if (this.perElement || !importance) {
      const rows = weights.layout.spreadNumbers((name) => (moving.has(name) ? kappa : 0))
      rates = device.mul(elementwise.orZeros(), rows)
      scratch.push(rows)
    } else {
      const fresh = device.mul(share, importance.sums)
      const ofTensors = device.add(fixed, fresh)
      rates = weights.layout.spread(ofTensors)
      scratch.push(fresh, ofTensors)
    }
    for (const tensor of scratch) tensor.dispose()
    if (this.options.variant === 'paper') elementwise.clear()
    return rates
  }

  /** Notes the mean importance of the selected tensors, once it has come. Takes the sums. */
  async keep({ sums, reading }: Importance, selected: ReadonlySet<string>): Promise<void> {
    sums.dispose()
    const { weights, importance } = this.memory
    for (const [i, sum] of (await reading).entries()) {
      const name = weights.layout.names[i] as string
      if (selected.has(name)) importance.set(name, 1 + sum / (weights.layout.elements[i] as number))
    }
  }

  /** One learning rate per element, or one per tensor. */
  private get perElement(): boolean {
    const { granularity, variant } = this.options
    return (granularity ?? (variant === 'paper' ? 'element' : 'tensor')) === 'element'
  }
}
