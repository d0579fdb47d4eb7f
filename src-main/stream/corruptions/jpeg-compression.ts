// JPEG compression at a low quality. Entropy coding loses nothing, so it is left out: colour conversion, 4:2:0 subsampling, integer DCT,
// quantisation and the way back, in the integer arithmetic of libjpeg (ITU T.81; the "slow integer" DCT of Loeffler, Ligtenberg and
// Moschytz, 1989; "fancy" triangle upsampling). Setting: quality.
import { settingOf, type Corruption, type Settings } from './corruption.ts'
import { forwardDct, inverseDct } from './filters/integer-dct.ts'

const settings: Settings<number> = {
  cifar: [80, 65, 58, 50, 40],
  tiny: [65, 58, 50, 40, 25],
  imagenet: [25, 18, 15, 10, 7],
}

/** The example tables of ITU T.81, annex K, for quality 50. */
const luminance = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
]
const chrominance = [
  17,
  18,
  24,
  47,
  99,
  99,
  99,
  99,
  18,
  21,
  26,
  66,
  99,
  99,
  99,
  99,
  24,
  26,
  56,
  99,
  99,
  99,
  99,
  99,
  47,
  66,
  99,
  99,
  99,
  99,
  99,
  99,
  ...new Array<number>(32).fill(99),
]

function quantizer(base: readonly number[], quality: number): Int32Array {
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality
  return Int32Array.from(base, (value) => Math.min(255, Math.max(1, Math.floor((value * scale + 50) / 100))))
}

interface Plane {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

const fix = (value: number) => Math.floor(value * 65536 + 0.5)
const half = 32768
const toY = [fix(0.299), fix(0.587), fix(0.114)] as const
const toCb = [-fix(0.168735892), -fix(0.331264108), fix(0.5)] as const
const toCr = [fix(0.5), -fix(0.418687589), -fix(0.081312411)] as const
const fromV = { r: fix(1.402), g: fix(0.714136286) } as const
const fromU = { g: fix(0.344136286), b: fix(1.772) } as const
const chromaOffset = 128 * 65536 + half - 1

export const jpegCompression: Corruption = (image, severity, family) => {
  const quality = settingOf(settings, family, severity)
  const { width, height, data } = image
  const paddedWidth = Math.ceil(width / 16) * 16
  const paddedHeight = Math.ceil(height / 16) * 16
  const size = paddedWidth * paddedHeight
  const planes = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)] as const
  for (let y = 0; y < paddedHeight; y++) {
    const row = Math.min(height - 1, y) * width
    for (let x = 0; x < paddedWidth; x++) {
      const i = (row + Math.min(width - 1, x)) * 3
      const r = data[i] as number
      const g = data[i + 1] as number
      const b = data[i + 2] as number
      const at = y * paddedWidth + x
      planes[0][at] = (toY[0] * r + toY[1] * g + toY[2] * b + half) >> 16
      planes[1][at] = (toCb[0] * r + toCb[1] * g + toCb[2] * b + chromaOffset) >> 16
      planes[2][at] = (toCr[0] * r + toCr[1] * g + toCr[2] * b + chromaOffset) >> 16
    }
  }
  const luma = roundTrip({ width: paddedWidth, height: paddedHeight, data: planes[0] }, quantizer(luminance, quality))
  const table = quantizer(chrominance, quality)
  const chroma = [planes[1], planes[2]].map((plane) => {
    const small = roundTrip(downsample({ width: paddedWidth, height: paddedHeight, data: plane }), table)
    return upsample(small, Math.ceil(width / 2), Math.ceil(height / 2))
  })
  return toRgb(width, height, luma, chroma[0] as Plane, chroma[1] as Plane)
}

/** Means of 2 x 2, rounded up and down in turn, as libjpeg biases them. */
function downsample(plane: Plane): Plane {
  const width = plane.width / 2
  const height = plane.height / 2
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = 2 * y * plane.width + 2 * x
      const j = i + plane.width
      const sum =
        (plane.data[i] as number) +
        (plane.data[i + 1] as number) +
        (plane.data[j] as number) +
        (plane.data[j + 1] as number)
      data[y * width + x] = (sum + 1 + (x & 1)) >> 2
    }
  }
  return { width, height, data }
}

/** Each 8 x 8 block through DCT, quantisation and back. */
function roundTrip(plane: Plane, table: Int32Array): Plane {
  const block = new Int32Array(64)
  const data = new Uint8Array(plane.data.length)
  for (let by = 0; by < plane.height; by += 8) {
    for (let bx = 0; bx < plane.width; bx += 8) {
      for (let y = 0; y < 8; y++) {
        const from = (by + y) * plane.width + bx
        for (let x = 0; x < 8; x++) block[8 * y + x] = (plane.data[from + x] as number) - 128
      }
      forwardDct(block)
      for (let i = 0; i < 64; i++) {
        const step = table[i] as number
        const value = block[i] as number // 8 times the coefficient
        const level = ((Math.abs(value) + 4 * step) / (8 * step)) | 0
        block[i] = Math.imul(value < 0 ? -level : level, step)
      }
      inverseDct(block)
      for (let y = 0; y < 8; y++) {
        const to = (by + y) * plane.width + bx
        for (let x = 0; x < 8; x++) {
          const value = (block[8 * y + x] as number) + 128
          data[to + x] = value < 0 ? 0 : value > 255 ? 255 : value
        }
      }
    }
  }
  return { width: plane.width, height: plane.height, data }
}

/** Twice the size by a triangle filter: 3/4 of the nearer and 1/4 of the further sample in each direction. */
function upsample(plane: Plane, usedWidth: number, usedHeight: number): Plane {
  const width = usedWidth * 2
  const height = usedHeight * 2
  const data = new Uint8Array(width * height)
  const sums = new Int32Array(usedWidth)
  for (let y = 0; y < height; y++) {
    const near = (y >> 1) * plane.width
    const other = Math.min(usedHeight - 1, Math.max(0, (y >> 1) + (y & 1 ? 1 : -1))) * plane.width
    for (let x = 0; x < usedWidth; x++)
      sums[x] = 3 * (plane.data[near + x] as number) + (plane.data[other + x] as number)
    for (let x = 0; x < usedWidth; x++) {
      const here = sums[x] as number
      const before = x > 0 ? (sums[x - 1] as number) : here
      const after = x < usedWidth - 1 ? (sums[x + 1] as number) : here
      data[y * width + 2 * x] = (3 * here + before + 8) >> 4
      data[y * width + 2 * x + 1] = (3 * here + after + 7) >> 4
    }
  }
  return { width, height, data }
}

function toRgb(width: number, height: number, luma: Plane, cb: Plane, cr: Plane) {
  const data = new Uint8Array(width * height * 3)
  const clamp = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const l = luma.data[y * luma.width + x] as number
      const u = (cb.data[y * cb.width + x] as number) - 128
      const v = (cr.data[y * cr.width + x] as number) - 128
      const at = (y * width + x) * 3
      data[at] = clamp(l + ((fromV.r * v + half) >> 16))
      data[at + 1] = clamp(l + ((-fromU.g * u - fromV.g * v + half) >> 16))
      data[at + 2] = clamp(l + ((fromU.b * u + half) >> 16))
    }
  }
  return { width, height, data }
}
