// PALM's signal in the preset `auto` (ours): scores and importances of all tensors from the divergence to the uniform distribution (Eq. 1-3, 5-7). They change
// slowly, and cost a backward pass: measured at every second batch, or every fourth of small ones, they left the errors as they were (docs/palm-auto-history.md).
import { z } from 'zod'
import type { PalmOptions } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { JsonValue, NamedArray } from '#engine/methods/method.ts'
import { packed, type AdaptedParameters } from '#engine/methods/parts/adapted-parameters.ts'
import { FlatState } from '#engine/methods/parts/flat-state.ts'
import type { Arrays } from '#engine/methods/parts/state-parts.ts'
import type { TapedPass } from '#engine/methods/parts/two-views.ts'
import { sensitivityOf } from './sensitivity.ts'
import { divergenceGradient, uncertaintyScores } from './uncertainty.ts'

/** What is not a number is none in JSON. */
const numbers = z.array(z.number().nullable()).transform((values) => Float32Array.from(values, (v) => v ?? Number.NaN))
const measuredSchema = z.object({ scores: numbers, excesses: numbers })

export class AutoImportance {
  private readonly device: Device
  private readonly weights: AdaptedParameters
  /** S^, Eq. 6. */
  private readonly averages: FlatState
  /** By tensor, when they were last measured: the scores of Eq. 4, and the importance less 1, summed over each. */
  private last: { readonly scores: Float32Array; readonly excesses: Float32Array } | null = null

  constructor(device: Device, weights: AdaptedParameters) {
    this.device = device
    this.weights = weights
    this.averages = new FlatState(device, weights, 'shat')
  }

  /**
   * Of step `step`, counted from 0; the pass keeps its way back. `every`: 1 = at each batch.
   * @returns what is to be read and given to `take`, the caller's; nothing where the last ones hold
   */
  async measure(step: number, every: number, plain: TapedPass, options: PalmOptions): Promise<readonly DeviceTensor[]> {
    if (this.last && step % every !== 0) return []
    const { device, weights, averages } = this
    const slope = await divergenceGradient(device, plain.logits, options)
    const gradient = packed(weights, plain.tape.backward(slope, new Set(weights.layout.names), { last: false }))
    const scores = uncertaintyScores(device, weights.layout, gradient)
    const alpha = weights.layout.spreadNumbers(() => options.alpha)
    const parts = sensitivityOf(device, weights.flat, gradient, averages.orZeros(), alpha)
    const excesses = weights.layout.sums(parts.excess)
    averages.set(parts.average)
    for (const tensor of [slope, gradient, alpha, parts.sensitivity, parts.uncertainty, parts.excess]) tensor.dispose()
    return [scores, excesses]
  }

  take([scores, excesses]: readonly Float32Array[]): void {
    if (scores && excesses) this.last = { scores, excesses }
  }

  /** Of the tensor at place `i` of the layout. */
  of(i: number): { readonly score: number; readonly importance: number } {
    const elements = this.weights.layout.elements[i] as number
    return { score: this.last?.scores[i] ?? 0, importance: 1 + (this.last?.excesses[i] ?? 0) / elements }
  }

  async export(arrays: Arrays): Promise<void> {
    await this.averages.export(arrays)
  }

  state(): JsonValue {
    return this.last && { scores: [...this.last.scores], excesses: [...this.last.excesses] }
  }

  /** `state` of runs from before there was one: null. */
  restore(arrays: ReadonlyMap<string, NamedArray>, state: unknown): void {
    this.averages.restore(arrays)
    this.last = state === null ? null : measuredSchema.parse(state)
  }

  clear(): void {
    this.averages.clear()
    this.last = null
  }
}
