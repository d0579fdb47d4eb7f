// Source (the model as it is, running statistics), BN-1 (Schneider et al., NeurIPS 2020: the batch's own statistics) and BN-alpha (the same paper:
// a mixture of both): nothing adapts.
import type { Device, DeviceTensor } from '../compute/device.ts'
import { forward } from '../compute/graph.ts'
import type { Statistics } from '../compute/op.ts'
import { argMaxRows } from '../compute/losses.ts'
import type { Model } from '../models/model.ts'
import type { Method, MethodState, NamedArray, StepResult } from './method.ts'

export class ForwardOnly implements Method {
  readonly id: 'source' | 'norm' | 'bn-alpha'
  private readonly statistics: Statistics
  private readonly device: Device
  private readonly model: Model

  constructor(device: Device, model: Model, id: 'source' | 'norm' | 'bn-alpha', alpha = 1) {
    this.device = device
    this.model = model
    this.id = id
    this.statistics = id === 'source' ? 'source' : id === 'norm' ? 'batch' : { batchShare: alpha }
  }

  adapts(): readonly string[] {
    return []
  }

  step(x: DeviceTensor): StepResult {
    const pixels = this.device.scale(x, 1 / 255)
    const { statistics } = this
    const { logits } = forward(this.device, this.model.graph, this.model.parameters, pixels, { statistics, tape: false })
    pixels.dispose()
    const values = this.device.read(logits)
    logits.dispose()
    const { classes } = this.model
    return { logits: values, classes, predictions: argMaxRows(values, classes), losses: {}, keptMask: null, kept: null, tensors: [], adaptedShare: 0 }
  }

  parameters(): ReadonlyMap<string, NamedArray> {
    return new Map()
  }

  state(): MethodState {
    return { scalars: { method: this.id }, arrays: new Map() }
  }

  restore(): void {}

  reset(): void {}

  dispose(): void {}
}
