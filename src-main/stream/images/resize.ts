// Scales the short side to a size and cuts the middle, as torchvision's Resize + CenterCrop do: bilinear (triangle) filter, antialiased
// when shrinking. Works per axis in floating point and rounds between the axes, as Pillow does for 8-bit images.
import { rgbImage, type RgbImage } from './rgb-image.ts'

/** The image as size x size, from a short side of `resize` sizes; the same object when it already is that large. */
export function resizeAndCrop(image: RgbImage, size: number, resize = 1): RgbImage {
  if (image.width === size && image.height === size) return image
  const target = Math.round(size * resize)
  const short = Math.min(image.width, image.height)
  const width = image.width === short ? target : Math.trunc((target * image.width) / short)
  const height = image.height === short ? target : Math.trunc((target * image.height) / short)
  const resized = resizeBilinear(image, Math.max(target, width), Math.max(target, height))
  return crop(resized, Math.round((resized.width - size) / 2), Math.round((resized.height - size) / 2), size, size)
}

export function crop(image: RgbImage, left: number, top: number, width: number, height: number): RgbImage {
  const out = rgbImage(width, height)
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * 3
    out.data.set(image.data.subarray(from, from + width * 3), y * width * 3)
  }
  return out
}

export function resizeBilinear(image: RgbImage, width: number, height: number): RgbImage {
  const wide = resizeAxis(image.data, image.height, image.width, 3, width)
  return rgbImage(width, height, resizeAxis(wide, 1, image.height, width * 3, height))
}

/** The middle axis of [outer, length, inner]. */
function resizeAxis(data: Uint8Array, outer: number, length: number, inner: number, target: number): Uint8Array {
  if (length === target) return data
  const out = new Uint8Array(outer * target * inner)
  const scale = length / target
  const reach = Math.max(1, scale)
  const sums = new Float64Array(inner)
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * scale
    const low = Math.max(0, Math.trunc(centre - reach + 0.5))
    const high = Math.min(length, Math.trunc(centre + reach + 0.5))
    const weights: number[] = []
    let total = 0
    for (let j = low; j < high; j++) {
      const weight = Math.max(0, 1 - Math.abs((j - centre + 0.5) / reach))
      weights.push(weight)
      total += weight
    }
    for (let o = 0; o < outer; o++) {
      sums.fill(0.5)
      for (let j = low; j < high; j++) {
        const weight = (weights[j - low] as number) / total
        const from = (o * length + j) * inner
        for (let c = 0; c < inner; c++) sums[c] = (sums[c] as number) + weight * (data[from + c] as number)
      }
      out.set(sums, (o * target + i) * inner)
    }
  }
  return out
}
