// What the methods have in common that move no weight and remember nothing.
import type { MethodId } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { argMaxRows } from '#engine/compute/losses.ts'
import type { Model } from '#engine/models/model.ts'
import type { Method, MethodState, NamedArray, StepResult } from '#engine/methods/method.ts'

export abstract class Unadapted implements Method {
  abstract readonly id: MethodId
  protected readonly device: Device
  protected readonly model: Model

  constructor(device: Device, model: Model) {
    this.device = device
    this.model = model
  }

  /** `pixels` in [0, 1]. */
  protected abstract logits(pixels: DeviceTensor): Promise<Float32Array>

  async step(x: DeviceTensor): Promise<StepResult> {
    const pixels = this.device.scale(x, 1 / 255)
    const logits = await this.logits(pixels)
    pixels.dispose()
    const { classes } = this.model
    return {
      logits,
      classes,
      predictions: argMaxRows(logits, classes),
      losses: {},
      keptMask: null,
      kept: null,
      tensors: [],
      adaptedShare: 0,
    }
  }

  adapts(): readonly string[] {
    return []
  }

  currentWeights(): ReadonlyMap<string, DeviceTensor> {
    return this.model.parameters
  }

  async parameters(): Promise<ReadonlyMap<string, NamedArray>> {
    return new Map()
  }

  async state(): Promise<MethodState> {
    return { scalars: { method: this.id }, arrays: new Map() }
  }

  restore(): void {}

  reset(): void {}

  dispose(): void {}
}
