// Trains a small classifier on our own engine's gradients: SGD with Nesterov momentum, warm-up and a cosine. Seeded and repeatable: the same machine kind
// and thread count give the same weights.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import { argMaxRows, crossEntropy } from '#engine/compute/losses.ts'
import { sgdUpdate } from '#engine/compute/optimizers/sgd.ts'
import {
  elementCount,
  toFileLayout,
  uploadParameters,
  type Architecture,
  type TensorInfo,
} from '#engine/models/model.ts'
import type { NumpyRandom } from '#stream/images/random.ts'
import { seededOrder, type Tiles } from './tiles.ts'

export interface Training {
  readonly side: number
  readonly epochs: number
  readonly batchSize: number
  readonly peakRate: number
  readonly warmUpSteps: number
  /** In which symmetries images are seen: `square` = all eight (seen from above, no direction is special), `mirror` = left and right. */
  readonly symmetries: 'square' | 'mirror'
}

const momentum = 0.9
const weightDecay = 5e-4

export class Trainer {
  private readonly device: Device
  private readonly architecture: Architecture
  private readonly random: NumpyRandom
  private readonly training: Training
  private readonly parameters: Map<string, DeviceTensor>
  private readonly buffers = new Map<string, DeviceTensor>()
  private readonly wanted: ReadonlySet<string>

  constructor(device: Device, architecture: Architecture, random: NumpyRandom, training: Training) {
    this.device = device
    this.architecture = architecture
    this.random = random
    this.training = training
    this.parameters = uploadParameters(device, architecture.tensors, this.initialise())
    this.wanted = new Set(
      architecture.tensors.filter(({ kind }) => kind !== 'bn-mean' && kind !== 'bn-variance').map(({ name }) => name),
    )
  }

  /** @returns weights in the file's layout. `told`: epochs done, their mean loss, seconds since the start */
  async train(tiles: Tiles, told: (epoch: number, loss: number, seconds: number) => void): Promise<void> {
    const { epochs, batchSize, peakRate, warmUpSteps } = this.training
    const perEpoch = Math.floor(tiles.labels.length / batchSize)
    const started = Date.now()
    for (let epoch = 0, step = 0; epoch < epochs; epoch++) {
      const order = seededOrder(tiles.labels.length, this.random)
      let loss = 0
      for (let i = 0; i < perEpoch; i++, step++) {
        const cosine = 0.5 * (1 + Math.cos((Math.PI * step) / (epochs * perEpoch)))
        const rate = peakRate * Math.min(1, (step + 1) / warmUpSteps) * cosine
        loss += (await this.step(tiles, order.slice(i * batchSize, (i + 1) * batchSize), rate)) / perEpoch
      }
      told(epoch + 1, loss, Math.round((Date.now() - started) / 1000))
    }
    await this.measureStatistics(tiles)
  }

  /** Of the network with its running statistics. */
  async errorPct(tiles: Tiles): Promise<number> {
    const { device, architecture, parameters, training } = this
    let wrong = 0
    for (let at = 0; at < tiles.labels.length; at += training.batchSize) {
      const count = Math.min(training.batchSize, tiles.labels.length - at)
      const { x, labels } = this.batchOf(
        tiles,
        Array.from({ length: count }, (_, i) => at + i),
        false,
      )
      const { logits } = forward(device, architecture.graph, parameters, x, { statistics: 'source', tape: false })
      const predictions = argMaxRows(await device.read(logits), architecture.classes)
      wrong += labels.filter((label, i) => label !== predictions[i]).length
      x.dispose()
      logits.dispose()
    }
    return (100 * wrong) / tiles.labels.length
  }

  async weights(): Promise<Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>> {
    const { device, architecture, parameters } = this
    const learned = await device.readMany(architecture.tensors.map(({ name }) => parameters.get(name) as DeviceTensor))
    return new Map(
      architecture.tensors.map((info, i) => [
        info.name,
        { shape: info.shape, data: toFileLayout(info, learned[i] as Float32Array) },
      ]),
    )
  }

  /** He initialisation (fan out) for convolutions, PyTorch's uniform for the classifier, 1 and 0 for batch norm. */
  private initialise(): Map<string, Float32Array> {
    const { random } = this
    return new Map(
      this.architecture.tensors.map(({ name, kind, shape }: TensorInfo) => {
        const data = new Float32Array(elementCount(shape))
        const [out = 1, inward = 1, kh = 1, kw = 1] = shape
        if (kind === 'conv')
          for (let i = 0; i < data.length; i++) data[i] = random.gauss() * Math.sqrt(2 / (out * kh * kw))
        else if (kind === 'linear-weight')
          for (let i = 0; i < data.length; i++) data[i] = random.uniform(-1, 1) / Math.sqrt(inward)
        else if (kind === 'bn-weight' || kind === 'bn-variance') data.fill(1)
        return [name, data]
      }),
    )
  }

  private batchOf(
    source: Tiles,
    indices: readonly number[],
    augment: boolean,
  ): { readonly x: DeviceTensor; readonly labels: number[] } {
    const { device, random } = this
    const { side, symmetries } = this.training
    const size = side * side * 3
    const pixels = new Uint8Array(indices.length * size)
    for (const [slot, index] of indices.entries()) {
      const symmetry = augment
        ? random.randint(0, symmetries === 'square' ? 8 : 2) << (symmetries === 'square' ? 0 : 1)
        : 0
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const fy = symmetry & 1 ? side - 1 - y : y
          const fx = symmetry & 2 ? side - 1 - x : x
          const from = index * size + (symmetry & 4 ? fx * side + fy : fy * side + fx) * 3
          const to = slot * size + (y * side + x) * 3
          pixels[to] = source.pixels[from] as number
          pixels[to + 1] = source.pixels[from + 1] as number
          pixels[to + 2] = source.pixels[from + 2] as number
        }
      }
    }
    const bytes = device.fromBytes(pixels, [indices.length, side, side, 3])
    const x = device.scale(bytes, 1 / 255)
    bytes.dispose()
    return { x, labels: indices.map((index) => source.labels[index] as number) }
  }

  private async step(tiles: Tiles, indices: readonly number[], rate: number): Promise<number> {
    const { device, architecture, parameters, buffers } = this
    const { x, labels } = this.batchOf(tiles, indices, true)
    const { logits, tape } = forward(device, architecture.graph, parameters, x, { statistics: 'batch', tape: true })
    const loss = crossEntropy(await device.read(logits), architecture.classes, labels)
    const dLogits = device.fromArray(Float32Array.from(loss.gradient), logits.shape)
    const gradients = tape?.backward(dLogits, this.wanted, { last: true }) ?? new Map<string, DeviceTensor>()
    for (const [name, gradient] of gradients) {
      const theta = parameters.get(name) as DeviceTensor
      const decay = device.scale(theta, weightDecay)
      const total = device.add(gradient, decay)
      const before = buffers.get(name) ?? null
      const { buffer, move } = sgdUpdate(device, total, before, { momentum, nesterov: true }, rate)
      before?.dispose()
      buffers.set(name, buffer)
      parameters.set(name, device.sub(theta, move))
      for (const tensor of [theta, decay, total, move, gradient]) tensor.dispose()
    }
    for (const tensor of [x, logits, dLogits]) tensor.dispose()
    return loss.value
  }

  /** Running statistics as the plain mean over the training images' batches, taken with the final weights. */
  private async measureStatistics(tiles: Tiles): Promise<void> {
    const { device, architecture, parameters, random } = this
    const { batchSize } = this.training
    const sums = new Map<string, Float64Array>()
    const order = seededOrder(tiles.labels.length, random)
    let batches = 0
    for (let at = 0; at + batchSize <= order.length; at += batchSize) {
      const { x } = this.batchOf(tiles, order.slice(at, at + batchSize), true)
      const seen: { readonly name: string; readonly reading: Promise<Float32Array> }[] = []
      const { logits } = forward(device, architecture.graph, parameters, x, {
        statistics: 'batch',
        tape: false,
        onStatistics(node, batchMean, batchVariance) {
          seen.push({ name: node.params.mean as string, reading: device.read(batchMean) })
          seen.push({ name: node.params.variance as string, reading: device.read(batchVariance) })
        },
      })
      x.dispose()
      logits.dispose()
      for (const { name, reading } of seen) {
        const values = await reading
        const sum = sums.get(name) ?? new Float64Array(values.length)
        for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (values[i] as number)
        sums.set(name, sum)
      }
      batches += 1
    }
    for (const [name, sum] of sums) {
      parameters.get(name)?.dispose()
      const mean = Float32Array.from(sum, (value) => value / batches)
      parameters.set(name, device.fromArray(mean, [mean.length]))
    }
  }
}
