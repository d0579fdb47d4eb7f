// Class means of source features, and what RMT and SANTA do with them: the nearest one, a feature and its view's feature are drawn together.
import { normalizeRows, threeViewContrast, timesTransposed } from '#engine/compute/contrastive.ts'
import type { Device } from '#engine/compute/device.ts'
import type { Model } from '#engine/models/model.ts'
import { predict } from './pass.ts'
import type { Projector } from './projector.ts'
import { sourceBatches, type SourceImages } from './source-images.ts'
import { HostArrays } from './state-parts.ts'

/** Sums while source batches come in; then the means. A class without an image has none and is never nearest. */
export class Prototypes extends HostArrays {
  private readonly classes: number

  constructor(classes: number) {
    super('prototypes', true)
    this.classes = classes
  }

  /** From source images with labels; -1 is left out. */
  async build(device: Device, model: Model, source: SourceImages, batchSize: number): Promise<void> {
    let width = 0
    let sums = new Float64Array(0)
    const counts = new Float32Array(this.classes)
    for await (const { features, labels } of featuresOf(device, model, source, batchSize)) {
      if (width === 0) {
        width = features.length / labels.length
        sums = new Float64Array(this.classes * width)
      }
      for (const [i, label] of labels.entries()) {
        if (label < 0) continue
        counts[label] = (counts[label] as number) + 1
        for (let c = 0; c < width; c++)
          sums[label * width + c] = (sums[label * width + c] as number) + (features[i * width + c] as number)
      }
    }
    this.set('means', {
      shape: [this.classes, width],
      data: Float32Array.from(sums, (sum, i) => sum / Math.max(1, counts[Math.floor(i / width)] as number)),
    })
    this.set('counts', { shape: [this.classes], data: counts })
  }

  /** Per feature, the class of the prototype with the largest cosine. */
  nearest(features: Float64Array): number[] {
    const means = this.get('means')
    const counts = this.get('counts')
    if (!means || !counts) throw new Error('There are no prototypes')
    const [, width = 0] = means.shape
    const cosines = timesTransposed(
      normalizeRows(features, width).unit,
      normalizeRows(Float64Array.from(means.data), width).unit,
      width,
    )
    return Array.from({ length: features.length / width }, (_, i) => {
      let best = -1
      for (let c = 0; c < this.classes; c++) {
        if (counts.data[c] === 0) continue
        if (best < 0 || (cosines[i * this.classes + c] as number) > (cosines[i * this.classes + best] as number))
          best = c
      }
      return best
    })
  }

  /** Rows of the means, one after another. */
  rows(labels: readonly number[]): Float64Array {
    const means = this.get('means')
    const [, width = 0] = means?.shape ?? []
    const out = new Float64Array(labels.length * width)
    for (const [i, label] of labels.entries())
      out.set(means?.data.subarray(label * width, (label + 1) * width) ?? [], i * width)
    return out
  }
}

/** Most images that prototypes are made from. */
const prototypeImages = 100_000

/** Features of source images with batch statistics, batch by batch. */
async function* featuresOf(device: Device, model: Model, source: SourceImages, batchSize: number) {
  for (const { pixels, labels } of sourceBatches(device, source, batchSize, prototypeImages)) {
    const { features } = await predict(device, model, model.parameters, pixels, { features: true })
    pixels.dispose()
    yield { features, labels }
  }
}

/** The contrastive loss times `weight`; the projector takes its step, the features' gradients are returned. */
export function contrastWithPrototypes(
  prototypes: Prototypes,
  projector: Projector,
  features: Float32Array,
  view: Float32Array,
  samples: number,
  options: { temperature: number; projection: number; contrastWeight: number },
  learningRate: number,
) {
  const width = features.length / samples
  const plain = Float64Array.from(features)
  const nearest = prototypes.nearest(plain)
  const rows = new Float64Array(3 * features.length)
  rows.set(prototypes.rows(nearest), 0)
  rows.set(plain, features.length)
  rows.set(view, 2 * features.length)
  const { out, learn } = projector.forward(rows, width)
  const loss = threeViewContrast(out, options.projection, options.temperature)
  const gradient = learn(
    loss.gradient.map((g) => options.contrastWeight * g),
    learningRate,
  )
  return {
    value: loss.value,
    nearest,
    dFeatures: gradient.slice(features.length, 2 * features.length),
    dView: gradient.slice(2 * features.length),
  }
}
