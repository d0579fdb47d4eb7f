// TENT (Wang, Shelhamer, Liu, Olshausen, Darrell, ICLR 2021), continual: entropy of all samples, Adam on batch-norm scale and shift, never
// reset by itself. Predictions are those from before the step.
import { z } from 'zod'
import type { TentOptions } from '../../contract/run-options.ts'
import type { Device, DeviceTensor } from '../compute/device.ts'
import { forward } from '../compute/graph.ts'
import { argMaxRows, entropies, keptEntropy, logSoftmax } from '../compute/losses.ts'
import { adaptableTensors, type Model } from '../models/model.ts'
import { AdaptedParameters, adaptedReports } from './adapted-parameters.ts'
import type { Method, MethodState, NamedArray, StepResult } from './method.ts'
import { AdamMoments } from './moments.ts'

const scalarsSchema = z.object({ method: z.literal('tent'), counts: z.record(z.string(), z.number().int().nonnegative()) })

export class Tent implements Method {
  readonly id = 'tent'
  private readonly device: Device
  private readonly model: Model
  private readonly options: TentOptions
  private readonly names: readonly string[]
  private readonly own: AdaptedParameters
  private readonly adam: AdamMoments

  constructor(device: Device, model: Model, options: TentOptions) {
    this.device = device
    this.model = model
    this.options = options
    this.names = adaptableTensors(model).filter((tensor) => tensor.kind !== 'conv').map((tensor) => tensor.name)
    this.own = new AdaptedParameters(device, model, this.names)
    this.adam = new AdamMoments(device, this.own)
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
      const direction = this.adam.direction(name, gradient)
      this.own.descend(name, direction, this.options.learningRate)
      direction.dispose()
      gradient.dispose()
    }
    for (const tensor of [pixels, logits, dLogits]) tensor.dispose()
    return {
      logits: values,
      classes,
      predictions: argMaxRows(values, classes),
      losses: { entropy: loss.value },
      keptMask: null,
      kept: null,
      ...adaptedReports(model, this.names, this.options.learningRate),
    }
  }

  parameters(): ReadonlyMap<string, NamedArray> {
    return this.own.export()
  }

  state(): MethodState {
    const arrays = this.own.stateArrays()
    const counts = this.adam.export(arrays)
    return { scalars: { method: 'tent', counts }, arrays }
  }

  restore(state: MethodState): void {
    const { counts } = scalarsSchema.parse(state.scalars)
    this.own.restoreFrom(state.arrays)
    this.adam.restore(state.arrays, counts)
  }

  reset(): void {
    this.own.reset()
    this.adam.clear()
  }

  dispose(): void {
    this.reset()
    this.own.dispose()
  }
}
