// The preview before a run: its pictures are those that the run's stream makes, for the same image and seed; they differ by severity; what cannot be read is said.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { pictureOf } from '#stream/images/picture.ts'
import { rgbImage } from '#stream/images/rgb-image.ts'
import { InputPreview, type PreviewWish } from '#stream/input-preview.ts'
import { openStream } from '#stream/open-stream.ts'

const sampleFolder = fileURLToPath(new URL('../../resources/sample/images', import.meta.url))
let folder: string
const preview = new InputPreview({ sampleFolder })
const inputOf = (path: string): PreviewWish['input'] => ({
  kind: 'folder',
  path,
  split: null,
  domains: 'none',
  labels: {},
})
const wish = (more: Partial<PreviewWish> = {}): PreviewWish => ({
  input: inputOf(folder),
  inputSize: null,
  resize: 1,
  family: 'auto',
  seed: 7,
  image: 0,
  cells: [{ corruption: null, severity: null }],
  ...more,
})

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-preview-'))
  for (const name of ['Forest', 'River']) {
    mkdirSync(join(folder, name))
    for (const tile of readdirSync(join(sampleFolder, name)).sort().slice(0, 2))
      copyFileSync(join(sampleFolder, name, tile), join(folder, name, tile))
  }
})
afterAll(async () => {
  await preview.close()
  rmSync(folder, { recursive: true })
})

describe('a preview', () => {
  test.each([
    [null, 64],
    [32, 32],
    [128, 96],
  ])('at the size %s has the very pixels of the run’s stream, made small above 96', async (inputSize, side) => {
    const cells = (['gaussian_noise', 'frost', 'motion_blur'] as const).flatMap((corruption) =>
      ([1, 5] as const).map((severity) => ({ corruption, severity })),
    )
    const found = await preview.pictures(wish({ inputSize, image: 3, cells }))
    expect(found).toMatchObject({
      image: 3,
      images: 4,
      label: 'River',
      original: { width: 64, height: 64 },
      width: inputSize ?? 64,
    })
    const options = runOptionsSchema.parse({
      input: inputOf(folder),
      model: { kind: 'sample' },
      corruptions: ['gaussian_noise', 'frost', 'motion_blur'],
      severities: [1, 5],
      batchSize: 4,
      seed: 7,
      lanes: [{ id: 'source', label: 'Source', options: { method: 'source' } }],
    })
    const stream = await openStream(options, {
      sampleFolder,
      inputSize,
      modelClasses: 10,
      classNames: [
        'AnnualCrop',
        'Forest',
        'HerbaceousVegetation',
        'Highway',
        'Industrial',
        'Pasture',
        'PermanentCrop',
        'Residential',
        'River',
        'SeaLake',
      ],
      imageNet: [],
      workers: 1,
      previewCount: 0,
    })
    try {
      expect(stream.plan.family).toBe(found.family)
      const seen: string[] = []
      for await (const batch of stream.batches(0)) {
        const at = batch.ids.indexOf(found.id)
        const size = batch.width * batch.height * 3
        const { corruption, severity } = stream.plan.domains[batch.domain] as { corruption: string; severity: number }
        const picture = found.pictures.find((one) => one.corruption === corruption && one.severity === severity)
        expect([picture?.width, picture?.pixels]).toEqual([
          side,
          Buffer.from(
            pictureOf(rgbImage(batch.width, batch.height, batch.pixels.slice(at * size, (at + 1) * size))).data,
          ).toString('base64'),
        ])
        seen.push(picture?.pixels ?? '')
      }
      expect(new Set(seen).size).toBe(cells.length)
    } finally {
      await stream.close()
    }
  })

  test('begins with the first image that can be read, and says of another why not', async () => {
    const damaged = join(folder, 'Forest', '0-damaged.jpg')
    writeFileSync(damaged, 'no picture')
    await preview.close() // the listing is kept for a moment
    try {
      const found = await preview.pictures(wish({ image: null }))
      expect([found.image, found.images, found.pictures[0]?.problem]).toEqual([1, 5, null])
      const bad = await preview.pictures(wish({ image: 0 }))
      expect(bad.pictures[0]?.pixels).toBeNull()
      expect(bad.pictures[0]?.problem).toContain('0-damaged.jpg')
      expect(bad.original).toBeNull()
    } finally {
      rmSync(damaged)
      await preview.close()
    }
  })

  test('another seed draws other noise, and an image beyond the end is the last', async () => {
    const cells = [{ corruption: 'gaussian_noise', severity: 3 }] as const
    const [a, b, last] = [
      await preview.pictures(wish({ cells })),
      await preview.pictures(wish({ cells, seed: 8 })),
      await preview.pictures(wish({ cells, image: 99 })),
    ]
    expect(a.pictures[0]?.pixels).not.toBe(b.pictures[0]?.pixels)
    expect(last.image).toBe(3)
  })

  test('of images that are corrupted already shows what there is', async () => {
    const tree = join(folder, 'tree')
    for (const name of ['Forest', 'River']) {
      mkdirSync(join(tree, 'fog', '2', name), { recursive: true })
      copyFileSync(
        join(folder, name, readdirSync(join(folder, name)).sort()[0] as string),
        join(tree, 'fog', '2', name, 'a.jpg'),
      )
    }
    try {
      const found = await preview.pictures(
        wish({
          input: inputOf(tree),
          image: null,
          cells: [
            { corruption: null, severity: null },
            { corruption: 'fog', severity: 2 },
            { corruption: 'fog', severity: 3 },
          ],
        }),
      )
      expect(found.pictures.map(({ pixels }) => pixels !== null)).toEqual([false, true, false])
    } finally {
      rmSync(tree, { recursive: true })
    }
  })

  test('a folder that is not there is said', async () => {
    await expect(preview.pictures(wish({ input: inputOf('/no/such/folder') }))).rejects.toThrow(
      '/no/such/folder cannot be opened',
    )
  })
})
