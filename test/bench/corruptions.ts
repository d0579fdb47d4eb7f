// Images per second and core of each corruption at severity 3, on a photograph-like picture. For timing only.
import { corruptionNames, type CorruptionName } from '#contract/inputs/corruption.ts'
import { corrupt, familyForSize } from '#stream/corruptions/registry.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { rgbImage } from '#stream/images/rgb-image.ts'

export interface CorruptionSpeed {
  readonly name: CorruptionName
  readonly size: number
  readonly imagesPerSecond: number
}

const enoughMs = 300

/** The same smooth picture as python/corruptions.py makes. */
function picture(size: number) {
  const image = rgbImage(size, size)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      for (let c = 0; c < 3; c++)
        image.data[(y * size + x) * 3 + c] = 127.5 + 120 * Math.sin((x * (c + 1)) / 9) * Math.cos(y / (5 + c))
    }
  }
  return image
}

export function benchCorruptions(
  sizes: readonly number[],
  options: { readonly only?: readonly string[] } = {},
): CorruptionSpeed[] {
  const names = corruptionNames.filter((name) => !options.only || options.only.includes(name))
  return sizes.flatMap((size) => {
    const image = picture(size)
    const family = familyForSize(size, size)
    return names.map((name) => {
      const random = new NumpyRandom(1)
      for (let i = 0; i < 3; i++) corrupt(image, name, 3, family, random)
      const start = performance.now()
      let count = 0
      while (performance.now() - start < enoughMs) {
        corrupt(image, name, 3, family, random)
        count += 1
      }
      return { name, size, imagesPerSecond: (1000 * count) / (performance.now() - start) }
    })
  })
}
