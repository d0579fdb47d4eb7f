// LAME (Boudiaf et al., CVPR 2022): no weight moves; the labels of a batch are assigned jointly, so that images with like features get like labels.
// The logits that it gives are the logarithms of the assigned probabilities, so that a softmax gives those back. Source statistics.
import type { OptionsOf } from '#contract/methods/methods.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { logSoftmax } from '#engine/compute/losses.ts'
import type { Model } from '#engine/models/model.ts'
import { predict } from '#engine/methods/parts/pass.ts'
import { Unadapted } from '#engine/methods/parts/unadapted.ts'

const most = 100 // rounds
const tolerance = 1e-8 // of the energy, relative

export class Lame extends Unadapted {
  readonly id = 'lame'
  private readonly options: OptionsOf<'lame'>

  constructor(device: Device, model: Model, options: OptionsOf<'lame'>) {
    super(device, model)
    this.options = options
  }

  protected async logits(pixels: DeviceTensor): Promise<Float32Array> {
    const { classes } = this.model
    const { values, features } = await predict(this.device, this.model, this.model.parameters, pixels, {
      statistics: 'source',
      features: true,
    })
    const unary = logSoftmax(values, classes).map((log) => -Math.log(Math.exp(log) + 1e-10))
    const distances = distancesOf(features, values.length / classes)
    const assigned = assign(
      unary,
      classes,
      this.options.affinity === 'knn'
        ? nearest(distances, this.options.neighbors)
        : gaussian(distances, this.options.neighbors),
    )
    return Float32Array.from(assigned, (p) => Math.log(Math.max(p, 1e-30)))
  }
}

/** Euclidean distances of the rows, brought to unit length first. */
function distancesOf(features: Float32Array, n: number): Float64Array[] {
  const width = features.length / n
  const rows = Array.from({ length: n }, (_, i) => {
    const row = Float64Array.from(features.subarray(i * width, (i + 1) * width))
    const norm = Math.max(1e-12, Math.sqrt(row.reduce((sum, v) => sum + v * v, 0)))
    return row.map((v) => v / norm)
  })
  return rows.map((a) =>
    Float64Array.from(rows, (b) => {
      let sum = 0
      for (let k = 0; k < width; k++) sum += ((a[k] as number) - (b[k] as number)) ** 2
      return Math.sqrt(sum)
    }),
  )
}

/** Width: the mean distance to the k-th nearest, counting an image itself as the first. The diagonal is 1. */
function gaussian(distances: readonly Float64Array[], k: number): Float64Array[] {
  const width =
    distances.reduce((sum, row) => sum + (row.toSorted()[Math.min(k, row.length) - 1] as number), 0) / distances.length
  return distances.map((row) => row.map((d) => (width > 0 ? Math.exp(-(d * d) / (2 * width * width)) : 1)))
}

/** 1 for the k nearest others. */
function nearest(distances: readonly Float64Array[], k: number): Float64Array[] {
  return distances.map((row, i) => {
    const others = [...row.keys()]
      .filter((j) => j !== i)
      .sort((a, b) => (row[a] as number) - (row[b] as number) || a - b)
    const out = new Float64Array(row.length)
    for (const j of others.slice(0, k)) out[j] = 1
    return out
  })
}

/** Y = softmax(W Y - U), from softmax(-U), until the energy rests. */
function assign(unary: Float64Array, classes: number, affinity: readonly Float64Array[]): Float64Array {
  let y = logSoftmax(
    unary.map((u) => -u),
    classes,
  ).map(Math.exp)
  let before = Number.POSITIVE_INFINITY
  for (let round = 0; round < most; round++) {
    const pair = new Float64Array(y.length)
    for (const [i, row] of affinity.entries()) {
      for (let j = 0; j < row.length; j++) {
        const weight = row[j] as number
        if (weight === 0) continue
        for (let c = 0; c < classes; c++)
          pair[i * classes + c] = (pair[i * classes + c] as number) + weight * (y[j * classes + c] as number)
      }
    }
    y = logSoftmax(
      pair.map((value, i) => value - (unary[i] as number)),
      classes,
    ).map(Math.exp)
    const energy = y.reduce(
      (sum, p, i) => sum + p * ((unary[i] as number) - (pair[i] as number) + Math.log(Math.max(p, 1e-20))),
      0,
    )
    if (round > 1 && Math.abs(energy - before) <= tolerance * Math.abs(before)) break
    before = energy
  }
  return y
}
