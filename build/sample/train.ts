// Trains the bundled sample's model: a CIFAR ResNet-20 with stem stride 2 on 64 x 64 EuroSAT tiles, on our own engine's gradients.
// Seeded and repeatable: the same machine kind and thread count give the same file. npm run train:sample -- [--data DIR] [--out FILE]
// `--blocks 1,1,1 --widths 8,16,32 --stem 4 --epochs 12 --out test/helpers/narrow-resnet8.safetensors` is what most tests run in its place (test/helpers/narrow-sample.ts).
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { loadDevice } from '#engine/compute/backend.ts'
import { cifarResNet } from '#engine/models/architectures/cifar-resnet.ts'
import { writeSafetensors } from '#engine/models/formats/safetensors.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { readTrainingTiles, tileSize } from './tiles.ts'
import { Trainer } from './trainer.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values: args } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '../shared/data/eurosat-rgb-10k') },
    out: { type: 'string', default: join(root, 'resources/models/eurosat-resnet20.safetensors') },
    epochs: { type: 'string', default: '30' },
    blocks: { type: 'string', default: '3,3,3' },
    widths: { type: 'string', default: '16,32,64' },
    stem: { type: 'string', default: '2' },
    seed: { type: 'string', default: '0' },
  },
})

const mean = [0.345442, 0.382775, 0.409613] as const // of the training tiles
const std = [0.201279, 0.136576, 0.116332] as const
const epochs = Number(args.epochs)

const tiles = await readTrainingTiles(args.data)
const architecture = cifarResNet({
  blocks: args.blocks.split(',').map(Number),
  widths: args.widths.split(',').map(Number),
  classes: tiles.classNames.length,
  classifier: 'linear',
  stemStride: Number(args.stem),
  normalization: { mean, std },
  inputSize: { width: tileSize, height: tileSize },
})
const trainer = new Trainer(loadDevice(), architecture, new NumpyRandom(Number(args.seed)), {
  side: tileSize,
  epochs,
  batchSize: 100,
  peakRate: 0.1,
  warmUpSteps: 70,
  symmetries: 'square',
})
await trainer.train(tiles.train, (epoch, loss, seconds) =>
  console.log(`epoch ${epoch} of ${epochs}: loss ${loss.toFixed(4)}, ${seconds} s`),
)
console.log(
  `error on the ${tiles.search.labels.length} search tiles: ${(await trainer.errorPct(tiles.search)).toFixed(2)} %`,
)
const metadata = {
  architecture: architecture.name,
  mean: JSON.stringify(mean),
  std: JSON.stringify(std),
  class_names: JSON.stringify(tiles.classNames),
  input_size: JSON.stringify([tileSize, tileSize]),
  stem_stride: args.stem,
  trained_by: `npm run train:sample (${epochs} epochs, seed ${args.seed})`,
  licence: 'MIT',
}
mkdirSync(dirname(args.out), { recursive: true })
writeFileSync(args.out, writeSafetensors(await trainer.weights(), metadata))
console.log(`written: ${args.out}`)
