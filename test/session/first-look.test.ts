// The look at images and model before a run, over the real engine and files: what it says of a right pair, and that of everything that makes a model guess
// the cause comes first, because it was tried on the same images.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  helps,
  isDoubtful,
  isGuessing,
  lookRequestSchema,
  type LookRequestInput,
  type ShownLook,
} from '#contract/runs/first-look.ts'
import type { InputOptionsInput } from '#contract/inputs/input-kinds.ts'
import type { ModelOptionsInput } from '#contract/runs/run-options.ts'
import { readSafetensors, writeSafetensors } from '#engine/models/formats/safetensors.ts'
import { plainStateDict } from '#engine/models/state-dict.ts'
import type { WeightsFile } from '#engine/models/weights-file.ts'
import { describeModel } from '#engine/models/load.ts'
import { normalizationOrigin } from '#engine/models/normalization-origin.ts'
import type { ModelNormalization } from '#engine/models/model.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { lookAt } from '#session/tasks/run-look.ts'
import { decodeImage } from '#stream/images/decode.ts'
import { sharedPath } from '#test/helpers/shared.ts'
import { npy } from '#test/helpers/write-npy.ts'

const resources = fileURLToPath(new URL('../../resources', import.meta.url))
const sampleModel = join(resources, 'models', 'eurosat-resnet20.safetensors')
const classes = readdirSync(join(resources, 'sample', 'images')).sort()
let folder: string
let photos: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'palm-look-'))
  photos = join(folder, 'photos')
  for (const name of classes) {
    mkdirSync(join(photos, name), { recursive: true })
    for (const tile of readdirSync(join(resources, 'sample', 'images', name))
      .sort()
      .slice(0, 4))
      copyFileSync(join(resources, 'sample', 'images', name, tile), join(photos, name, tile))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const lookOf = (
  input: Partial<InputOptionsInput> = {},
  model: Partial<ModelOptionsInput> = {},
  asked: LookRequestInput['asked'] = [],
): Promise<ShownLook> => {
  const { by: _, ...request } = lookRequestSchema.parse({
    by: 'test',
    input: { kind: 'folder', path: photos, ...input },
    model: { kind: 'file', path: sampleModel, ...model },
    asked,
  })
  return lookAt({ by: 'test', ...request }, resources, async () => loadDevice())
}
const kinds = ({ look }: ShownLook) => look.remedies.map(({ kind }) => kind)

describe('a right pair', () => {
  test('is looked at once by a process, until a picture or the normalisation is another one', async () => {
    const { look } = await lookOf()
    expect((await lookOf()).look).toBe(look)
    const other = await lookOf({}, { normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } })
    expect(other.look.normalization.mean).toEqual([0.5, 0.5, 0.5])
    const [from = '', to = ''] = classes.map((name) =>
      join(photos, name, readdirSync(join(photos, name)).sort()[0] ?? ''),
    )
    const before = readFileSync(to)
    copyFileSync(from, to)
    try {
      expect((await lookOf()).look).not.toBe(look)
    } finally {
      writeFileSync(to, before)
    }
    expect((await lookOf()).look).toBe(look)
  })

  test('classes, counts, normalisation, and eight answers with their pictures', async () => {
    const { look, pictures } = await lookOf()
    expect(look).toMatchObject({
      input: 'photos',
      images: 40,
      labelled: 40,
      matched: [{ how: 'name', classes: 10 }],
      leftOut: 0,
      perClass: { least: 4, most: 4 },
      modelClasses: 10,
      normalization: { from: 'file' },
      seen: { corruption: null, severity: null },
      different: { labels: 10 },
      remedies: [],
    })
    expect(look.check?.labelled).toBe(40)
    expect(look.check?.correct).toBeGreaterThan(32)
    expect(isGuessing(look)).toBe(false)
    expect(look.answers).toHaveLength(8)
    expect(new Set(look.answers.map(({ labelName }) => labelName)).size).toBeGreaterThan(6)
    for (const { id, label, labelName, answer, answerName, confidence } of look.answers) {
      expect(id.split('/')[0]).toBe(labelName)
      expect([classes[label as number], classes[answer]]).toEqual([labelName, answerName])
      expect(confidence).toBeGreaterThan(0.1)
    }
    // The picture is the image that was answered: decoded here once more.
    const first = await decodeImage(readFileSync(join(photos, look.answers[0]?.id ?? '')), 'x')
    expect(pictures).toHaveLength(8)
    expect(pictures[0]).toMatchObject({ width: first.width, height: first.height })
    expect(Buffer.from(pictures[0]?.pixels ?? '', 'base64').equals(Buffer.from(first.data))).toBe(true)
  })

  test('what is left out is said and not counted; without labels the answers alone are shown', async () => {
    const { look } = await lookOf({ labels: { Forest: null } })
    expect(look).toMatchObject({
      images: 36,
      leftOut: 1,
      matched: [{ how: 'name', classes: 9 }],
    })
    const flat = join(folder, 'flat')
    mkdirSync(flat)
    for (const [i, name] of classes.entries())
      copyFileSync(join(photos, name, readdirSync(join(photos, name))[0] as string), join(flat, `${i}.jpg`))
    const unlabelled = (await lookOf({ path: flat })).look
    expect(unlabelled).toMatchObject({ images: 10, labelled: 0, perClass: null, check: null, remedies: [] })
    expect(unlabelled.answers.map(({ label }) => label)).toEqual(Array.from({ length: 8 }, () => null))
    expect(isGuessing(unlabelled)).toBe(false)
  })
})

const base = sharedPath('cases/base')
test.skipIf(!base)('images that were labelled by the network’s own answers are all right', async () => {
  const { look } = await lookOf({ path: join(base ?? '', 'folder') }, { path: join(base ?? '', 'r8.pth') })
  expect(look).toMatchObject({
    check: { labelled: 60, correct: 60 },
    normalization: { from: 'family' },
    matched: [{ how: 'number', classes: 9 }],
    perClass: { least: 1, most: 21 },
    remedies: [],
  })
})

describe('a model that guesses', () => {
  test('because of its normalisation: its own comes first, and how much is right with it', async () => {
    const right = (await lookOf()).look
    const wrong = await lookOf({}, { normalization: { mean: [3, 3, 3], std: [0.05, 0.05, 0.05] } })
    expect(wrong.look.normalization.from).toBe('given')
    expect(isGuessing(wrong.look)).toBe(true)
    const [first] = wrong.look.remedies
    expect(first).toMatchObject({
      kind: 'normalization',
      normalization: right.normalization && { mean: right.normalization.mean },
    })
    // The same images under the same numbers, but for rounding.
    expect(Math.abs((first?.tried?.correct ?? 0) - (right.check?.correct ?? 0))).toBeLessThanOrEqual(1)
    expect(first && helps(first, wrong.look)).toBe(true)
    expect(wrong.look.remedies.filter((one) => helps(one, wrong.look))).toHaveLength(1)
    expect(kinds(wrong).toSorted()).toEqual(['channels', 'labels', 'model', 'normalization', 'size'])
  })

  test('because numbers are off by one, or the classes in another order', async () => {
    const to = (indexOf: (i: number) => number) =>
      lookOf({ labels: Object.fromEntries(classes.map((name, i) => [name, indexOf(i)])) })
    const shifted = await to((i) => (i + 1) % 10)
    expect(shifted.look.remedies[0]).toMatchObject({ kind: 'labels', shift: -1 })
    expect(shifted.look.remedies[0]?.tried?.correct).toBeGreaterThan(28)
    const turned = await to((i) => 9 - i)
    expect(turned.look.remedies[0]).toMatchObject({ kind: 'labels', shift: null })
    expect(turned.look.remedies[0]?.tried?.correct).toBeGreaterThan(30)
  })

  test('because it wants BGR', async () => {
    const { tensors, metadata } = readSafetensors(readFileSync(sampleModel), 'x')
    const stem = tensors.get('conv1.weight')
    if (!stem) throw new Error('no stem')
    const [, , height = 0, width = 0] = stem.shape
    const plane = height * width
    const turned = new Float32Array(stem.data.length)
    for (let i = 0; i < turned.length; i++) {
      const channel = Math.floor(i / plane) % 3
      turned[i + (2 - 2 * channel) * plane] = stem.data[i] as number
    }
    const reversed = (key: string) => JSON.stringify((JSON.parse(metadata[key] ?? '[]') as number[]).toReversed())
    const path = join(folder, 'bgr.safetensors')
    writeFileSync(
      path,
      writeSafetensors(new Map([...tensors, ['conv1.weight', { shape: stem.shape, data: turned }]]), {
        ...metadata,
        mean: reversed('mean'),
        std: reversed('std'),
      }),
    )
    const { look } = await lookOf({}, { path })
    // Better than guessing, and yet wrong: what helps is said all the same.
    expect(isGuessing(look)).toBe(false)
    expect(isDoubtful(look)).toBe(true)
    expect(look.check?.correct).toBeLessThan(20)
    expect(look.remedies.map(({ kind }) => kind)).toEqual(['channels'])
    expect(look.remedies[0]?.tried?.correct).toBeGreaterThan(32)
  })

  test('on images that came corrupted the mildest corruption is looked at', async () => {
    const arrays = join(folder, 'arrays')
    mkdirSync(arrays)
    const images = await Promise.all(
      classes.slice(0, 4).map(async (name) => {
        const [tile = ''] = readdirSync(join(photos, name))
        return decodeImage(readFileSync(join(photos, name, tile)), tile)
      }),
    )
    const pixels = Array.from({ length: 5 }, () => images.flatMap(({ data }) => [...data])).flat()
    const side = images[0]?.width ?? 0
    for (const corruption of ['gaussian_noise', 'brightness'])
      writeFileSync(join(arrays, `${corruption}.npy`), npy('|u1', [20, side, side, 3], pixels))
    writeFileSync(
      join(arrays, 'labels.npy'),
      npy(
        '<i8',
        [20],
        Array.from({ length: 20 }, (_, i) => i % 4),
      ),
    )
    const { look } = await lookOf({ path: arrays, labels: { 0: 0, 1: 1, 2: 2, 3: 3 } })
    expect(look.seen).toEqual({ corruption: 'brightness', severity: 1 })
    // Of what will be scored, where that is said.
    const { look: asked } = await lookOf({ path: arrays, labels: { 0: 0, 1: 1, 2: 2, 3: 3 } }, {}, [
      { corruption: 'gaussian_noise', severity: 5 },
      { corruption: 'brightness', severity: 4 },
    ])
    expect(asked.seen).toEqual({ corruption: 'brightness', severity: 4 })
    expect(look.answers.map(({ label }) => label)).toEqual([0, 1, 2, 3])
  })
})

test('where a normalisation comes from: the file, a guess by the family, or a choice that is neither', () => {
  const { tensors, metadata } = readSafetensors(readFileSync(sampleModel), 'x')
  const fileWith = (said: Readonly<Record<string, string>>): WeightsFile => ({
    kind: 'state-dict',
    format: 'safetensors',
    foreign: new Map(),
    ...plainStateDict(tensors, said, 'x'),
  })
  const { mean: _mean, std: _std, ...silent } = metadata
  const originOf = (said: Readonly<Record<string, string>>, normalization: ModelNormalization | null = null) => {
    const file = fileWith(said)
    const options = { fileName: 'x', normalization }
    const { from, own } = normalizationOrigin(file, options, describeModel(file, options))
    return [from, own]
  }
  const normalizationOf = (said: Readonly<Record<string, string>>) =>
    describeModel(fileWith(said), { fileName: 'x' }).normalization
  const own = normalizationOf(metadata)
  const guess = normalizationOf(silent)
  const other: ModelNormalization = { mean: [1, 1, 1], std: [2, 2, 2] }
  expect(originOf(metadata)).toEqual(['file', null])
  expect(originOf(silent)).toEqual(['family', null])
  // A library keeps every model's: given once more it is no choice.
  expect(originOf(metadata, own)).toEqual(['file', null])
  expect(originOf(silent, guess)).toEqual(['family', null])
  expect(originOf(metadata, other)).toEqual(['given', own])
  expect(originOf(silent, other)).toEqual(['given', guess])
})
