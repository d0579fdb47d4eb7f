// TENT (Wang, Shelhamer, Liu, Olshausen, Darrell, ICLR 2021), continual: entropy of all samples, Adam on batch-norm scale and shift, never
// reset by itself. Predictions are those from before the step.
import { z } from 'zod'
import type { TentOptions } from '../../contract/run-options.ts'
import type { Device, DeviceTensor } from '../compute/device.ts'
import { forward } from '../compute/graph.ts'
import { argMaxRows, entropies, keptEntropy, logSoftmax } from '../compute/losses.ts'
import { adamInit, adamUpdate, type AdamState } from '../compute/optimizers/adam.ts'
import { adaptableTensors, type Model } from '../models/model.ts'
import { AdaptedParameters } from './adapted-parameters.ts'
import type { Method, MethodState, NamedArray, StepResult } from './method.ts'

const scalarsSchema = z.object({ method: z.literal('tent'), counts: z.record(z.string(), z.number().int().nonnegative()) })

export class Tent implements Method {
  readonly id = 'tent'
  private readonly device: Device
  private readonly model: Model
  private readonly options: TentOptions
  private readonly names: readonly string[]
  private readonly own: AdaptedParameters
  private readonly adam = new Map<string, AdamState>()

  constructor(device: Device, model: Model, options: TentOptions) {
    this.device = device
    this.model = model
    this.options = options
    this.names = adaptableTensors(model).filter((tensor) => tensor.kind !== 'conv').map((tensor) => tensor.name)
    this.own = new AdaptedParameters(device, model, this.names)
  }

  adapts(): readonly string[] {
    return this.names
  }

  step(x: DeviceTensor): StepResult {
    const { device, model } = this
    const { classes } = model
    const pixels = device.scale(x, 1 / 255)
    const { logits, tape } = forward(device, model.graph, this.own.view, pixels, { statistics: 'batch', tape: true })
    const values = device.read(logits)
    const log = logSoftmax(values, classes)
    const loss = keptEntropy(log, classes, entropies(log, classes), new Array<boolean>(values.length / classes).fill(true))
    const dLogits = device.fromArray(Float32Array.from(loss.gradient), logits.shape)
    const gradients = tape?.backward(dLogits, new Set(this.names), { last: true }) ?? new Map<string, DeviceTensor>()
    for (const [name, gradient] of gradients) {
      const before = this.adam.get(name) ?? adamInit(device, gradient.shape)
      const { state, direction } = adamUpdate(device, gradient, before)
      before.m.dispose()
      before.v.dispose()
      this.adam.set(name, state)
      this.own.descend(name, direction, this.options.learningRate)
      direction.dispose()
      gradient.dispose()
    }
    for (const tensor of [pixels, logits, dLogits]) tensor.dispose()
    const report = { score: Number.NaN, state: 'adapted', importance: Number.NaN, learningRate: this.options.learningRate } as const
    const moved = this.names.reduce((sum, name) => sum + this.own.elements(name), 0)
    const adaptable = adaptableTensors(model).reduce((sum, tensor) => sum + tensor.shape.reduce((product, n) => product * n, 1), 0)
    return {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: { entropy: loss.value },
      keptMask: null,
      kept: null,
      tensors: this.names.map(() => report),
      adaptedShare: moved / adaptable,
    }
  }

  parameters(): ReadonlyMap<string, NamedArray> {
    return this.own.export()
  }

  state(): MethodState {
    const arrays = new Map<string, NamedArray>()
    const counts: Record<string, number> = {}
    for (const [name, array] of this.own.export()) arrays.set(`param/${name}`, array)
    for (const [name, { m, v, count }] of this.adam) {
      arrays.set(`adam_m/${name}`, this.own.toArray(name, m))
      arrays.set(`adam_v/${name}`, this.own.toArray(name, v))
      counts[name] = count
    }
    return { scalars: { method: 'tent', counts }, arrays }
  }

  restore(state: MethodState): void {
    const { counts } = scalarsSchema.parse(state.scalars)
    this.reset()
    for (const [key, array] of state.arrays) {
      const name = key.slice(key.indexOf('/') + 1)
      if (key.startsWith('param/')) this.own.set(name, this.own.fromArray(name, array))
    }
    for (const [name, count] of Object.entries(counts)) {
      const m = state.arrays.get(`adam_m/${name}`)
      const v = state.arrays.get(`adam_v/${name}`)
      if (!m || !v) throw new Error(`The state has no moments of ${name}`)
      this.adam.set(name, { m: this.own.fromArray(name, m), v: this.own.fromArray(name, v), count })
    }
  }

  reset(): void {
    this.own.reset()
    for (const { m, v } of this.adam.values()) {
      m.dispose()
      v.dispose()
    }
    this.adam.clear()
  }

  dispose(): void {
    this.reset()
    this.own.dispose()
  }
}
