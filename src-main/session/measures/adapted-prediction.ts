// What a lane says of a single frame: a forward pass with the lane's weights under batch-norm statistics that were gathered over the frames before it. One
// frame by itself has no statistics worth the name, and gathering them over the whole window for each frame would cost a window's pass each time.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import type { Parameters } from '#engine/compute/op.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import type { Model } from '#engine/models/model.ts'

export class AdaptedPrediction {
  private readonly device: Device
  private readonly model: Model
  private readonly gathered = new Map<string, DeviceTensor>()

  constructor(device: Device, model: Model) {
    this.device = device
    this.model = model
  }

  /** Takes the statistics of a window of frames, pixels 0..255, as they are under the lane's weights: so much of them (`share`), the rest is the source's. */
  gather(window: DeviceTensor, weights: Parameters, share: number): void {
    const { device, model } = this
    if (!model.tensors.some(({ kind }) => kind === 'bn-mean')) return
    this.clear()
    if (share === 0) return
    const pixels = device.scale(window, 1 / 255)
    const { logits } = forward(device, model.graph, weights, pixels, {
      statistics: { movingShare: share },
      tape: false,
      onStatistics: (node, mean, variance) => {
        // The tensors are lent: what is kept is a copy.
        this.gathered.set(node.params.mean as string, device.scale(mean, 1))
        this.gathered.set(node.params.variance as string, device.scale(variance, 1))
      },
    })
    logits.dispose()
    pixels.dispose()
  }

  /** Logits of frames, `pixels` in [0, 1]. Before the first gathering the source's statistics are used. */
  async of(pixels: DeviceTensor, weights: Parameters): Promise<Float32Array> {
    const parameters = this.gathered.size === 0 ? weights : new Map([...weights, ...this.gathered])
    return (await predict(this.device, this.model, parameters, pixels, { statistics: 'source' })).values
  }

  /** The gathered statistics by tensor, on the host; empty before the first gathering. */
  async statistics(): Promise<Map<string, Float32Array>> {
    const values = await this.device.readMany([...this.gathered.values()])
    return new Map([...this.gathered.keys()].map((name, i) => [name, values[i] as Float32Array]))
  }

  clear(): void {
    for (const tensor of this.gathered.values()) tensor.dispose()
    this.gathered.clear()
  }
}
