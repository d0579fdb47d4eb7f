// Files as strangers publish them (../shared/cases): every image gets the class that the reference's network says, by which its twin in `base` is named.
import { existsSync, readdirSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { emptyOf, matchClasses } from '#stream/inputs/labels.ts'
import { look } from '#test/helpers/file-tree.ts'
import { sharedPath } from '#test/helpers/shared.ts'

const cases = sharedPath('cases')
const stem = (path: string) => basename(path, extname(path))

/** Class of each image by its name. */
function reference(root: string): Map<string, number> {
  const classes = readdirSync(join(root, 'base', 'folder'))
  return new Map(
    classes.flatMap((name) =>
      readdirSync(join(root, 'base', 'folder', name)).map((file) => [stem(file), Number(name)] as const),
    ),
  )
}

async function classesOf(path: string): Promise<Map<string, number | undefined>> {
  const listing = await look(path)
  const context = { modelClasses: 10, modelNames: null, chosen: {}, imageNet: [], ...emptyOf(listing) }
  const matched = matchClasses(listing.classNames, context, path)
  return new Map(
    listing.samples.map(({ classIndex }, i) => {
      const place = listing.placeOf(i, listing.variants?.[0] ?? null)
      if (place.kind === 'file') expect(existsSync(place.path), place.path).toBe(true)
      return [place.kind === 'file' ? stem(place.path) : '', matched[classIndex]]
    }),
  )
}

describe.skipIf(cases === null)('published files', () => {
  test.each([
    'base/folder',
    'csvs/csv-image_name.csv',
    'csvs/semicolon.csv',
    'csvs/backslash.csv',
    'csvs/pandas-index.csv',
    'one-based/list.csv',
    'double',
    'double/ds',
    'empty-class/data',
    'only-heic/data',
    'ppm/data',
    'inc',
  ])('%s', async (name) => {
    const wanted = reference(cases ?? '')
    const found = await classesOf(join(cases ?? '', name))
    expect(found.size).toBe(name === 'inc' ? 20 : wanted.size)
    for (const [image, index] of found) expect(index, image).toBe(wanted.get(image))
  })

  test('parts beside a loose file', async () => {
    const root = join(cases ?? '', 'stray-image', 'data')
    expect(await look(root)).toMatchObject({ split: 'test', classNames: ['cat', 'dog'] })
    expect((await look(root)).samples).toHaveLength(30)
  })

  test('CIFAR-C arrays of one severity, and labels of one severity', async () => {
    const one = await look(join(cases ?? '', 'cifar-c-one-severity'))
    expect([one.samples.length, one.forVariants === undefined]).toEqual([60, false])
    const five = await look(join(cases ?? '', 'cifar-c-short-labels'))
    expect([five.samples.length, five.forVariants === undefined]).toEqual([60, true])
  })
})
