// Finds the sample's PALM preset on the 1,000 search tiles: never trained on, never scored by the sample. Writes the table of everything
// that was tried. npm run search:preset -- [--kappa 1e-3,2e-3] [--eta 0.05] [--alpha 0.5] [--temperature 50] [--lambda 0.01] [--seeds 0,1,2] [--passes 2]
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { benchmarkCorruptions } from '#contract/inputs/corruption.ts'
import { laneOptionsSchema, type LaneOptions } from '#contract/methods/methods.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { loadModel } from '#engine/models/load.ts'
import { safetensorsFile } from '#engine/models/weights-file.ts'
import { seedFrom } from '#stream/batcher.ts'
import { corrupt } from '#stream/corruptions/registry.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { readTrainingTiles, seededOrder, tileSize } from './tiles.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values: args } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '../shared/data/eurosat-rgb-10k') },
    model: { type: 'string', default: join(root, 'resources/models/eurosat-resnet20.safetensors') },
    out: { type: 'string', default: join(root, 'docs/sample-preset.csv') },
    kappa: { type: 'string', default: '5e-5,1e-4,2e-4,5e-4,1e-3,2e-3' },
    eta: { type: 'string', default: '0.05,0.5,1' },
    alpha: { type: 'string', default: '0.5' },
    temperature: { type: 'string', default: '50' },
    lambda: { type: 'string', default: '0.01' },
    variant: { type: 'string', default: 'reference' },
    seeds: { type: 'string', default: '0' },
    passes: { type: 'string', default: '2' },
    batch: { type: 'string', default: '100' },
    baselines: { type: 'boolean', default: false },
  },
})
const numbers = (text: string) => text.split(',').map(Number)
const batchSize = Number(args.batch)
const severity = 5
const size = tileSize * tileSize * 3

const device = loadDevice()
const model = loadModel(device, safetensorsFile(readFileSync(args.model), args.model), { fileName: args.model })
const { search } = await readTrainingTiles(args.data)

/** All tiles under one corruption; the noise depends on the seed, as in a run. */
function corruptAll(name: (typeof benchmarkCorruptions)[number], seed: number): Uint8Array {
  const out = new Uint8Array(search.pixels.length)
  for (let i = 0; i < search.labels.length; i++) {
    const image = { width: tileSize, height: tileSize, data: search.pixels.slice(i * size, (i + 1) * size) }
    const random = new NumpyRandom(seedFrom(seed, search.names[i] as string, `${name} ${severity}`))
    out.set(corrupt(image, name, severity, 'cifar', random).data, i * size)
  }
  return out
}

const configurations: { name: string; options: LaneOptions }[] = []
if (args.baselines) {
  for (const method of ['source', 'norm', 'tent'] as const)
    configurations.push({ name: method, options: laneOptionsSchema.parse({ method }) })
}
for (const kappa of numbers(args.kappa)) {
  for (const eta of numbers(args.eta)) {
    for (const alpha of numbers(args.alpha)) {
      for (const temperature of numbers(args.temperature)) {
        for (const lambda of numbers(args.lambda)) {
          configurations.push({
            name: `palm ${args.variant} kappa=${kappa} eta=${eta} alpha=${alpha} T=${temperature} lambda=${lambda}`,
            options: laneOptionsSchema.parse({
              method: 'palm',
              variant: args.variant,
              kappa,
              eta,
              alpha,
              temperature,
              lambda,
            }),
          })
        }
      }
    }
  }
}

mkdirSync(dirname(args.out), { recursive: true })
if (!existsSync(args.out))
  writeFileSync(args.out, `configuration,seed,batch,passes,mean error %,${benchmarkCorruptions.join(',')}\n`)
for (const seed of numbers(args.seeds)) {
  const streams = benchmarkCorruptions.map((name) => corruptAll(name, seed))
  for (const { name, options } of configurations) {
    const method = createMethod(device, model, options, seedFrom(seed, 'lane', options.method))
    const errors: number[] = []
    for (const [domain, pixels] of streams.entries()) {
      let wrong = 0
      let seen = 0
      for (let pass = 0; pass < Number(args.passes); pass++) {
        const order = seededOrder(search.labels.length, new NumpyRandom(seedFrom(seed, 'order', domain, pass)))
        for (let at = 0; at < order.length; at += batchSize) {
          const chosen = order.slice(at, at + batchSize)
          const batch = new Uint8Array(chosen.length * size)
          for (const [slot, index] of chosen.entries())
            batch.set(pixels.subarray(index * size, (index + 1) * size), slot * size)
          const x = device.fromBytes(batch, [chosen.length, tileSize, tileSize, 3])
          const { predictions } = await method.step(x)
          x.dispose()
          wrong += chosen.filter((index, slot) => search.labels[index] !== predictions[slot]).length
          seen += chosen.length
        }
      }
      errors.push((100 * wrong) / seen)
    }
    method.dispose()
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
    const row = [name, seed, batchSize, args.passes, mean.toFixed(2), ...errors.map((error) => error.toFixed(1))].join(
      ',',
    )
    console.log(row)
    appendFileSync(args.out, `${row}\n`)
  }
}
