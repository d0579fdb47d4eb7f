// Trains the bundled sample's model: a CIFAR ResNet-20 with stem stride 2 on 64 x 64 EuroSAT tiles, on our own engine's gradients.
// Seeded and repeatable: the same machine kind and thread count give the same file. npm run train:sample -- [--data DIR] [--out FILE]
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { loadDevice } from '#engine/compute/backend.ts'
import type { DeviceTensor } from '#engine/compute/device.ts'
import { forward } from '#engine/compute/graph.ts'
import { argMaxRows, crossEntropy } from '#engine/compute/losses.ts'
import { sgdUpdate } from '#engine/compute/optimizers/sgd.ts'
import { cifarResNet } from '#engine/models/architectures/cifar-resnet.ts'
import { writeSafetensors } from '#engine/models/formats/safetensors.ts'
import { elementCount, toFileLayout, uploadParameters, type TensorInfo } from '#engine/models/model.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { readTrainingTiles, seededOrder, tileSize, type Tiles } from './tiles.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values: args } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '../shared/data/eurosat-rgb-10k') },
    out: { type: 'string', default: join(root, 'resources/models/eurosat-resnet20.safetensors') },
    epochs: { type: 'string', default: '30' },
    seed: { type: 'string', default: '0' },
  },
})

const mean = [0.345442, 0.382775, 0.409613] as const // of the training tiles
const std = [0.201279, 0.136576, 0.116332] as const
const batchSize = 100
const peakRate = 0.1
const momentum = 0.9
const weightDecay = 5e-4
const warmUpSteps = 70

const device = loadDevice()
const random = new NumpyRandom(Number(args.seed))
const tiles = await readTrainingTiles(args.data)
const architecture = cifarResNet({
  blocks: [3, 3, 3],
  widths: [16, 32, 64],
  classes: tiles.classNames.length,
  classifier: 'linear',
  stemStride: 2,
  normalization: { mean, std },
  inputSize: { width: tileSize, height: tileSize },
})
const parameters = uploadParameters(device, architecture.tensors, initialise(architecture.tensors))
const trained = architecture.tensors
  .filter((tensor) => tensor.kind !== 'bn-mean' && tensor.kind !== 'bn-variance')
  .map((tensor) => tensor.name)
const wanted = new Set(trained)
const buffers = new Map<string, DeviceTensor>()

/** He initialisation (fan out) for convolutions, PyTorch's uniform for the classifier, 1 and 0 for batch norm. */
function initialise(tensors: readonly TensorInfo[]): Map<string, Float32Array> {
  return new Map(
    tensors.map(({ name, kind, shape }) => {
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

/** Tiles of the batch in one of the square's eight symmetries each: seen from above, no direction is special. */
function makeBatch(source: Tiles, indices: readonly number[], augment: boolean): { x: DeviceTensor; labels: number[] } {
  const size = tileSize * tileSize * 3
  const pixels = new Uint8Array(indices.length * size)
  for (const [slot, index] of indices.entries()) {
    const symmetry = augment ? random.randint(0, 8) : 0
    for (let y = 0; y < tileSize; y++) {
      for (let x = 0; x < tileSize; x++) {
        const fy = symmetry & 1 ? tileSize - 1 - y : y
        const fx = symmetry & 2 ? tileSize - 1 - x : x
        const from = index * size + (symmetry & 4 ? fx * tileSize + fy : fy * tileSize + fx) * 3
        const to = slot * size + (y * tileSize + x) * 3
        pixels[to] = source.pixels[from] as number
        pixels[to + 1] = source.pixels[from + 1] as number
        pixels[to + 2] = source.pixels[from + 2] as number
      }
    }
  }
  const bytes = device.fromBytes(pixels, [indices.length, tileSize, tileSize, 3])
  const x = device.scale(bytes, 1 / 255)
  bytes.dispose()
  return { x, labels: indices.map((index) => source.labels[index] as number) }
}

async function trainStep(indices: readonly number[], rate: number): Promise<number> {
  const { x, labels } = makeBatch(tiles.train, indices, true)
  const { logits, tape } = forward(device, architecture.graph, parameters, x, { statistics: 'batch', tape: true })
  const loss = crossEntropy(await device.read(logits), architecture.classes, labels)
  const dLogits = device.fromArray(Float32Array.from(loss.gradient), logits.shape)
  const gradients = tape?.backward(dLogits, wanted, { last: true }) ?? new Map<string, DeviceTensor>()
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

/** Running statistics as the plain mean over the training tiles' batches, taken with the final weights. */
async function measureStatistics(): Promise<void> {
  const sums = new Map<string, Float64Array>()
  const order = seededOrder(tiles.train.labels.length, random)
  let batches = 0
  for (let at = 0; at + batchSize <= order.length; at += batchSize) {
    const { x } = makeBatch(tiles.train, order.slice(at, at + batchSize), true)
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
    parameters.set(
      name,
      device.fromArray(
        Float32Array.from(sum, (value) => value / batches),
        [sum.length],
      ),
    )
  }
}

async function errorPct(source: Tiles): Promise<number> {
  let wrong = 0
  for (let at = 0; at < source.labels.length; at += batchSize) {
    const indices = Array.from({ length: Math.min(batchSize, source.labels.length - at) }, (_, i) => at + i)
    const { x, labels } = makeBatch(source, indices, false)
    const { logits } = forward(device, architecture.graph, parameters, x, { statistics: 'source', tape: false })
    const predictions = argMaxRows(await device.read(logits), architecture.classes)
    wrong += labels.filter((label, i) => label !== predictions[i]).length
    x.dispose()
    logits.dispose()
  }
  return (100 * wrong) / source.labels.length
}

const epochs = Number(args.epochs)
const perEpoch = Math.floor(tiles.train.labels.length / batchSize)
const started = Date.now()
for (let epoch = 0, step = 0; epoch < epochs; epoch++) {
  const order = seededOrder(tiles.train.labels.length, random)
  let loss = 0
  for (let i = 0; i < perEpoch; i++, step++) {
    const rate =
      peakRate * Math.min(1, (step + 1) / warmUpSteps) * 0.5 * (1 + Math.cos((Math.PI * step) / (epochs * perEpoch)))
    loss += (await trainStep(order.slice(i * batchSize, (i + 1) * batchSize), rate)) / perEpoch
  }
  console.log(
    `epoch ${epoch + 1} of ${epochs}: loss ${loss.toFixed(4)}, ${Math.round((Date.now() - started) / 1000)} s`,
  )
}
await measureStatistics()
console.log(`error on the ${tiles.search.labels.length} search tiles: ${(await errorPct(tiles.search)).toFixed(2)} %`)
const learned = await device.readMany(architecture.tensors.map(({ name }) => parameters.get(name) as DeviceTensor))
const file = new Map(
  architecture.tensors.map((info, i) => [
    info.name,
    { shape: info.shape, data: toFileLayout(info, learned[i] as Float32Array) },
  ]),
)
const metadata = {
  architecture: architecture.name,
  mean: JSON.stringify(mean),
  std: JSON.stringify(std),
  class_names: JSON.stringify(tiles.classNames),
  input_size: JSON.stringify([tileSize, tileSize]),
  stem_stride: '2',
  trained_by: `npm run train:sample (${epochs} epochs, seed ${args.seed})`,
  licence: 'MIT',
}
mkdirSync(dirname(args.out), { recursive: true })
writeFileSync(args.out, writeSafetensors(file, metadata))
console.log(`written: ${args.out}`)
