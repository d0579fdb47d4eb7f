// All that PALM keeps from batch to batch, written and restored as one state: the weights, the moving averages of the sensitivities, the learning rates that
// go stale, the optimizer's moments, and the random generator of the views.
import { z } from 'zod'
import type { PalmOptions } from '#contract/methods/methods.ts'
import { ViewRandom, viewRandomStateSchema } from '#engine/augment/random.ts'
import type { Device } from '#engine/compute/device.ts'
import type { MethodState } from '#engine/methods/method.ts'
import { AdaptedParameters } from '#engine/methods/parts/adapted-parameters.ts'
import { FlatState } from '#engine/methods/parts/flat-state.ts'
import { AdamMoments } from '#engine/methods/parts/moments.ts'
import type { Model } from '#engine/models/model.ts'
import { ReplacementOptimizer } from './replacements.ts'
import { KappaTuning } from './tuning.ts'

const scalarsSchema = z.object({
  method: z.literal('palm'),
  importance: z.record(z.string(), z.number()),
  counts: z.record(z.string(), z.number().int().nonnegative()),
  random: viewRandomStateSchema,
  replacement: z.json().default(null),
  tuning: z.json().default(null),
})

export class PalmMemory {
  readonly weights: AdaptedParameters
  /** S^ of the tensors that were ever selected. */
  readonly averages: FlatState
  /** Mean over the tensor of the last importance computed. */
  readonly importance = new Map<string, number>()
  /** Importance per element, where the learning rates are per element; in the paper's variant for the one step only. */
  readonly elementwise: FlatState
  /** Adam's moments, which the paper's variant keeps. */
  readonly adam: AdamMoments
  /** In the place of importance and Adam (Table 6); null = PALM itself. */
  readonly replacement: ReplacementOptimizer | null
  /** Sets kappa on line (ours); null = it is the option. */
  readonly tuning: KappaTuning | null
  /** Draws the views. */
  random: ViewRandom
  private readonly seed: number

  constructor(device: Device, model: Model, names: readonly string[], options: PalmOptions, seed: number) {
    const { optimizer, tuning } = options
    this.weights = new AdaptedParameters(device, model, names)
    this.averages = new FlatState(device, this.weights, 'shat')
    this.elementwise = new FlatState(device, this.weights, 'importance')
    this.adam = new AdamMoments(device, this.weights)
    this.replacement =
      optimizer === 'adam' ? null : new ReplacementOptimizer(device, this.weights, { ...options, optimizer })
    this.tuning = tuning === 'auto' ? new KappaTuning() : null
    this.seed = seed
    this.random = new ViewRandom(seed)
  }

  async state(): Promise<MethodState> {
    const arrays = await this.weights.stateArrays()
    await this.averages.export(arrays)
    const counts = await this.adam.export(arrays)
    await this.elementwise.export(arrays)
    await this.replacement?.export(arrays)
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

  restore({ scalars, arrays }: MethodState): void {
    const { importance, counts, random, replacement, tuning } = scalarsSchema.parse(scalars)
    this.reset()
    this.weights.restoreFrom(arrays)
    this.averages.restore(arrays)
    for (const [name, mean] of Object.entries(importance)) this.importance.set(name, mean)
    this.adam.restore(arrays, counts)
    this.elementwise.restore(arrays)
    this.tuning?.restore(tuning)
    this.replacement?.restore(arrays)
    this.replacement?.restoreScalars(replacement)
    this.random.restore(random)
  }

  reset(): void {
    this.weights.reset()
    this.averages.clear()
    this.importance.clear()
    this.adam.clear()
    this.elementwise.clear()
    this.replacement?.clear()
    this.tuning?.clear()
    this.random = new ViewRandom(this.seed)
  }

  dispose(): void {
    this.reset()
    this.weights.dispose()
  }
}
