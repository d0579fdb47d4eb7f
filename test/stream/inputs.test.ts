// Every kind of input: what is seen in it, that its pixels are the right ones, and what is said when it cannot be used.
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runOptionsSchema, type RunOptions } from '#contract/runs/run-options.ts'
import { decodeImage } from '#stream/images/decode.ts'
import { openPath } from '#stream/inputs/layouts/layouts.ts'
import { openStream } from '#stream/open-stream.ts'
import type { StreamBatch } from '#stream/stream.ts'
import { npy } from '#test/helpers/write-npy.ts'

const sample = fileURLToPath(new URL('../../resources/sample/images', import.meta.url))
const names = ['Forest', 'River', 'SeaLake'] as const
const modelNames = [
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
]
let folder: string
let plain: string

const files = (name: string, count: number) => readdirSync(join(sample, name)).sort().slice(0, count)
const input = (path: string, more: object = {}) => ({
  kind: 'folder' as const,
  path,
  split: null,
  domains: 'none' as const,
  labels: {},
  ...more,
})
const context = {
  sampleFolder: sample,
  inputSize: null,
  modelClasses: 10,
  classNames: modelNames,
  imageNet: [],
  workers: 2,
  previewCount: 0,
}

function make(root: string, prefix: string, count = 4): void {
  for (const name of names) {
    mkdirSync(join(root, prefix, name), { recursive: true })
    for (const file of files(name, count)) copyFileSync(join(sample, name, file), join(root, prefix, name, file))
  }
}

async function run(
  path: string,
  more: Partial<RunOptions> = {},
  own: object = {},
): Promise<{ batches: StreamBatch[]; domains: string[]; skipped: number }> {
  const options = runOptionsSchema.parse({
    input: input(path, own),
    model: { kind: 'sample' },
    corruptions: [],
    batchSize: 5,
    lanes: [{ id: 'source', label: 'Source', options: { method: 'source' } }],
    ...more,
  })
  const stream = await openStream(options, context)
  try {
    const batches: StreamBatch[] = []
    for await (const batch of stream.batches(0)) batches.push(batch)
    return {
      batches,
      domains: stream.plan.domains.map(({ name, images }) => `${name} ${images}`),
      skipped: stream.skipped.total,
    }
  } finally {
    await stream.close()
  }
}

/** Pixels and label by id. */
const imagesOf = (batches: readonly StreamBatch[]) =>
  new Map(
    batches.flatMap((batch) =>
      batch.ids.map((id, i) => {
        const size = batch.width * batch.height * 3
        return [
          id,
          {
            label: batch.labels[i],
            pixels: Buffer.from(batch.pixels.slice(i * size, (i + 1) * size)).toString('base64'),
          },
        ] as const
      }),
    ),
  )

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-inputs-'))
  plain = join(folder, 'plain')
  make(plain, '')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('archives', () => {
  test('a zip, stored or deflated, and a tar give the same images as the folder, read in place', async () => {
    const expected = imagesOf((await run(plain)).batches)
    expect(expected.size).toBe(12)
    const entries = Object.fromEntries(
      names.flatMap((name) =>
        files(name, 4).map((file) => [`plain/${name}/${file}`, new Uint8Array(readFileSync(join(plain, name, file)))]),
      ),
    )
    writeFileSync(
      join(folder, 'stored.zip'),
      zipSync({ ...entries, '__MACOSX/x.jpg': new Uint8Array(3), '../evil.jpg': new Uint8Array(3) }, { level: 0 }),
    )
    writeFileSync(join(folder, 'packed.zip'), zipSync(entries, { level: 6 }))
    execFileSync('tar', ['cf', join(folder, 'plain.tar'), '-C', folder, 'plain'])
    for (const name of ['stored.zip', 'packed.zip', 'plain.tar'])
      expect(imagesOf((await run(join(folder, name))).batches), name).toEqual(expected)
  })

  test('a long path in a tar is read whole', async () => {
    const deep = join(folder, 'deep', 'a'.repeat(90))
    make(deep, 'b'.repeat(90))
    make(join(folder, 'deep', 'c'), '')
    execFileSync('tar', ['cf', join(folder, 'deep.tar'), '-C', join(folder, 'deep'), '.'])
    const { samples } = await openPath(input(join(folder, 'deep.tar')))
    expect(samples.filter(({ id }) => id.startsWith(`${'a'.repeat(90)}/${'b'.repeat(90)}/River/`))).toHaveLength(4)
  })

  test('a damaged or compressed one is refused by its name', async () => {
    writeFileSync(join(folder, 'cut.zip'), readFileSync(join(folder, 'stored.zip')).subarray(0, 3000))
    writeFileSync(join(folder, 'cut.tar'), readFileSync(join(folder, 'plain.tar')).subarray(0, 5000))
    writeFileSync(join(folder, 'a.tar.gz'), 'x')
    for (const [name, words] of [
      ['cut.zip', /not a usable zip/],
      ['cut.tar', /cut short/],
      ['a.tar.gz', /Unpack it/],
    ] as const)
      await expect(openPath(input(join(folder, name)))).rejects.toThrow(words)
  })
})

describe('lists', () => {
  const rows = () => names.flatMap((name) => files(name, 2).map((file) => [`plain/${name}/${file}`, name] as const))
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  test('with a header in any order, a byte order mark, quoted commas, and without a header', async () => {
    const header = write(
      'a.csv',
      `\uFEFFclass_name,"note, long",filename\r\n${rows()
        .map(([path, label]) => `${label},"a, b",${path}`)
        .join('\r\n')}\r\n`,
    )
    const bare = write(
      'b.csv',
      rows()
        .map(([path, label]) => `${path},${label}`)
        .join('\n'),
    )
    const lines = write(
      'c.jsonl',
      rows()
        .map(([path, label]) => JSON.stringify({ path, label }))
        .join('\n'),
    )
    const tabs = write(
      'd.tsv',
      `path\tlabel\n${rows()
        .map(([path, label]) => `${path}\t${label}`)
        .join('\n')}`,
    )
    const expected = imagesOf((await run(header)).batches)
    expect([...expected.values()].map(({ label }) => label).sort((a, b) => Number(a) - Number(b))).toEqual([
      1, 1, 8, 8, 9, 9,
    ])
    for (const path of [bare, lines, tabs]) expect(imagesOf((await run(path)).batches)).toEqual(expected)
  })

  test('class indices are indices of the model’s classes', async () => {
    const path = write(
      'e.csv',
      rows()
        .map(([file, label]) => `${file},${modelNames.indexOf(label)}`)
        .join('\n'),
    )
    const labels = async (own: object) =>
      [...imagesOf((await run(path, {}, own)).batches).values()]
        .map(({ label }) => label)
        .sort((a, b) => Number(a) - Number(b))
    await expect(run(path)).rejects.toThrow(/1 to 9.*counted from 0 or from 1.*--labels from-0/)
    expect(await labels({ counting: 'from-0' })).toEqual([1, 1, 8, 8, 9, 9])
    expect(await labels({ counting: 'from-1' })).toEqual([0, 0, 7, 7, 8, 8])
  })

  test('a column makes domains, and files that are not there are left out and counted', async () => {
    const path = write(
      'f.csv',
      `path,label,domain\n${rows()
        .map(([file, label], i) => `${file},${label},site ${i % 2}`)
        .join('\n')}\nnowhere.jpg,River,site 1\n`,
    )
    const { domains, skipped, batches } = await run(path, {}, { domains: 'column' })
    expect(domains).toEqual(['site 0 3', 'site 1 4'])
    expect(skipped).toBe(1)
    expect(imagesOf(batches).size).toBe(6)
    await expect(openPath(input(join(folder, 'b.csv'), { domains: 'column' }))).rejects.toThrow(/no column for domains/)
  })

  test('a million rows are listed', async () => {
    const path = write(
      'g.csv',
      `path,label\n${Array.from({ length: 1_000_000 }, (_, i) => `x/${i}.jpg,${i % 10}`).join('\n')}`,
    )
    const { samples, classNames } = await openPath(input(path))
    expect(samples).toHaveLength(1_000_000)
    expect(classNames).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })

  test('what is no list is said with its line', async () => {
    await expect(openPath(input(write('h.jsonl', '{"path": "a.jpg"}\n{')))).rejects.toThrow(/line 2 is not JSON/)
    await expect(openPath(input(write('i.csv', '')))).rejects.toThrow(/lists no images/)
    await expect(openPath(input(write('j.csv', 'path,label\n"a')))).rejects.toThrow(/cannot be read as a list/)
  })
})

describe('corrupted already', () => {
  const pixels = (seed: number, n: number) =>
    Uint8Array.from({ length: n * 8 * 8 * 3 }, (_, i) => (i * 7 + seed * 31) % 256)

  test('CIFAR-C arrays are read by rows, the severities one after the other, and nothing is corrupted once more', async () => {
    const root = join(folder, 'cifar-c')
    mkdirSync(root)
    writeFileSync(
      join(root, 'labels.npy'),
      npy(
        '<i8',
        [20],
        Array.from({ length: 20 }, (_, i) => i % 4),
      ),
    )
    for (const [seed, name] of ['fog', 'snow'].entries())
      writeFileSync(join(root, `${name}.npy`), npy('|u1', [20, 8, 8, 3], pixels(seed, 20)))
    const { batches, domains } = await run(root, { corruptions: ['snow', 'fog'], severities: [2] })
    expect(domains).toEqual(['snow 2 4', 'fog 2 4'])
    const first = imagesOf(batches.filter(({ domain }) => domain === 0))
    for (let i = 0; i < 4; i++) {
      const row = 4 + i
      expect(first.get(String(i))).toEqual({
        label: i % 4,
        pixels: Buffer.from(pixels(1, 20).subarray(row * 192, (row + 1) * 192)).toString('base64'),
      })
    }
    await expect(run(root, { corruptions: ['frost'] })).rejects.toThrow(/has no frost of severity 5/)
    await expect(run(root)).rejects.toThrow(/has no clean images/)
    execFileSync('tar', ['cf', join(folder, 'cifar-c.tar'), '-C', folder, 'cifar-c'])
    expect(
      imagesOf((await run(join(folder, 'cifar-c.tar'), { corruptions: ['snow'], severities: [2] })).batches),
    ).toEqual(first)
    writeFileSync(join(root, 'snow.npy'), readFileSync(join(root, 'snow.npy')).subarray(0, 500))
    await expect(openPath(input(root))).rejects.toThrow(/snow.npy.*cut short/)
  })

  test('an ImageNet-C tree, also below noise, blur, …', async () => {
    const root = join(folder, 'imagenet-c')
    for (const severity of [1, 3]) make(root, `weather/fog/${severity}`, 2)
    const listing = await openPath(input(root))
    expect(listing).toMatchObject({
      kind: 'imagenet-c',
      classNames: [...names],
      variants: [
        { corruption: 'fog', severity: 1 },
        { corruption: 'fog', severity: 3 },
      ],
    })
    const { batches, domains } = await run(root, { corruptions: ['fog'], severities: [3, 1] })
    expect(domains).toEqual(['fog 3 6', 'fog 1 6'])
    const clean = imagesOf((await run(plain)).batches)
    for (const [id, { pixels: found }] of imagesOf(batches)) expect(found).toBe(clean.get(id)?.pixels)
  })

  test('arrays of images, alone or with labels in an .npz', async () => {
    const entries = {
      'images.npy': npy('|u1', [6, 8, 8, 3], pixels(2, 6)),
      'labels.npy': npy('<i8', [6], [0, 1, 2, 0, 1, 9]),
    }
    writeFileSync(join(folder, 'a.npz'), zipSync(entries, { level: 0 }))
    writeFileSync(join(folder, 'packed.npz'), zipSync(entries, { level: 6 }))
    writeFileSync(join(folder, 'alone.npy'), entries['images.npy'])
    const labelled = imagesOf((await run(join(folder, 'a.npz'))).batches)
    expect(labelled.get('5')).toEqual({
      label: 9,
      pixels: Buffer.from(pixels(2, 6).subarray(5 * 192)).toString('base64'),
    })
    expect(
      [...imagesOf((await run(join(folder, 'alone.npy'))).batches).values()].every(({ label }) => label === -1),
    ).toBe(true)
    await expect(openPath(input(join(folder, 'packed.npz')))).rejects.toThrow(/not savez_compressed/)
  })
})

describe('folders', () => {
  test('parts are recognised, the one not trained on is taken, and another may be chosen', async () => {
    const root = join(folder, 'parts')
    for (const part of ['train', 'val']) make(root, part, part === 'train' ? 3 : 2)
    const seen = await openPath(input(root))
    expect(seen).toMatchObject({ splits: ['train', 'val'], split: 'val', classNames: [...names] })
    expect(seen.problems[0]).toContain('“val” is taken')
    expect((await openPath(input(root, { split: 'train' }))).samples).toHaveLength(9)
    await expect(openPath(input(root, { split: 'test' }))).rejects.toThrow(/no “test”/)
  })

  test('top-level folders as domains: each has images of its own, in their order, uncorrupted', async () => {
    const root = join(folder, 'drift')
    for (const site of ['b-site', 'a-site']) make(root, site, 2)
    const { domains, batches } = await run(root, { corruptions: ['fog'] }, { domains: 'folders' })
    expect(domains).toEqual(['a-site 6', 'b-site 6'])
    const clean = imagesOf((await run(plain)).batches)
    for (const [id, { pixels }] of imagesOf(batches))
      expect(pixels).toBe(clean.get(id.replace(/^[ab]-site\//, ''))?.pixels)
    await expect(run(root, { schedule: 'gradual' }, { domains: 'folders' })).rejects.toThrow(/domains of their own/)
  })

  test('the files’ times as domains keep the order of the world', async () => {
    const root = join(folder, 'times')
    make(root, '', 2)
    const all = names.flatMap((name) => files(name, 2).map((file) => join(root, name, file)))
    for (const [i, file] of all.entries())
      utimesSync(file, 0, Date.UTC(2026, 0, 1 + Math.floor((all.length - 1 - i) / 3), i) / 1000)
    const { domains, batches } = await run(root, { batchSize: 3 }, { domains: 'day' })
    expect(domains).toEqual(['2026-01-01 3', '2026-01-02 3'])
    expect(batches[0]?.ids).toEqual(all.slice(3).map((file) => file.slice(root.length + 1)))
  })

  test('classes may be left out or matched by hand', async () => {
    const batches = (await run(plain, {}, { labels: { Forest: null, River: 0 } })).batches
    expect([...imagesOf(batches).values()].map(({ label }) => label).sort((a, b) => Number(a) - Number(b))).toEqual([
      0, 0, 0, 0, 9, 9, 9, 9,
    ])
  })
})

test('animated pictures give their first frame, and odd files among good ones are left out and named', async () => {
  const root = join(folder, 'odd')
  make(root, '', 2)
  writeFileSync(join(root, 'River', 'empty.png'), '')
  writeFileSync(join(root, 'River', 'text.jpg'), 'hello')
  writeFileSync(
    join(root, 'River', 'half.jpg'),
    readFileSync(join(root, 'River', String(files('River', 1)[0]))).subarray(0, 300),
  )
  const { skipped, batches } = await run(root)
  expect(skipped).toBe(3)
  expect(imagesOf(batches).size).toBe(6)
  // Two frames of 2 x 1 pixels, the first red and blue, the second black.
  const gif = Buffer.from(
    'R0lGODlhAgABAPEAAP8AAAAA/wAAAAAAACH/C05FVFNDQVBFMi4wAwEAAAAh+QQACgAAACwAAAAAAgABAAACAkQKACH5BAAKAAAALAAAAAACAAEAAAIClFIAOw==',
    'base64',
  )
  const image = await decodeImage(gif, 'a.gif')
  expect([image.width, image.height, ...image.data]).toEqual([2, 1, 255, 0, 0, 0, 0, 255])
})
