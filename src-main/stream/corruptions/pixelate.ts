// Pixelate: scaled down and up again with a box filter, in Pillow's fixed-point arithmetic. Setting: the smaller side's share.
import type { RgbImage } from '#stream/images/rgb-image.ts'
import { settingOf, type Corruption, type Settings } from './corruption.ts'

const settings: Settings<number> = {
  cifar: [0.95, 0.9, 0.85, 0.75, 0.65],
  tiny: [0.9, 0.8, 0.7, 0.6, 0.5],
  imagenet: [0.6, 0.5, 0.4, 0.3, 0.25],
}

export const pixelate: Corruption = (image, severity, family) => {
  const share = settingOf(settings, family, severity)
  const small = boxResize(
    image,
    Math.max(1, Math.trunc(image.width * share)),
    Math.max(1, Math.trunc(image.height * share)),
  )
  return boxResize(small, image.width, image.height)
}

const precision = 2 ** 22

function boxResize(image: RgbImage, width: number, height: number): RgbImage {
  const wide = resizeAxis(image.data, image.height, image.width, 3, width)
  return { width, height, data: resizeAxis(wide, 1, image.height, width * 3, height) }
}

/** The middle axis of [outer, length, inner] to a new length. */
function resizeAxis(data: Uint8Array, outer: number, length: number, inner: number, target: number): Uint8Array {
  if (length === target) return data.slice()
  const out = new Uint8Array(outer * target * inner)
  const scale = length / target
  const support = 0.5 * Math.max(1, scale)
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * scale
    const low = Math.max(0, Math.trunc(centre - support + 0.5))
    const high = Math.min(length, Math.trunc(centre + support + 0.5))
    const inside = (j: number) => {
      const distance = (j - centre + 0.5) / Math.max(1, scale)
      return distance > -0.5 && distance <= 0.5
    }
    let first = low
    while (first < high - 1 && !inside(first)) first += 1
    let last = high - 1
    while (last > first && !inside(last)) last -= 1
    const count = last - first + 1
    const weight = Math.trunc(0.5 + precision / count)
    // Weights sum to about 2^22, so a sum of bytes fits into 31 bits.
    for (let o = 0; o < outer; o++) {
      const from = (o * length + first) * inner
      const to = (o * target + i) * inner
      for (let c = 0; c < inner; c++) {
        if (count === 1) {
          out[to + c] = data[from + c] as number
          continue
        }
        let sum = 0
        for (let j = 0; j < count; j++) sum += data[from + j * inner + c] as number
        const value = (Math.imul(weight, sum) + precision / 2) >> 22
        out[to + c] = value > 255 ? 255 : value
      }
    }
  }
  return out
}
