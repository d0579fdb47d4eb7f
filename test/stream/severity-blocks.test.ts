// How many severities CIFAR-C arrays hold: what labels and pictures tell, and what is asked.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NumpyRandom } from '#stream/images/random.ts'
import { labelBlocks } from '#stream/inputs/severity-blocks.ts'
import { look } from '#test/helpers/file-tree.ts'
import { npy } from '#test/helpers/write-npy.ts'
import type { Severity } from '#contract/inputs/corruption.ts'

let folder: string
let made = 0
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'palm-severities-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const random = new NumpyRandom(7)
const drawn = (count: number, below: number) => Array.from({ length: count }, () => Math.floor(random.random() * below))
const side = 8
const values = side * side * 3

/** Arrays of so many different pictures, each so often with a little noise on it. */
function arrays(
  labels: readonly number[],
  files: Record<string, readonly [pictures: number, times: number]>,
  inner = '',
) {
  const root = join(folder, String(made++))
  mkdirSync(join(root, inner), { recursive: true })
  writeFileSync(join(root, inner, 'labels.npy'), npy('<i8', [labels.length], labels))
  for (const [name, [pictures, times]] of Object.entries(files)) {
    const clean = drawn(pictures * values, 256)
    const noisy = Array.from({ length: times }, () =>
      clean.map((value) => Math.max(0, Math.min(255, value + Math.floor(random.random() * 60)))),
    )
    writeFileSync(join(root, inner, `${name}.npy`), npy('|u1', [pictures * times, side, side, 3], noisy.flat()))
  }
  return root
}

/** Rows that a sample has in each of these severities, of those asked for. */
async function rowsOf(root: string, sample: number, asked: readonly Severity[], corruption = 'fog' as const) {
  const listing = await look(root)
  const variants = asked.map((severity) => ({ corruption, severity }))
  const { placeOf } = listing.forVariants?.(variants) ?? listing
  const rows = variants.map((variant) => {
    const place = placeOf(sample, variant)
    return place.kind === 'pixels' ? Math.floor(place.offset / values) : -1
  })
  return { samples: listing.samples.length, labels: listing.samples.map(({ classIndex }) => classIndex), rows }
}

test('labels allow what they repeat', () => {
  expect(labelBlocks([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3], 15)).toEqual([5, 1])
  expect(labelBlocks([1, 2, 3, 4, 5, 6, 7, 8, 9, 0], 10)).toEqual([1])
  const odd = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
  expect(labelBlocks([odd, odd, odd, odd, odd].flat(), 50)).toEqual([5])
  expect(labelBlocks([odd, odd].flat(), 20)).toEqual([2])
  expect(labelBlocks([1, 2, 3], 15)).toEqual([5])
  expect(labelBlocks([1, 2, 3], 9)).toEqual([3])
  expect(labelBlocks([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3], 3)).toEqual([1])
  expect(labelBlocks([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3], 6)).toEqual([2])
  expect(labelBlocks([1, 2, 3], 18)).toBeNull()
  expect(labelBlocks([1, 2, 3], 2)).toBeNull()
})

describe('five severities', () => {
  test('of labels that repeat, and of labels of one severity', async () => {
    const labels = drawn(20, 10)
    const five = [labels, labels, labels, labels, labels].flat()
    for (const root of [arrays(five, { fog: [20, 5] }), arrays(labels, { fog: [20, 5] }, 'CIFAR-10-C/CIFAR-10-C')])
      expect(await rowsOf(root, 3, [1, 5])).toEqual({ samples: 20, labels, rows: [3, 83] })
    expect((await look(arrays(five, { fog: [20, 5] }))).forVariants).toBeUndefined()
  })

  test('of labels that repeat by themselves the pictures tell', async () => {
    const cyclic = Array.from({ length: 100 }, (_, i) => i % 10)
    expect(await rowsOf(arrays(cyclic, { fog: [20, 5] }), 3, [1, 5])).toMatchObject({ samples: 20, rows: [3, 83] })
    expect(await rowsOf(arrays(cyclic, { fog: [100, 1] }), 83, [4])).toMatchObject({ samples: 100, rows: [83] })
    expect(await rowsOf(arrays(Array(60).fill(2), { fog: [60, 1] }), 50, [5])).toMatchObject({
      samples: 60,
      rows: [50],
    })
  })
})

describe('of fewer than five severities it is asked which they are', () => {
  test('one: all rows with their own labels', async () => {
    const labels = drawn(60, 10)
    const root = arrays(labels, { fog: [60, 1] })
    expect((await look(root)).problems.join()).toMatch(/fog: its labels do not repeat.*choose one/)
    expect(await rowsOf(root, 59, [3])).toEqual({ samples: 60, labels, rows: [59] })
    await expect(rowsOf(root, 0, [1, 2, 3, 4, 5])).rejects.toThrow(
      /one severity of fog.*5 were asked for.*--severity 5/,
    )
  })

  test('three', async () => {
    const labels = drawn(20, 10)
    const root = arrays(labels, { fog: [20, 3] })
    expect(await rowsOf(root, 1, [1, 3, 5])).toEqual({ samples: 20, labels, rows: [1, 21, 41] })
    await expect(rowsOf(root, 1, [5])).rejects.toThrow(/3 severities of fog.*1 was asked for.*--severity 3,4,5/)
  })

  test('arrays with other numbers of them beside each other', async () => {
    const labels = drawn(20, 10)
    const root = arrays([labels, labels, labels, labels, labels].flat(), { fog: [20, 5], snow: [20, 1] })
    expect(await rowsOf(root, 1, [1, 5])).toMatchObject({ rows: [1, 81] })
    const listing = await look(root)
    expect(() => listing.forVariants?.([1, 5].map((s) => ({ corruption: 'snow', severity: s as Severity })))).toThrow(
      /one severity of snow/,
    )
  })
})

test('what does not belong together is refused by its name', async () => {
  await expect(look(arrays(drawn(21, 10), { fog: [20, 5] }))).rejects.toThrow(/fog\.npy has 100 images for 21 labels/)
})
