// The device's side of mirror.ts: forward passes of mirror images, and what is said together.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import { argMaxRows, logSoftmax } from '#engine/compute/losses.ts'
import type { AdaptedParameters } from '#engine/methods/parts/adapted-parameters.ts'
import type { Model } from '#engine/models/model.ts'
import { answeredTogether, MirrorTrust } from './mirror.ts'

export class MirrorAnswers {
  readonly trust: MirrorTrust
  private readonly device: Device
  private readonly model: Model
  private readonly weights: AdaptedParameters

  constructor(device: Device, model: Model, weights: AdaptedParameters) {
    this.device = device
    this.model = model
    this.weights = weights
    this.trust = new MirrorTrust(model.classes)
  }

  /** Logits [N, C] of the mirror images of `pixels` (in [0, 1]), still on the device; the caller's. */
  pass(pixels: DeviceTensor): DeviceTensor {
    const mirror = this.device.reverse(pixels, [2])
    const logits = this.plainPass(mirror)
    mirror.dispose()
    return logits
  }

  /** The logits that are scored, from those of a batch's images, views and mirror images. The batch is counted, but where the views are mirrored too: null. */
  together(own: Float32Array, ofView: Float32Array | null, ofMirror: Float32Array): Float32Array {
    const { classes } = this.model
    const answers = (logits: Float32Array) => argMaxRows(logits, classes)
    if (ofView) this.trust.observe(answers(own), answers(ofMirror), answers(ofView))
    return answeredTogether(logSoftmax(own, classes), logSoftmax(ofMirror, classes), classes, this.trust)
  }

  /** The same of images that are not counted. */
  async answer(pixels: DeviceTensor): Promise<Float32Array> {
    const { classes } = this.model
    const both = [this.plainPass(pixels), this.pass(pixels)]
    const [own, ofMirror] = (await this.device.readMany(both)).map((values) => logSoftmax(values, classes))
    for (const tensor of both) tensor.dispose()
    return answeredTogether(own as Float64Array, ofMirror as Float64Array, classes, this.trust)
  }

  private plainPass(pixels: DeviceTensor): DeviceTensor {
    const { device, model, weights } = this
    return forward(device, model.graph, weights.view, pixels, { statistics: 'batch', tape: false }).logits
  }
}
