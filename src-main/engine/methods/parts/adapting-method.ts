// A method with a memory of its own: `Adaptation` with what it remembers written and restored beside it. A method is then its loss, its filters and what it
// remembers.
import type { LaneOptions, MethodId } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { JsonValue, Method, MethodState, NamedArray, StepResult } from '#engine/methods/method.ts'
import type { Model } from '#engine/models/model.ts'
import { Adaptation, type AdaptationOptions } from './adaptation.ts'

export abstract class AdaptingMethod implements Method {
  abstract readonly id: MethodId
  protected readonly device: Device
  protected readonly model: Model
  protected readonly adaptation: Adaptation
  protected readonly names: Adaptation['names']
  protected readonly own: Adaptation['own']
  protected readonly optimizer: Adaptation['optimizer']
  protected readonly parts: Adaptation['parts']

  constructor(device: Device, model: Model, options: AdaptationOptions) {
    this.device = device
    this.model = model
    this.adaptation = new Adaptation(device, model, options)
    const { names, own, optimizer, parts } = this.adaptation
    this.names = names
    this.own = own
    this.optimizer = optimizer
    this.parts = parts
  }

  abstract step(x: DeviceTensor): Promise<StepResult>

  /** What the method remembers besides weights, moments and `parts`, as plain data. */
  protected abstract memory(): JsonValue
  /** Puts back what `memory` gave; null = as new. @throws Error when it does not fit */
  protected abstract remember(memory: unknown): void

  protected get learningRate(): number {
    return this.adaptation.learningRate
  }

  protected pass(...given: Parameters<Adaptation['pass']>): ReturnType<Adaptation['pass']> {
    return this.adaptation.pass(...given)
  }

  protected predict(...given: Parameters<Adaptation['predict']>): ReturnType<Adaptation['predict']> {
    return this.adaptation.predict(...given)
  }

  protected move(...given: Parameters<Adaptation['move']>): void {
    this.adaptation.move(...given)
  }

  adapts(): readonly string[] {
    return this.names
  }

  adjust(options: LaneOptions): void {
    this.adaptation.adjust(options)
  }

  currentWeights(): ReadonlyMap<string, DeviceTensor> {
    return this.own.view
  }

  parameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return this.adaptation.parameters()
  }

  state(): Promise<MethodState> {
    return this.adaptation.state(this.id, this.memory())
  }

  restore(state: MethodState): void {
    this.remember(this.adaptation.restore(this.id, state))
  }

  reset(): void {
    this.adaptation.reset()
    this.remember(null)
  }

  dispose(): void {
    this.adaptation.dispose()
  }
}
