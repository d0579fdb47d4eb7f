// The streams of the search for `auto`, unlike each other on purpose, and cut in two before it began: the rule may be made on the `open` ones, and is
// judged on the others, which share no image with them and no network but the bundled one. Each ends as batches in memory, so that every setting sees the same bytes.
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import { benchmarkCorruptions } from '#contract/inputs/corruption.ts'
import { runOptionsSchema, type RunOptionsInput } from '#contract/runs/run-options.ts'
import { planBatches, seedFrom } from '#stream/batcher.ts'
import { corrupt } from '#stream/corruptions/registry.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import type { Dataset } from './datasets.ts'
import type { NetworkName } from './networks.ts'

export interface StreamSpec {
  readonly half: 'open' | 'held-out'
  readonly network: NetworkName | 'bundled'
  readonly images: number
  readonly batchSize: number
  readonly severity: 1 | 3 | 5
  readonly schedule: 'continual' | 'gradual' | 'mixed' | 'correlated'
  readonly cycles: number
}

const on =
  (half: StreamSpec['half']) =>
  (
    network: StreamSpec['network'],
    images: number,
    batchSize: number,
    rest: Partial<Pick<StreamSpec, 'severity' | 'schedule' | 'cycles'>> = {},
  ): StreamSpec => ({ half, network, images, batchSize, severity: 5, schedule: 'continual', cycles: 1, ...rest })
const open = on('open')
const heldOut = on('held-out')

export const streams: Readonly<Record<string, StreamSpec>> = {
  'bundled 500': open('bundled', 500, 100),
  'fashion-resnet20 1000': open('fashion-resnet20', 1000, 200),
  'half-vgg 1000 severity 3': open('half-vgg', 1000, 100, { severity: 3 }),
  'fashion-resnet14 1000': open('fashion-resnet14', 1000, 100),
  'half-resnet14 500': open('half-resnet14', 500, 100),
  'half-vgg mixed': open('half-vgg', 500, 100, { schedule: 'mixed' }),
  'fashion-resnet14 ten cycles': open('fashion-resnet14', 100, 100, { cycles: 10 }),
  'half-resnet14 correlated': open('half-resnet14', 500, 100, { schedule: 'correlated' }),
  'half-vgg gradual': open('half-vgg', 100, 50, { schedule: 'gradual' }),
  'fashion-resnet14 batches of 16': open('fashion-resnet14', 250, 16),

  'half-resnet14 ten cycles': open('half-resnet14', 100, 100, { cycles: 10 }),
  'fashion-resnet14 correlated': open('fashion-resnet14', 500, 100, { schedule: 'correlated' }),

  'bundled 1000': heldOut('bundled', 1000, 100),
  'eurosat-resnet14 250': heldOut('eurosat-resnet14', 250, 50),
  'fashion-wide 1000': heldOut('fashion-wide', 1000, 200),
  'half-wide 2000 severity 3': heldOut('half-wide', 2000, 200, { severity: 3 }),
  'fashion-vgg 2000': heldOut('fashion-vgg', 2000, 200),
  'fashion-mobilenet 1000': heldOut('fashion-mobilenet', 1000, 100),
  'half-wide ten cycles': heldOut('half-wide', 100, 100, { cycles: 10 }),
  'fashion-vgg mixed': heldOut('fashion-vgg', 500, 100, { schedule: 'mixed' }),
  'half-wide correlated': heldOut('half-wide', 500, 100, { schedule: 'correlated' }),
  'eurosat-mobilenet 500 severity 1': heldOut('eurosat-mobilenet', 500, 100, { severity: 1 }),
  'fashion-vgg batches of 16': heldOut('fashion-vgg', 250, 16),
}

export interface Batch {
  readonly domain: number
  readonly pixels: Uint8Array
  readonly labels: readonly number[]
}

/** All batches of a stream, corrupted as a run with this seed would. */
export function batchesOf(spec: StreamSpec, dataset: Dataset, seed: number): readonly Batch[] {
  const tiles = spec.half === 'open' ? dataset.open : dataset.heldOut
  const { side } = dataset
  const size = side * side * 3
  const input: RunOptionsInput = {
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    lanes: [{ id: 'source', label: 'Source', options: laneOptionsSchema.parse({ method: 'source' }) }],
    schedule: spec.schedule,
    severities: [spec.severity],
    cycles: spec.cycles,
    corruptions: [...benchmarkCorruptions],
    batchSize: spec.batchSize,
    limit: spec.images,
    seed,
  }
  const { batches } = planBatches(tiles.labels, runOptionsSchema.parse(input))
  return batches.map(({ domain, items }) => {
    const pixels = new Uint8Array(items.length * size)
    for (const [slot, { sample, distribution }] of items.entries()) {
      const data = tiles.pixels.slice(sample * size, (sample + 1) * size)
      const { name, corruption, severity } = distribution
      const random = new NumpyRandom(seedFrom(seed, tiles.names[sample] as string, name))
      const shown =
        corruption === null || severity === null
          ? data
          : corrupt({ width: side, height: side, data }, corruption, severity, 'cifar', random).data
      pixels.set(shown, slot * size)
    }
    return { domain, pixels, labels: items.map(({ sample }) => tiles.labels[sample] as number) }
  })
}
