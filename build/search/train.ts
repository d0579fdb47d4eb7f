// Trains the search's networks (build/search/networks.ts) into a folder; what is there already is left. npm run search:train -- --out DIR [--only NAME]
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Trainer } from '#build/sample/trainer.ts'
import type { Tiles } from '#build/sample/tiles.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { writeSafetensors } from '#engine/models/formats/safetensors.ts'
import type { ModelNormalization } from '#engine/models/model.ts'
import { seedFrom } from '#stream/batcher.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { readDataset } from './datasets.ts'
import { networks, type Network, type NetworkName } from './networks.ts'
import { defaultFolders } from './folders.ts'

const { values: args } = parseArgs({
  options: {
    data: { type: 'string', default: defaultFolders.eurosat },
    fashion: { type: 'string', default: defaultFolders.fashion },
    out: { type: 'string', default: defaultFolders.networks },
    only: { type: 'string' },
  },
})

/** Mean and standard deviation of each channel over all pixels, in [0, 1]. */
function normalizationOf({ pixels }: Tiles): ModelNormalization {
  const [sum, squares] = [new Float64Array(3), new Float64Array(3)]
  for (const [i, value] of pixels.entries()) {
    const c = i % 3
    sum[c] = (sum[c] as number) + value / 255
    squares[c] = (squares[c] as number) + (value / 255) ** 2
  }
  const n = pixels.length / 3
  const mean = [...sum].map((s) => s / n) as [number, number, number]
  const std = [...squares].map((s, c) => Math.sqrt(s / n - (mean[c] as number) ** 2)) as [number, number, number]
  return { mean, std }
}

mkdirSync(args.out, { recursive: true })
for (const [name, network] of Object.entries(networks) as [NetworkName, Network][]) {
  const file = join(args.out, `${name}.safetensors`)
  if (existsSync(file) || (args.only !== undefined && args.only !== name)) continue
  const { side, train, open } = await readDataset(network.dataset, { eurosat: args.data, fashion: args.fashion })
  const normalization = normalizationOf(train)
  const trainer = new Trainer(
    loadDevice(),
    network.architecture(normalization, side),
    new NumpyRandom(seedFrom('search', name)),
    {
      side,
      epochs: network.epochs,
      batchSize: 100,
      peakRate: network.peakRate,
      warmUpSteps: 70,
      symmetries: network.dataset === 'fashion' ? 'mirror' : 'square',
    },
  )
  await trainer.train(train, (epoch, loss, seconds) =>
    console.log(`${name}: epoch ${epoch} of ${network.epochs}, loss ${loss.toFixed(3)}, ${seconds} s`),
  )
  const error = (await trainer.errorPct(open)).toFixed(2)
  const { mean, std } = normalization
  const metadata = {
    mean: JSON.stringify(mean),
    std: JSON.stringify(std),
    input_size: JSON.stringify([side, side]),
    ...(name.includes('resnet14') ? { stem_stride: '2' } : {}),
    trained_by: `npm run search:train (${network.epochs} epochs, clean error ${error} %)`,
    licence: 'MIT',
  }
  writeFileSync(file, writeSafetensors(await trainer.weights(), metadata))
  console.log(`${name}: clean error ${error} %`)
}
