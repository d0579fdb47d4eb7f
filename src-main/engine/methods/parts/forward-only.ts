// Source (the model as it is, running statistics), BN-1 (Schneider et al., NeurIPS 2020: the batch's own statistics) and BN-alpha (the same paper:
// a mixture of both): nothing adapts.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { Statistics } from '#engine/compute/op.ts'
import type { Model } from '#engine/models/model.ts'
import { predict } from './pass.ts'
import { Unadapted } from './unadapted.ts'

export class ForwardOnly extends Unadapted {
  readonly id: 'source' | 'norm' | 'bn-alpha'
  private readonly statistics: Statistics

  constructor(device: Device, model: Model, id: 'source' | 'norm' | 'bn-alpha', alpha = 1) {
    super(device, model)
    this.id = id
    this.statistics = id === 'source' ? 'source' : id === 'norm' ? 'batch' : { batchShare: alpha }
  }

  protected async logits(pixels: DeviceTensor): Promise<Float32Array> {
    return (await predict(this.device, this.model, this.model.parameters, pixels, { statistics: this.statistics }))
      .values
  }
}
