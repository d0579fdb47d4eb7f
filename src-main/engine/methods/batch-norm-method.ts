// The common part of the methods that adapt batch-norm scale and shift by one optimizer: their weights, optimizer state, and the passes. A
// method is then its loss, its filters and what it remembers.
import { z } from 'zod'
import type { MethodId } from '../../contract/run-options.ts'
import type { Device, DeviceTensor } from '../compute/device.ts'
import { forward, type Tape } from '../compute/graph.ts'
import { adaptableTensors, type Model, type TensorInfo } from '../models/model.ts'
import { AdaptedParameters } from './adapted-parameters.ts'
import type { JsonValue, Method, MethodState, NamedArray, StepResult } from './method.ts'
import { makeOptimizer, type Optimizer, type OptimizerChoice } from './moments.ts'

const scalarsSchema = z.object({ method: z.string(), counts: z.record(z.string(), z.number().int().nonnegative()), memory: z.json().default(null) })

export interface BatchNormMethodOptions {
  readonly optimizer: OptimizerChoice
  readonly learningRate: number
  /** Leaves tensors out. */
  readonly adapts?: (info: TensorInfo) => boolean
}

export abstract class BatchNormMethod implements Method {
  abstract readonly id: MethodId
  protected readonly device: Device
  protected readonly model: Model
  protected readonly names: readonly string[]
  protected readonly own: AdaptedParameters
  protected readonly optimizer: Optimizer
  protected readonly learningRate: number

  constructor(device: Device, model: Model, { optimizer, learningRate, adapts = () => true }: BatchNormMethodOptions) {
    this.device = device
    this.model = model
    this.names = adaptableTensors(model).filter((info) => info.kind !== 'conv' && adapts(info)).map((info) => info.name)
    this.own = new AdaptedParameters(device, model, this.names)
    this.optimizer = makeOptimizer(device, this.own, optimizer)
    this.learningRate = learningRate
  }

  abstract step(x: DeviceTensor): StepResult

  /** What the method remembers besides weights and moments, as plain data. */
  protected abstract memory(): JsonValue
  /** Puts back what `memory` gave; null = as new. @throws Error when it does not fit */
  protected abstract remember(memory: unknown): void

  adapts(): readonly string[] {
    return this.names
  }

  /** One forward pass with batch statistics, `pixels` in [0, 1]; `learn` spends its tape. */
  protected pass(pixels: DeviceTensor): { values: Float32Array; gradients: (dLogits: Float64Array) => Map<string, DeviceTensor>; drop: () => void } {
    const { device } = this
    const { logits, tape } = forward(device, this.model.graph, this.own.view, pixels, { statistics: 'batch', tape: true })
    const { shape } = logits
    const values = device.read(logits)
    logits.dispose()
    return {
      values,
      gradients: (gradient) => {
        const dLogits = device.fromArray(Float32Array.from(gradient), shape)
        const gradients = (tape as Tape).backward(dLogits, new Set(this.names), { last: true })
        dLogits.dispose()
        return gradients
      },
      drop: () => (tape as Tape).dispose(),
    }
  }

  /** One optimizer step; takes the gradients. */
  protected move(gradients: ReadonlyMap<string, DeviceTensor>): void {
    for (const [name, gradient] of gradients) {
      const direction = this.optimizer.direction(name, gradient)
      this.own.descend(name, direction, this.learningRate)
      direction.dispose()
      gradient.dispose()
    }
  }

  parameters(): ReadonlyMap<string, NamedArray> {
    return this.own.export()
  }

  state(): MethodState {
    const arrays = this.own.stateArrays()
    const counts = this.optimizer.export(arrays)
    return { scalars: { method: this.id, counts, memory: this.memory() }, arrays }
  }

  restore(state: MethodState): void {
    const { method, counts, memory } = scalarsSchema.parse(state.scalars)
    if (method !== this.id) throw new Error(`A state of ${method} is no state of ${this.id}`)
    this.own.restoreFrom(state.arrays)
    this.optimizer.restore(state.arrays, counts)
    this.remember(memory)
  }

  reset(): void {
    this.own.reset()
    this.optimizer.clear()
    this.remember(null)
  }

  dispose(): void {
    this.reset()
    this.own.dispose()
  }
}
