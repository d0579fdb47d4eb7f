// Our corruptions against outputs of the benchmark's original code, with the same seeds.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  corruptionNames,
  type CorruptionFamily,
  type CorruptionName,
  type Severity,
} from '#contract/inputs/corruption.ts'
import { corrupt } from '#stream/corruptions/registry.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { readNpy } from '#test/helpers/npy.ts'
import { sharedPath } from '#test/helpers/shared.ts'

const folder = sharedPath('corruptions')
const severities: Record<CorruptionFamily, readonly Severity[]> = {
  cifar: [1, 2, 3, 4, 5],
  tiny: [1, 2, 3, 4, 5],
  imagenet: [1, 3, 5],
}

/** Largest difference in grey levels, and largest mean difference. */
function limits(name: CorruptionName): { max: number; mean: number } {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- all others agree exactly
  switch (name) {
    case 'defocus_blur': // OpenCV filters float32 kernels, partly by FFT
    case 'glass_blur': // a blurred value within rounding of a whole number is cut to one side or the other
    case 'fog':
    case 'gaussian_blur':
      return { max: 1, mean: 0.06 }
    case 'motion_blur': // ImageMagick works in 16 bits
      return { max: 1, mean: 0.06 }
    case 'snow':
      return { max: 1, mean: 0.01 }
    case 'elastic_transform': // OpenCV's warp interpolates in fixed point
      return { max: 3, mean: 0.11 }
    case 'spatter': // OpenCV's Canny and chamfer distance use fixed point: an edge pixel may differ and with it the shade of a drop
      return { max: 90, mean: 0.6 }
    default:
      return { max: 0, mean: 0 }
  }
}

/** These draw from something that we do not have: another generator, or photographs that are not ours. Held by statistics. */
const byStatistics: readonly CorruptionName[] = ['impulse_noise', 'frost']

const moments = (data: Uint8Array) => {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length
  return { mean, std: Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length) }
}

describe.skipIf(!folder)('corruptions agree with the benchmark’s own code', () => {
  for (const family of ['cifar', 'tiny', 'imagenet'] as const) {
    for (const [order, name] of corruptionNames.entries()) {
      test(`${family}: ${name}`, () => {
        const clean = readNpy(join(folder as string, family, 'clean.npy'))
        const expected = readNpy(join(folder as string, family, `${name}.npy`))
        const [, images = 0, height = 0, width = 0] = expected.shape
        const size = height * width * 3
        for (const [s, severity] of severities[family].entries()) {
          const ours = new Uint8Array(images * size)
          for (let i = 0; i < images; i++) {
            const image = { width, height, data: clean.data.slice(i * size, (i + 1) * size) }
            const before = image.data.slice()
            ours.set(
              corrupt(image, name, severity, family, new NumpyRandom(10_000 * order + 100 * severity + i)).data,
              i * size,
            )
            expect(image.data).toEqual(before)
          }
          const theirs = expected.data.subarray(s * images * size, (s + 1) * images * size)
          if (byStatistics.includes(name)) {
            const a = moments(ours)
            const b = moments(theirs)
            // One crop of one of five textures (frost) or one draw (impulse): the means of single images vary by this much.
            const slack = name === 'frost' ? 45 : 3
            expect(Math.abs(a.mean - b.mean)).toBeLessThan(slack)
            expect(a.std / b.std).toBeGreaterThan(name === 'frost' ? 0.5 : 0.95)
            expect(a.std / b.std).toBeLessThan(name === 'frost' ? 2 : 1.05)
            continue
          }
          let max = 0
          let sum = 0
          for (let i = 0; i < ours.length; i++) {
            const difference = Math.abs((ours[i] as number) - (theirs[i] as number))
            max = Math.max(max, difference)
            sum += difference
          }
          expect({ severity, max, mean: sum / ours.length }).toSatisfy(
            ({ max, mean }: { max: number; mean: number }) => max <= limits(name).max && mean <= limits(name).mean,
          )
        }
      })
    }
  }
})

describe('every corruption', () => {
  for (const name of corruptionNames) {
    test(`${name} takes any image size and repeats itself for the same seed`, () => {
      for (const [width, height] of [
        [1, 1],
        [7, 5],
        [33, 64],
      ] as const) {
        const image = { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256) }
        for (const family of ['cifar', 'tiny', 'imagenet'] as const) {
          const a = corrupt(image, name, 5, family, new NumpyRandom(3))
          const b = corrupt(image, name, 5, family, new NumpyRandom(3))
          expect(a.data).toEqual(b.data)
          expect([a.width, a.height, a.data.length]).toEqual([width, height, image.data.length])
        }
      }
    })
  }
})
