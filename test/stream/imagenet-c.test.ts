// Trees of corrupted images as they are downloaded and divided: which folders are corruptions, which severities, which classes, and which none of these.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { look, plant } from '#test/helpers/file-tree.ts'

let folder: string
let made = 0
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'palm-imagenet-c-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tree = (...paths: string[]) => plant(join(folder, String(made++)), paths)
const at = (prefix: string, ...classes: string[]) => classes.map((name) => `${prefix}/${name}/1.png`)
const variants = async (root: string) =>
  (await look(root)).variants?.map(({ corruption, severity }) => `${corruption} ${severity}`)

test('corruptions lie below whatever folders there are, their severities as they are written', async () => {
  const root = tree(
    ...at('imagenet-c/noise/gaussian_noise/1', '0', '1'),
    ...at('imagenet-c/weather/fog/3', '0', '1'),
    ...at('imagenet-c/extra/Gaussian Blur/severity_5', '0', '1'),
  )
  expect(await variants(root)).toEqual(['gaussian_blur 5', 'gaussian_noise 1', 'fog 3'])
  const { placeOf, samples } = await look(root)
  expect(samples.map(({ id }) => id)).toEqual(['0/1.png', '1/1.png'])
  expect(placeOf(1, { corruption: 'fog', severity: 3 })).toEqual({
    kind: 'file',
    path: join(root, 'imagenet-c', 'weather', 'fog', '3', '1', '1.png'),
  })
})

test.each(['original/1', 'clean', 'ood/original/5'])('%s beside them is left out, and said', async (stranger) => {
  const root = tree(...at('fog/1', '0', '1'), ...at('fog/2', '0', '1'), ...at(stranger, '0', '1'), 'labels/x.txt')
  const seen = await look(root)
  expect([seen.kind, seen.classNames, seen.variants?.length]).toEqual(['imagenet-c', ['0', '1'], 2])
  expect(seen.problems.join()).toContain(`${stranger.split('/')[0]}: of no corruption of the benchmark, left out`)
})

test('a class without images in any of them counts', async () => {
  const root = tree(...at('fog/1', 'a', 'c'), ...at('fog/2', 'a', 'c'), 'fog/1/b/')
  expect(await look(root)).toMatchObject({ classNames: ['a', 'b', 'c'], emptyClasses: ['b'] })
})

test('the same corruption in two places is refused, and classes that are called like one are classes', async () => {
  await expect(look(tree(...at('64/fog/1', 'a', 'b'), ...at('128/fog/1', 'a', 'b')))).rejects.toThrow(
    /fog 1 twice, in 128\/fog\/1\/ and in 64\/fog\/1\//,
  )
  expect(await look(tree('fog/1.png', 'rain/1.png', 'snow/1.png'))).toMatchObject({
    kind: 'class-folders',
    classNames: ['fog', 'rain', 'snow'],
  })
  expect((await look(tree('fog/1/1.png', 'fog/2/1.png', 'rain/1/1.png'))).kind).toBe('class-folders')
})
