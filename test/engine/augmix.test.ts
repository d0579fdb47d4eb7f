// AugMix's operations against Pillow (test/golden/augmix.py), and what a view must be.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { augMix, autoContrast, equalize, posterize, solarize, transform, type Bytes } from '#engine/augment/augmix.ts'
import { strongViews, weakViews } from '#engine/augment/contrastive-views.ts'
import { ViewRandom } from '#engine/augment/random.ts'
import { NumpyRandom } from '#stream/images/random.ts'

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/augmix.json'), 'utf8')) as {
  pillow: string
  side: number
  cases: Record<string, string>
}
const { side } = golden
const image: Bytes = {
  data: Uint8Array.from(new NumpyRandom(crc32('augmix')).uniforms(side * side * 3, 30, 220)),
  height: side,
  width: side,
}

const ours: Record<string, () => Bytes> = {
  autocontrast: () => autoContrast(image),
  equalize: () => equalize(image),
  'posterize 3': () => posterize(image, 3),
  'solarize 100': () => solarize(image, 100),
  'shear x': () => transform(image, [1, 0.3, 0, 0, 1, 0]),
  'shear y': () => transform(image, [1, 0, 0, -0.25, 1, 0]),
  'translate x': () => transform(image, [1, 0, 5, 0, 1, 0]),
  'translate y': () => transform(image, [1, 0, 0, 0, 1, -7]),
}

for (const [name, expected] of Object.entries(golden.cases)) {
  test(`${name} is Pillow ${golden.pillow}’s, byte for byte`, () => {
    expect(Buffer.from(ours[name]?.().data ?? []).toString('base64')).toBe(expected)
  })
}

test('a view is of the image, seeded, and within its range', () => {
  const view = augMix(image, new ViewRandom(4))
  expect(view).toEqual(augMix(image, new ViewRandom(4)))
  expect(view).not.toEqual(augMix(image, new ViewRandom(5)))
  expect(view.every((value) => value >= 0 && value <= 255)).toBe(true)
  const flat: Bytes = { data: new Uint8Array(side * side * 3).fill(90), height: side, width: side }
  const centre = augMix(flat, new ViewRandom(1))[(Math.floor(side / 2) * side + Math.floor(side / 2)) * 3] as number
  expect(Math.abs(centre - 90)).toBeLessThan(30) // the weakest posterize and solarize, mixed
})

test('contrastive views draw for each image by itself, in [0, 1]; the weak one only moves pixels', () => {
  const two = Float32Array.from([...image.data, ...image.data])
  for (const views of [weakViews, strongViews]) {
    const made = views(two, side, side, new ViewRandom(3))
    expect(made.every((value) => value >= 0 && value <= 1)).toBe(true)
    expect(made.slice(0, image.data.length)).not.toEqual(made.slice(image.data.length))
  }
  const weak = weakViews(Float32Array.from(image.data), side, side, new ViewRandom(3))
  const values = new Set(Array.from(image.data, (value) => Math.fround(value / 255)))
  expect(weak.every((value) => values.has(value))).toBe(true)
})
