// Streams times settings, each result a line of a file: what is in it already is not computed again. `npm run search:tables` prints them.
// npm run search:auto -- [--streams a,b | --half open] [--settings rivals,kappas] [--try '{"method":"palm","kappa":0.001}'] [--seeds 0,1,2]
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { laneOptionsSchema, type LaneOptions } from '#contract/methods/methods.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { createMethod } from '#engine/methods/registry.ts'
import type { SourceImages } from '#engine/methods/parts/source-images.ts'
import { loadModel } from '#engine/models/load.ts'
import { safetensorsFile } from '#engine/models/weights-file.ts'
import { seedFrom } from '#stream/batcher.ts'
import { readDataset, type Dataset, type DatasetName } from './datasets.ts'
import { defaultFolders } from './folders.ts'
import { networks } from './networks.ts'
import { resultSchema, type Result } from './result.ts'
import { settingsNamed, type Setting } from './settings.ts'
import { batchesOf, streams, type Batch, type StreamSpec } from './streams.ts'

const { values: args } = parseArgs({
  options: {
    data: { type: 'string', default: defaultFolders.eurosat },
    fashion: { type: 'string', default: defaultFolders.fashion },
    networks: { type: 'string', default: defaultFolders.networks },
    results: { type: 'string', default: defaultFolders.results },
    streams: { type: 'string' },
    half: { type: 'string' },
    settings: { type: 'string', default: '' },
    try: { type: 'string', multiple: true, default: [] },
    seeds: { type: 'string', default: '0' },
  },
})

function results(): Result[] {
  if (!existsSync(args.results)) return []
  const lines = readFileSync(args.results, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => resultSchema.parse(JSON.parse(line)))
}

const sourceCount = 500

/** Clean images that the network was trained on, for the methods that want some. */
function sourceImages({ train, side }: Dataset): SourceImages {
  const size = side * side * 3
  const stride = Math.floor(train.labels.length / sourceCount)
  const chosen = Array.from({ length: sourceCount }, (_, i) => i * stride)
  const pixels = new Uint8Array(sourceCount * size)
  for (const [slot, index] of chosen.entries())
    pixels.set(train.pixels.subarray(index * size, (index + 1) * size), slot * size)
  return { pixels, labels: Int32Array.from(chosen, (i) => train.labels[i] as number), height: side, width: side }
}

const networkFile = ({ network }: StreamSpec): string =>
  network === 'bundled' ? defaultFolders.bundled : join(args.networks, `${network}.safetensors`)

async function trial(
  spec: StreamSpec,
  batches: readonly Batch[],
  dataset: Dataset,
  options: LaneOptions,
  seed: number,
): Promise<Omit<Result, 'stream' | 'setting' | 'seed' | 'network'>> {
  const device = loadDevice()
  const path = networkFile(spec)
  const model = loadModel(device, safetensorsFile(readFileSync(path), path), { fileName: path })
  const source = sourceImages(dataset)
  const method = createMethod(device, model, options, seedFrom(seed, 'lane', options.method), source)
  await method.warmUp?.(source, spec.batchSize)
  const wrong: number[] = []
  const seen: number[] = []
  const started = performance.now()
  for (const { domain, pixels, labels } of batches) {
    const x = device.fromBytes(pixels, [labels.length, dataset.side, dataset.side, 3])
    const { predictions } = await method.step(x)
    x.dispose()
    wrong[domain] = (wrong[domain] ?? 0) + labels.filter((label, i) => label !== predictions[i]).length
    seen[domain] = (seen[domain] ?? 0) + labels.length
  }
  const secondsPerStep = (performance.now() - started) / 1000 / batches.length
  method.dispose()
  model.dispose()
  const domains = wrong.map((n, i) => (100 * n) / (seen[i] as number))
  return { error: domains.reduce((sum, error) => sum + error, 0) / domains.length, domains, secondsPerStep }
}

const wanted: Setting[] = [
  ...args.settings
    .split(',')
    .filter((name) => name !== '')
    .flatMap(settingsNamed),
  ...args.try.map((text) => ({
    name: text,
    options: laneOptionsSchema.parse(JSON.parse(text)),
  })),
]
const unknown = (args.streams?.split(',') ?? []).filter((name) => !(name in streams))
if (unknown.length > 0)
  throw new Error(`There is no stream ${unknown.join(', ')}. There are: ${Object.keys(streams).join(', ')}.`)
if (args.half !== undefined && args.half !== 'open' && args.half !== 'held-out')
  throw new Error(`--half is open or held-out, not ${args.half}.`)
const names = Object.keys(streams).filter(
  (name) =>
    (args.streams === undefined || args.streams.split(',').includes(name)) &&
    (args.half === undefined || streams[name]?.half === args.half),
)
mkdirSync(dirname(args.results), { recursive: true })
const datasets = new Map<DatasetName, Dataset>()
for (const name of names) {
  const spec = streams[name] as StreamSpec
  const which = spec.network === 'bundled' ? 'eurosat' : networks[spec.network].dataset
  for (const seed of args.seeds.split(',').map(Number)) {
    const network = createHash('sha256')
      .update(readFileSync(networkFile(spec)))
      .digest('hex')
      .slice(0, 12)
    const done = results().filter((row) => row.stream === name && row.seed === seed && row.network === network)
    const missing = wanted.filter(({ name: setting }) => done.every((row) => row.setting !== setting))
    if (missing.length === 0) continue
    const dataset = datasets.get(which) ?? (await readDataset(which, { eurosat: args.data, fashion: args.fashion }))
    datasets.set(which, dataset)
    const batches = batchesOf(spec, dataset, seed)
    for (const { name: setting, options } of missing) {
      const result: Result = {
        stream: name,
        setting,
        seed,
        network,
        ...(await trial(spec, batches, dataset, options, seed)),
      }
      appendFileSync(args.results, `${JSON.stringify(result)}\n`)
      console.log(`${name} | ${setting} | ${result.error.toFixed(2)} | ${result.secondsPerStep.toFixed(2)} s`)
    }
  }
}
