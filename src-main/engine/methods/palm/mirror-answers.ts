// The device's side of mirror.ts: forward passes of mirror images, and what is said together.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import { argMaxRows, logSoftmax } from '#engine/compute/losses.ts'
import type { Model } from '#engine/models/model.ts'
import { answeredTogether, MirrorTrust } from './mirror.ts'
import type { Normalizing } from './remembered-statistics.ts'

export class MirrorAnswers {
  readonly trust: MirrorTrust
  private readonly device: Device
  private readonly model: Model

  constructor(device: Device, model: Model) {
    this.device = device
    this.model = model
    this.trust = new MirrorTrust(model.classes)
  }

  /** Logits [N, C] of the mirror images of `pixels` (in [0, 1]), still on the device; the caller's. */
  pass(pixels: DeviceTensor, normalizing: Normalizing): DeviceTensor {
    const mirror = this.device.reverse(pixels, [2])
    const logits = this.plainPass(mirror, normalizing)
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
  async answer(pixels: DeviceTensor, normalizing: Normalizing): Promise<Float32Array> {
    const { classes } = this.model
    const both = [this.plainPass(pixels, normalizing), this.pass(pixels, normalizing)]
    const [own, ofMirror] = (await this.device.readMany(both)).map((values) => logSoftmax(values, classes))
    for (const tensor of both) tensor.dispose()
    return answeredTogether(own as Float64Array, ofMirror as Float64Array, classes, this.trust)
  }

  private plainPass(pixels: DeviceTensor, { parameters, statistics }: Normalizing): DeviceTensor {
    return forward(this.device, this.model.graph, parameters, pixels, { statistics, tape: false }).logits
  }
}
