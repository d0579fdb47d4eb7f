// Mutated files for every reader, as `npm run fuzz` makes them (docs/fuzzing.md), so many as fit into a test; and the faults that fuzzing found, by name.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeSafetensors } from '#engine/models/formats/safetensors.ts'
import { readWeightsFile } from '#engine/models/weights-file.ts'
import { describeModel } from '#engine/models/load.ts'
import { decodeState } from '#session/state-blob.ts'
import { decodeImage } from '#stream/images/decode.ts'
import { proposeMatches } from '#stream/inputs/labels.ts'
import { openPath } from '#stream/inputs/layouts/layouts.ts'
import { parseFields } from './protobuf-tree.ts'
import { absurdOnnx } from './readers/absurd-networks.ts'
import { readerNames } from './readers/all.ts'
import { jpeg, png } from './readers/images.ts'
import { onnx, tfjsGraph } from './readers/models.ts'
import { csv, jsonl, tar } from './readers/inputs.ts'
import { layDown, type FuzzFile } from './reader.ts'
import { fuzz } from './supervise.ts'

const perReader = 400
let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'palm-hostile-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe(`of ${perReader} mutated files a reader`, () => {
  for (const name of readerNames) {
    test(`${name}: none crashes, hangs, executes, or takes more than three times its honest memory`, async () => {
      const { failures, files, read, refused } = await fuzz(name, { count: perReader, seed: 7, keep: null })
      expect(failures).toEqual([])
      expect(files).toBe(perReader)
      // A reader that refuses everything, or takes everything, is not put to the test.
      expect(read).toBeGreaterThan(0)
      expect(refused).toBeGreaterThan(0)
    })
  }
})

test('the harness sees a call, a hang, a crash and hunger for what they are', async () => {
  for (const [index, reason] of [
    [0, /executed: child_process/],
    [1, /hung/],
    [2, /died/],
    [3, /MiB are honest/],
    [4, /outside of the call/],
    [5, /TypeError/],
    [6, /Object.prototype/],
  ] as const) {
    const { failures } = await fuzz('harness-canary', { count: 1, from: index, seed: 1, keep: null, secondsPerFile: 2 })
    expect(failures.map((failure) => failure.reason).join(), `canary ${index}`).toMatch(reason)
  }
})

const input = (path: string, domains: 'none' | 'hour' = 'none') => ({
  kind: 'folder' as const,
  path,
  split: null,
  domains,
  labels: {},
})
const named = (files: readonly (FuzzFile & { what: string })[], what: string) =>
  layDown(folder, files.find((file) => file.what === what) as FuzzFile)

describe('found by fuzzing', () => {
  test('a PNG with a palette that is not made of threes is refused: the decoder would end the process', async () => {
    const { honest } = png()
    const palette = honest.find(({ name }) => name === 'palette.png') as FuzzFile
    const bytes = palette.bytes.slice()
    const at = Buffer.from(bytes).indexOf('PLTE')
    const view = new DataView(bytes.buffer)
    view.setUint32(at - 4, view.getUint32(at - 4) - 1)
    await expect(decodeImage(bytes, 'odd.png')).rejects.toMatchObject({
      code: 'input-unreadable',
      message: expect.stringContaining('palette'),
    })
  })

  test('a GIF whose codes lead in circles is refused and not followed', async () => {
    const head = [
      ...Buffer.from('GIF89a'),
      4,
      0,
      4,
      0,
      0x80,
      0,
      0,
      0,
      0,
      0,
      255,
      255,
      255,
      0x2c,
      0,
      0,
      0,
      0,
      4,
      0,
      4,
      0,
      0,
    ]
    for (const least of [0, 2, 8, 9, 11, 12, 31]) {
      const bytes = Uint8Array.of(...head, least, 8, 0xff, 0xfe, 0xdb, 0xb6, 0x6d, 0xff, 0x81, 0xc3, 0, 0x3b)
      await expect(decodeImage(bytes, 'odd.gif')).rejects.toMatchObject({ code: 'input-unreadable' })
    }
  })

  test('a JPEG of a kilobyte that declares a hundred million pixels is cut short, and nothing is made up', async () => {
    const file = jpeg().hostile.find(({ what }) => what === 'a hundred million pixels') as FuzzFile
    await expect(decodeImage(file.bytes, 'huge.jpg')).rejects.toMatchObject({
      code: 'input-unreadable',
      message: expect.stringContaining('cut short'),
    })
  })

  test('labels with gaps of a hundred thousand are matched at once', () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`)
    const start = process.cpuUsage() // not the clock: others share the processors
    expect(proposeMatches(names, { modelClasses: 10, modelNames: null, chosen: {}, imageNet: [] })).toHaveLength(
      100_000,
    )
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(5000)
  })

  test('times that no calendar has do not end the listing', async () => {
    const listing = await openPath(input(named(tar().hostile, 'times beyond the calendar'), 'hour'))
    expect(listing.domains).toEqual(['1970-01-01 00'])
  })

  test('a line or a row without end, and columns without number, are refused before they are kept', async () => {
    for (const [file, message] of [
      ['x.jsonl', /line 1 is absurdly long/],
      ['x.csv', /Max Record Size|columns/],
    ] as const) {
      const reader = file === 'x.csv' ? csv() : jsonl()
      await expect(openPath(input(named(reader.hostile, 'a line without end')))).rejects.toMatchObject({
        code: 'input-unreadable',
        ...(file === 'x.jsonl' ? { message: expect.stringMatching(message) } : {}),
      })
    }
    await expect(openPath(input(named(csv().hostile, 'three million columns')))).rejects.toMatchObject({
      message: expect.stringMatching(/more than 10000 columns/),
    })
    await expect(openPath(input(named(csv().hostile, 'a name with a zero in it')))).rejects.toMatchObject({
      code: 'input-unreadable',
    })
  })

  test('folders that link to each other in every way are not walked in every way', async () => {
    const root = join(folder, 'links')
    for (let i = 0; i < 12; i++) mkdirSync(join(root, String(i)), { recursive: true })
    for (let i = 0; i < 12; i++)
      for (let j = 0; j < 12; j++) if (i !== j) symlinkSync(join(root, String(j)), join(root, String(i), `to${j}`))
    await expect(openPath(input(root))).rejects.toMatchObject({
      code: 'input-unreadable',
      message: expect.stringContaining('links to folders'),
    })
    rmSync(root, { recursive: true })
  })

  test('a state whose scalars are no JSON is damaged, not a fault of ours', () => {
    expect(() => decodeState(writeSafetensors(new Map(), { scalars: '{"step":' }), 'checkpoint 3')).toThrowError(
      expect.objectContaining({ code: 'model-unreadable', message: expect.stringContaining('checkpoint 3') }),
    )
  })

  test('networks that cannot be computed are refused by name before a device is touched', async () => {
    const { honest } = onnx(null)
    const absurd = absurdOnnx(parseFields((honest.find(({ name }) => name === 'every-op-17.onnx') as FuzzFile).bytes))
    const refusedWith = async (what: string) => {
      const file = absurd.find((each) => each.what === what) as FuzzFile
      const reading = readWeightsFile(file.bytes, file.name, () => Promise.reject(new Error('no parts'))).then(
        (contents) => describeModel(contents, { fileName: file.name }),
      )
      return reading.then(
        () => 'taken',
        (thrown: { code: string; message: string }) => `${thrown.code}: ${thrown.message}`,
      )
    }
    const kernel = await refusedWith('kernel larger than the image')
    expect(kernel).toMatch(/model-unsupported: .*nothing is left of an image of 16 x 16/)
    expect(await refusedWith('a linear layer of other features')).toMatch(/takes 7 features where/)
    expect(await refusedWith('a sum of unequal sizes')).toMatch(/together/)
    expect(await refusedWith('an empty kernel')).toMatch(/empty/)
    expect(await refusedWith('no channels')).toMatch(/model-unsupported/)
    expect(await refusedWith('a billion channels')).toMatch(/model-unreadable: .*fewer values/)
    expect(await refusedWith('an input of a billion pixels a side')).toMatch(/more than can be held/)
    for (const { what } of absurd)
      expect(await refusedWith(what), what).toMatch(/^(taken|model-un(readable|supported): )/)
  })

  test('shards of a TensorFlow.js model stay beside it, and each is named once', async () => {
    const { hostile } = await tfjsGraph(null)
    for (const what of [
      'a shard elsewhere',
      'a shard by an absolute path',
      'a shard by a Windows path',
      'a shard that is a folder',
      'one shard nine thousand times',
    ]) {
      const file = hostile.find((each) => each.what === what) as FuzzFile
      await expect(
        readWeightsFile(file.bytes, file.name, () => Promise.reject(new Error(`${what} was read`))),
        what,
      ).rejects.toMatchObject({ name: 'PalmError' })
    }
  })
})
