// Pixelate: scaled down and up again with a box filter, in Pillow's fixed-point arithmetic. Setting: the smaller side's share.
import type { RgbImage } from '../images/rgb-image.ts'
import { settingOf, type Corruption, type Settings } from './corruption.ts'

const settings: Settings<number> = {
  cifar: [0.95, 0.9, 0.85, 0.75, 0.65],
  tiny: [0.9, 0.8, 0.7, 0.6, 0.5],
  imagenet: [0.6, 0.5, 0.4, 0.3, 0.25],
}

export const pixelate: Corruption = (image, severity, family) => {
  const share = settingOf(settings, family, severity)
  const small = boxResize(image, Math.max(1, Math.trunc(image.width * share)), Math.max(1, Math.trunc(image.height * share)))
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
  const sums = new Int32Array(inner)
  const scale = length / target
  const support = 0.5 * Math.max(1, scale)
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * scale
    const low = Math.max(0, Math.trunc(centre - support + 0.5))
    const high = Math.min(length, Math.trunc(centre + support + 0.5))
    const inside: number[] = []
    for (let j = low; j < high; j++) {
      const distance = (j - centre + 0.5) / Math.max(1, scale)
      inside.push(distance > -0.5 && distance <= 0.5 ? 1 : 0)
    }
    const count = inside.reduce((sum, weight) => sum + weight, 0)
    const weight = Math.trunc(0.5 + precision / count)
    // Weights sum to about 2^22, so a sum of bytes fits into 31 bits.
    for (let o = 0; o < outer; o++) {
      sums.fill(precision / 2)
      for (let j = low; j < high; j++) {
        if (!inside[j - low]) continue
        const from = (o * length + j) * inner
        for (let c = 0; c < inner; c++) sums[c] = (sums[c] as number) + Math.imul(weight, data[from + c] as number)
      }
      const to = (o * target + i) * inner
      for (let c = 0; c < inner; c++) {
        const value = (sums[c] as number) >> 22
        out[to + c] = value > 255 ? 255 : value
      }
    }
  }
  return out
}
