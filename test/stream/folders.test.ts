// Trees of folders as people have them: which folders are classes, which are parts, and which are only around it all.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inspectInput } from '#stream/inputs/inspect.ts'
import { partName } from '#stream/inputs/layouts/splits.ts'
import { look, plant } from '#test/helpers/file-tree.ts'

let folder: string
let made = 0
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'palm-folders-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tree = (...paths: string[]) => plant(join(folder, String(made++)), paths)
const both = (prefix: string, ...names: string[]) =>
  names.flatMap((name) => [`${prefix}${name}/1.png`, `${prefix}${name}/2.png`])

describe('class folders', () => {
  test('one without images counts, and is named', async () => {
    const root = tree(...both('', 'a', 'c'), 'b/', 'd/x.heic', 'e/deeper/')
    const seen = await look(root)
    expect([seen.classNames, seen.emptyClasses]).toEqual([
      ['a', 'b', 'c', 'd', 'e'],
      ['b', 'd', 'e'],
    ])
    expect(seen.samples.map(({ classIndex }) => classIndex)).toEqual([0, 0, 2, 2])
    const input = { kind: 'folder' as const, path: root, split: null, domains: 'none' as const, labels: {} }
    const info = await inspectInput(input, { sampleFolder: '' }, { classes: 5, classNames: null }, [])
    expect(info.classes.map(({ index, how }) => [index, how])).toEqual([0, 1, 2, 3, 4].map((i) => [i, 'order']))
    expect(info.problems.join(' ')).toMatch(/1 \.heic.*No images in b, d, e\..*sorted order/)
    const fewer = await inspectInput(input, { sampleFolder: '' }, { classes: 4, classNames: null }, [])
    expect(fewer.problems.join(' ')).toMatch(/2 classes are not among.*5 classes, but the model knows only 4/)
  })

  test('archives say of their empty folders too', async () => {
    const bytes = new Uint8Array(1)
    const zip = join(folder, 'empty.zip')
    writeFileSync(zip, zipSync({ 'x/a/1.png': bytes, 'x/b/': new Uint8Array(0), 'x/c/1.png': bytes }))
    const tar = join(folder, 'empty.tar')
    execFileSync('tar', ['cf', tar, '-C', tree('a/1.png', 'b/', 'c/1.png'), '.'])
    for (const path of [zip, tar])
      expect(await look(path)).toMatchObject({ classNames: ['a', 'b', 'c'], emptyClasses: ['b'] })
  })

  test('what systems leave behind is none', async () => {
    const root = tree(
      ...both('', 'a', 'b'),
      '__MACOSX/a/1.png',
      '.DS_Store',
      '.ipynb_checkpoints/1.png',
      '@eaDir/1.png',
    )
    expect((await look(root)).classNames).toEqual(['a', 'b'])
  })

  test('pictures in one folder stay without labels beside others that have none', async () => {
    expect(await look(tree('1.png', '2.png', 'docs/readme.txt'))).toMatchObject({ kind: 'flat-folder', classNames: [] })
  })
})

describe('parts', () => {
  test('are known by their usual and their compound names', () => {
    const parts = 'train Test validation training_set seg_test Validation_Set train2017 TestSet testdata images-val'
    expect(parts.split(' ').map((name) => partName(name)?.role)).toEqual(
      'train test val train test val train test test val'.split(' '),
    )
    for (const name of ['cat', 'constrain', 'latest', 'train_test', 'devil']) expect(partName(name), name).toBeNull()
    expect(partName('test_tube')?.rest).toBe('tube')
  })

  test.each([
    ['training_set', 'test_set'],
    ['seg_train', 'seg_test'],
    ['Training', 'Validation_Set'],
    ['train2017', 'val2017'],
    ['train', 'test'],
  ])('%s and %s', async (train, test) => {
    const root = tree(...both(`${train}/`, 'cat', 'dog'), ...both(`${test}/`, 'cat', 'dog'), 'README.md', 'matrix.png')
    expect(await look(root)).toMatchObject({ splits: [test, train].sort(), split: test, classNames: ['cat', 'dog'] })
    expect((await look(root, { split: train })).split).toBe(train)
    expect((await look(root, { split: 'train' })).split).toBe(train)
    await expect(look(root, { split: 'other' })).rejects.toThrow(/no “other”/)
  })

  test('folders around them and in them are no classes', async () => {
    const root = tree(
      ...both('archive/seg_train/seg_train/', 'ice', 'sea', 'street'),
      ...both('archive/seg_test/seg_test/', 'ice', 'street'),
      'archive/seg_pred/seg_pred/1.png',
    )
    const seen = await look(root)
    // The classes are those of all parts: they are counted off as the model's were.
    expect(seen).toMatchObject({ split: 'seg_test', classNames: ['ice', 'sea', 'street'], emptyClasses: ['sea'] })
    expect(seen.samples[0]?.id).toBe('archive/seg_test/seg_test/ice/1.png')
    expect(seen.problems.join(' ')).toMatch(/archive\/seg_test\/seg_test\/ is read.*seg_pred: left out/)
    expect(await look(tree(...both('images/train/', 'a', 'b'), ...both('images/val/', 'a', 'b')))).toMatchObject({
      split: 'val',
      classNames: ['a', 'b'],
    })
  })

  test('classes that are called like one stay classes', async () => {
    expect(await look(tree(...both('', 'bus', 'car', 'train')))).toMatchObject({
      splits: [],
      classNames: ['bus', 'car', 'train'],
    })
    expect(await look(tree(...both('', 'test_tube', 'train_station')))).toMatchObject({ splits: [] })
  })

  test('one without class folders is said to have none', async () => {
    const seen = await look(tree(...both('train/', 'a', 'b'), 'test/1.png', 'test/2.png'))
    expect(seen.problems.join(' ')).toMatch(/“test” has no class folders; train has/)
  })
})

describe('folders around everything', () => {
  test('are descended into, however many', async () => {
    expect(await look(tree(...both('ds/ds/', 'a', 'b'), 'ds/logo.png'))).toMatchObject({ classNames: ['a', 'b'] })
    expect(await look(tree(...both('images/', 'a', 'b'), 'annotations/1.xml'))).toMatchObject({
      classNames: ['a', 'b'],
    })
  })

  test('advice never points the wrong way', async () => {
    await expect(look(tree('a/1.png', 'a/2.png'))).rejects.toThrow(/one class only.*side by side/)
    await expect(look(tree(...both('cat/', 'old', 'young'), 'dog/'))).rejects.toThrow(
      /only cat has images.*dog beside it has none.*give cat itself/,
    )
  })
})
