// Scales the short side to a size and cuts the middle, as torchvision's Resize + CenterCrop do on Pillow images: bilinear (triangle) filter, antialiased
// when shrinking. Weights in fixed point and rounding between the axes are Pillow's (Resample.c), so that results are equal bit for bit. Only what the
// cut leaves is computed: an odd shape (10,000 x 10) costs no more than its pixels.
import { rgbImage, type RgbImage } from './rgb-image.ts'

/** The image as size x size, from a short side of `resize` sizes. One that is that large already stays as it is, as ImageNet-C's are taken. */
export function resizeAndCrop(image: RgbImage, size: number, resize = 1): RgbImage {
  if (image.width === size && image.height === size) return image
  const target = Math.max(size, Math.round(size * resize))
  const short = Math.min(image.width, image.height)
  const width = image.width === short ? target : Math.trunc((target * image.width) / short)
  const height = image.height === short ? target : Math.trunc((target * image.height) / short)
  const left = roundHalfToEven((width - size) / 2)
  const top = roundHalfToEven((height - size) / 2)
  const columns = weightsOf(image.width, width, left, size)
  const rows = weightsOf(image.height, height, top, size)
  const firstRow = rows.from[0] as number
  const usedRows = (rows.from[size - 1] as number) + (rows.count[size - 1] as number) - firstRow
  const wide = acrossRows(image, columns, firstRow, usedRows)
  return rgbImage(size, size, downColumns(wide, rows, firstRow, size * 3))
}

/** Python's round(), which torchvision cuts by. */
function roundHalfToEven(value: number): number {
  const up = Math.round(value)
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up
}

/** For each of some outputs along an axis: its first input, how many inputs it takes, and their weights, `taps` apart. */
interface Weights {
  readonly from: Int32Array
  readonly count: Int32Array
  readonly weights: Int32Array
  readonly taps: number
}

/** Bits behind the point: 8 bits of pixel and 22 of weight leave two for overshoot in a signed 32-bit sum. */
const precision = 22
const half = 1 << (precision - 1)

/** Outputs `first` to `first + outputs` of an axis that goes from `length` to `target`. */
function weightsOf(length: number, target: number, first: number, outputs: number): Weights {
  const scale = length / target
  const reach = Math.max(1, scale)
  const taps = length === target ? 1 : Math.ceil(reach) * 2 + 1
  const [from, count, weights] = [new Int32Array(outputs), new Int32Array(outputs), new Int32Array(outputs * taps)]
  const real = new Float64Array(taps)
  for (let i = 0; i < outputs; i++) {
    if (length === target) {
      from[i] = first + i
      count[i] = 1
      weights[i] = 1 << precision
      continue
    }
    const centre = (first + i + 0.5) * scale
    const low = Math.max(0, Math.trunc(centre - reach + 0.5))
    const high = Math.min(length, Math.trunc(centre + reach + 0.5))
    let total = 0
    for (let j = low; j < high; j++) {
      const weight = Math.max(0, 1 - Math.abs((j - centre + 0.5) * (1 / reach)))
      real[j - low] = weight
      total += weight
    }
    from[i] = low
    count[i] = high - low
    for (let j = 0; j < high - low; j++)
      weights[i * taps + j] = Math.trunc(0.5 + ((real[j] as number) / total) * (1 << precision))
  }
  return { from, count, weights, taps }
}

/** Scales along the rows `firstRow` and on. @returns rows x columns x 3 */
function acrossRows(
  { data, width }: RgbImage,
  { from, count, weights, taps }: Weights,
  firstRow: number,
  rows: number,
): Uint8Array {
  const columns = from.length
  const out = new Uint8Array(rows * columns * 3)
  let to = 0
  for (let y = 0; y < rows; y++) {
    const row = (firstRow + y) * width
    for (let x = 0; x < columns; x++) {
      let at = (row + (from[x] as number)) * 3
      let [r, g, b] = [half, half, half]
      const end = x * taps + (count[x] as number)
      for (let k = x * taps; k < end; k++) {
        const weight = weights[k] as number
        r = (r + Math.imul(weight, data[at] as number)) | 0
        g = (g + Math.imul(weight, data[at + 1] as number)) | 0
        b = (b + Math.imul(weight, data[at + 2] as number)) | 0
        at += 3
      }
      out[to] = r >> precision
      out[to + 1] = g >> precision
      out[to + 2] = b >> precision
      to += 3
    }
  }
  return out
}

/** Scales down the columns of rows of `length` values, the first of which is row `firstRow` of the picture. */
function downColumns(
  data: Uint8Array,
  { from, count, weights, taps }: Weights,
  firstRow: number,
  length: number,
): Uint8Array {
  const out = new Uint8Array(from.length * length)
  const sums = new Int32Array(length)
  for (let y = 0; y < from.length; y++) {
    sums.fill(half)
    for (let k = 0; k < (count[y] as number); k++) {
      const weight = weights[y * taps + k] as number
      const row = ((from[y] as number) - firstRow + k) * length
      for (let x = 0; x < length; x++) sums[x] = ((sums[x] as number) + Math.imul(weight, data[row + x] as number)) | 0
    }
    for (let x = 0; x < length; x++) out[y * length + x] = (sums[x] as number) >> precision
  }
  return out
}
