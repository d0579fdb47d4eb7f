// The stream: a pure function of images, options and seed; whatever is wrong with the images is said.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runOptionsSchema, type RunOptions, type Schedule } from '#contract/runs/run-options.ts'
import { planBatches } from '#stream/batcher.ts'
import { matchClasses, proposeMatches } from '#stream/inputs/labels.ts'
import { openPath } from '#stream/inputs/layouts/layouts.ts'
import { openStream } from '#stream/open-stream.ts'
import type { StreamBatch } from '#stream/stream.ts'

const sample = fileURLToPath(new URL('../../resources/sample/images', import.meta.url))
let folder: string
let input: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-stream-'))
  input = join(folder, 'input')
  for (const name of ['Forest', 'River', 'SeaLake']) {
    mkdirSync(join(input, name, 'deeper'), { recursive: true })
    for (const [i, file] of readdirSync(join(sample, name)).sort().slice(0, 6).entries())
      copyFileSync(join(sample, name, file), join(input, name, i < 2 ? 'deeper' : '.', file))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const optionsFor = (path: string, more: Partial<RunOptions> = {}): RunOptions =>
  runOptionsSchema.parse({
    input: { kind: 'folder', path, split: null, domains: 'none', labels: {}, counting: 'order' },
    model: { kind: 'sample' },
    corruptions: ['gaussian_noise', 'fog'],
    batchSize: 5,
    seed: 3,
    lanes: [{ id: 'source', label: 'Source', options: { method: 'source' } }],
    ...more,
  })
const context = {
  sampleFolder: sample,
  inputSize: null,
  modelClasses: 10,
  classNames: null,
  imageNet: [],
  workers: 2,
  previewCount: 2,
}

const listFolder = (path: string) => openPath({ kind: 'folder', path, split: null, domains: 'none', labels: {} })

async function collect(
  options: RunOptions,
  from = 0,
  own: Partial<typeof context> = {},
): Promise<{ batches: StreamBatch[]; skipped: number; names: string[] }> {
  const stream = await openStream(options, { ...context, ...own })
  const batches: StreamBatch[] = []
  try {
    for await (const batch of stream.batches(from)) batches.push(batch)
    return { batches, skipped: stream.skipped.total, names: stream.skipped.files.map((file) => file.path) }
  } finally {
    await stream.close()
  }
}

describe('the order of the images', () => {
  const idsOf = (batches: readonly StreamBatch[], domain: number) =>
    batches.filter((batch) => batch.domain === domain).flatMap(({ ids }) => [...ids])

  test('in file order every domain has the same images, with the same noise, as they are listed', async () => {
    const shuffled = await collect(optionsFor(input, { limit: 9 }))
    const inFiles = await collect(optionsFor(input, { limit: 9, imageOrder: 'file' }))
    const listed = (await listFolder(input)).samples.map(({ id }) => id)
    for (const domain of [0, 1]) {
      const ids = idsOf(inFiles.batches, domain)
      expect(ids).toEqual(listed.filter((id) => ids.includes(id)))
      expect(ids).not.toEqual(idsOf(shuffled.batches, domain))
      expect(ids.toSorted()).toEqual(idsOf(shuffled.batches, domain).toSorted())
    }
    const bytesOf = (batches: readonly StreamBatch[]) =>
      new Map(
        batches.flatMap(({ domain, ids, pixels }) =>
          ids.map((id, i) => {
            const size = pixels.length / ids.length
            return [`${domain} ${id}`, Buffer.from(pixels.subarray(i * size, (i + 1) * size)).toString('base64')]
          }),
        ),
      )
    expect(bytesOf(inFiles.batches)).toEqual(bytesOf(shuffled.batches))
  })

  test('goes with schedules that order domains, and is refused by those that order images', () => {
    const labels = [0, 1, 2, 0, 1, 2]
    const order = (more: Partial<RunOptions>) =>
      planBatches(labels, optionsFor('x', { imageOrder: 'file', batchSize: 100, ...more })).batches.map(({ items }) =>
        items.map(({ sample: at }) => at),
      )
    expect(order({})).toEqual([labels.map((_, i) => i), labels.map((_, i) => i)])
    expect(order({ cycles: 2, seed: 8 })).toEqual(Array.from({ length: 4 }, () => labels.map((_, i) => i)))
    expect(order({ schedule: 'gradual', corruptions: ['fog'] })).toHaveLength(9)
    for (const schedule of ['mixed', 'correlated'] as const)
      expect(() => order({ schedule })).toThrow(`The schedule ${schedule} orders the images itself`)
  })
})

describe('a stream', () => {
  test('gives the same bytes again, from any step on, with any number of workers', async () => {
    const { batches } = await collect(optionsFor(input))
    expect(batches).toHaveLength(8)
    expect((await collect(optionsFor(input), 0, { workers: 1 })).batches).toEqual(batches)
    expect((await collect(optionsFor(input), 5)).batches).toEqual(batches.slice(5))
    expect((await collect(optionsFor(input, { seed: 4 }))).batches).not.toEqual(batches)
  })

  test('a file that cannot be read makes its batch shorter and is named once', async () => {
    const bad = join(folder, 'bad')
    for (const name of ['A', 'B']) {
      mkdirSync(join(bad, name), { recursive: true })
      for (const file of readdirSync(join(sample, 'Forest')).sort().slice(0, 4))
        copyFileSync(join(sample, 'Forest', file), join(bad, name, file))
    }
    writeFileSync(join(bad, 'A', 'zz-broken.jpg'), 'no picture')
    const { batches, skipped, names } = await collect(optionsFor(bad))
    expect(batches.reduce((sum, batch) => sum + batch.ids.length, 0)).toBe(16)
    expect(skipped).toBe(1)
    expect(names[0]).toContain('zz-broken.jpg')
  })

  test('images of different sizes are refused unless a size is given', async () => {
    const mixed = join(folder, 'mixed')
    for (const name of ['A', 'B']) mkdirSync(join(mixed, name), { recursive: true })
    const tile = readdirSync(join(sample, 'Forest'))[0] as string
    copyFileSync(join(sample, 'Forest', tile), join(mixed, 'A', tile))
    // The smallest picture: a 1 x 1 BMP.
    const bmp = Buffer.alloc(58)
    bmp.write('BM')
    bmp.writeUInt32LE(58, 2)
    bmp.writeUInt32LE(54, 10)
    bmp.writeUInt32LE(40, 14)
    bmp.writeInt32LE(1, 18)
    bmp.writeInt32LE(1, 22)
    bmp.writeUInt16LE(1, 26)
    bmp.writeUInt16LE(24, 28)
    writeFileSync(join(mixed, 'B', 'b.bmp'), bmp)
    await expect(collect(optionsFor(mixed))).rejects.toThrow(/different sizes.*--size/)
    const { batches } = await collect(optionsFor(mixed), 0, { inputSize: 16 as never })
    expect(batches[0]?.width).toBe(16)
  })
})

describe('plans', () => {
  const labels = Int32Array.from({ length: 60 }, (_, i) => i % 3)
  const plan = (schedule: Schedule, more: Partial<RunOptions> = {}) =>
    planBatches(labels, optionsFor('/x', { schedule, ...more }))

  test('each domain streams every chosen image exactly once', () => {
    for (const schedule of ['continual', 'reset-per-domain', 'gradual', 'correlated'] as const) {
      const { domains, batches } = plan(schedule)
      expect(domains).toHaveLength(schedule === 'gradual' ? 18 : 2)
      for (const domain of domains) {
        const seen = batches
          .filter((batch) => batch.domain === domain.index)
          .flatMap((batch) => batch.items.map((item) => item.sample))
        expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i))
      }
    }
  })

  test('gradual goes up and down again', () => {
    expect(
      plan('gradual')
        .domains.slice(0, 9)
        .map((domain) => domain.severity),
    ).toEqual([1, 2, 3, 4, 5, 4, 3, 2, 1])
  })

  test('mixed holds every pair of image and corruption once, in one domain', () => {
    const { domains, batches } = plan('mixed')
    expect(domains.map((domain) => domain.name)).toEqual(['mixed'])
    expect(
      new Set(batches.flatMap((batch) => batch.items.map((item) => `${item.sample} ${item.distribution.name}`))).size,
    ).toBe(120)
  })

  test('correlated batches hold fewer classes than shuffled ones', () => {
    const classesPerBatch = (schedule: Schedule) => {
      const { batches } = plan(schedule, { dirichletDelta: 0.01 })
      return (
        batches.reduce((sum, batch) => sum + new Set(batch.items.map((item) => labels[item.sample])).size, 0) /
        batches.length
      )
    }
    expect(classesPerBatch('correlated')).toBeLessThan(0.7 * classesPerBatch('continual'))
  })

  test('a custom order is kept, images as they are among it, and a visit again has a name and noise of its own', () => {
    const { domains } = plan('custom', {
      order: [
        { corruption: 'fog', severity: 2 },
        { corruption: null, severity: null },
        { corruption: 'fog', severity: 2 },
      ],
    })
    expect(domains.map(({ name, corruption, severity }) => [name, corruption, severity])).toEqual([
      ['fog 2', 'fog', 2],
      ['clean', null, null],
      ['fog 2 #2', 'fog', 2],
    ])
    expect(() => plan('custom')).toThrow(/needs an order/)
  })

  test('cycles go through the whole order again; the first is the one without cycles', () => {
    const { domains, batches } = plan('continual', { cycles: 3 })
    expect(domains.map((domain) => domain.name)).toEqual([
      'gaussian_noise 5',
      'fog 5',
      'gaussian_noise 5 #2',
      'fog 5 #2',
      'gaussian_noise 5 #3',
      'fog 5 #3',
    ])
    expect(batches.slice(0, plan('continual').batches.length)).toEqual(plan('continual').batches)
  })

  test('a limit takes equal numbers of each class, the same ones in every domain', () => {
    const { batches } = plan('continual', { limit: 9 })
    const perDomain = [0, 1].map(
      (domain) =>
        new Set(
          batches.filter((batch) => batch.domain === domain).flatMap((batch) => batch.items.map((item) => item.sample)),
        ),
    )
    expect(perDomain[0]).toEqual(perDomain[1])
    expect([0, 1, 2].map((label) => [...(perDomain[0] ?? [])].filter((item) => labels[item] === label).length)).toEqual(
      [3, 3, 3],
    )
  })
})

describe('class folders', () => {
  test('are listed in a fixed order, deeper folders belonging to their class', async () => {
    const listing = await listFolder(input)
    expect(listing.classNames).toEqual(['Forest', 'River', 'SeaLake'])
    expect(listing.samples).toHaveLength(18)
    expect(listing.samples[0]?.id).toMatch(/^Forest\//)
  })

  test('what cannot work is said with the folder’s name', async () => {
    await expect(listFolder(join(folder, 'nowhere'))).rejects.toThrow(/nowhere cannot be opened/)
    mkdirSync(join(folder, 'empty', 'A'), { recursive: true })
    await expect(listFolder(join(folder, 'empty'))).rejects.toThrow(/no images in .*empty/)
    mkdirSync(join(folder, 'single', 'A'), { recursive: true })
    writeFileSync(join(folder, 'single', 'A', 'a.png'), '')
    await expect(listFolder(join(folder, 'single'))).rejects.toThrow(/one class only/)
  })

  test('classes are matched by name, else by order, and too many are refused', () => {
    const match = (
      classes: readonly string[],
      modelClasses: number,
      modelNames: readonly string[] | null,
      chosen: Record<string, number | null> = {},
    ) => [
      ...matchClasses(
        classes,
        {
          modelClasses,
          modelNames,
          chosen,
          imageNet: [
            ['n01440764', 'tench'],
            ['n01443537', 'goldfish'],
          ],
        },
        'x',
      ),
    ]
    expect(match(['sea lake', 'Forest'], 3, ['Forest', 'River', 'SeaLake'])).toEqual([2, 0])
    expect(match(['A', 'B'], 2, ['Forest', 'River'])).toEqual([0, 1])
    expect(match(['0', '1', '10', '2'], 11, null)).toEqual([0, 1, 10, 2])
    expect(() => match(['a', 'b', 'c'], 2, null)).toThrow(/3 classes, but the model knows only 2/)
    expect(() => match(['Forest', 'Desert'], 3, ['Forest', 'River', 'SeaLake'])).toThrow(/Desert.*Match them by hand/)
    expect(match(['Forest', 'Desert'], 3, ['Forest', 'River', 'SeaLake'], { Desert: null })).toEqual([0, -1])
    expect(match(['Forest', 'Desert'], 3, ['Forest', 'River', 'SeaLake'], { Desert: 2 })).toEqual([0, 2])
    expect(match(['n01443537', 'n01440764'], 2, null)).toEqual([1, 0])
    expect(match(['n01443537'], 4, ['x', 'Gold Fish', 'y', 'z'])).toEqual([1])
    expect(
      proposeMatches(['n01443537'], {
        modelClasses: 2,
        modelNames: null,
        chosen: {},
        imageNet: [
          ['n01440764', 'tench'],
          ['n01443537', 'goldfish'],
        ],
      })[0],
    ).toEqual({ name: 'n01443537', meaning: 'goldfish', index: 1, how: 'wordnet' })
  })
})
