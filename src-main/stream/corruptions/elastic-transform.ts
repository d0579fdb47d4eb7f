// Elastic transform: a random affine change of three points, then a smooth random displacement field. Settings: displacement, its
// smoothness (sigma) and the affine jitter, all in pixels at the family's image size; other sizes scale them.
import { fromUnit, settingOf, toUnit, type Corruption, type Settings } from './corruption.ts'
import { gaussianFilter, mirror, reflect101 } from './filters/gaussian-filter.ts'

type Elastic = readonly [displacement: number, smoothness: number, jitter: number]
const of = (size: number, rows: readonly [Elastic, Elastic, Elastic, Elastic, Elastic]) =>
  rows.map(([a, b, c]) => [size * a, size * b, size * c] as const) as unknown as readonly [
    Elastic,
    Elastic,
    Elastic,
    Elastic,
    Elastic,
  ]

const settings: Settings<Elastic> = {
  cifar: of(32, [
    [0, 0, 0.08],
    [0.05, 0.2, 0.07],
    [0.08, 0.06, 0.06],
    [0.1, 0.04, 0.05],
    [0.1, 0.03, 0.03],
  ]),
  tiny: of(64, [
    [0, 0, 0.08],
    [0.05, 0.3, 0.06],
    [0.1, 0.08, 0.06],
    [0.1, 0.03, 0.03],
    [0.16, 0.03, 0.02],
  ]),
  imagenet: of(244, [
    [2, 0.7, 0.1],
    [2, 0.08, 0.2],
    [0.05, 0.01, 0.02],
    [0.07, 0.01, 0.02],
    [0.12, 0.01, 0.02],
  ]), // 244: the original's own
}

export const elasticTransform: Corruption = (image, severity, family, random) => {
  const [displacement, smoothness, jitter] = settingOf(settings, family, severity)
  const { width, height } = image
  const centreY = Math.floor(height / 2)
  const centreX = Math.floor(width / 2)
  const square = Math.floor(Math.min(width, height) / 3)
  // The original takes rows for columns here; on square images that is the same, and it is kept.
  const from = [
    centreY + square,
    centreX + square,
    centreY + square,
    centreX - square,
    centreY - square,
    centreX - square,
  ]
  const to = from.map((value) => value + Math.fround(random.uniform(-jitter, jitter)))
  const field = () => {
    const smooth = gaussianFilter(random.uniforms(width * height, -1, 1), height, width, 1, smoothness, {
      mode: 'reflect',
      truncate: 3,
    })
    for (let i = 0; i < smooth.length; i++) smooth[i] = (smooth[i] as number) * displacement
    return smooth
  }
  const values = toUnit(image)
  const warped = square > 0 ? warpAffine(values, height, width, inverseAffine(from, to)) : values
  const dx = field()
  const dy = field()
  const out = new Float64Array(values.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      sampleLinear(warped, height, width, y + (dy[i] as number), x + (dx[i] as number), mirror, out, i * 3)
    }
  }
  return fromUnit(image, out)
}

/** The matrix [a, b, c, d, e, f] that takes an output point (x, y) back to (a x + b y + c, d x + e y + f). */
function inverseAffine(from: readonly number[], to: readonly number[]): readonly number[] {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = to
  const determinant = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
  const row = (axis: number) => {
    const u0 = from[axis] as number
    const u1 = (from[2 + axis] as number) - u0
    const u2 = (from[4 + axis] as number) - u0
    const a = (u1 * (y2 - y0) - u2 * (y1 - y0)) / determinant
    const b = (u2 * (x1 - x0) - u1 * (x2 - x0)) / determinant
    return [a, b, u0 - a * x0 - b * y0]
  }
  return [...row(0), ...row(1)]
}

/** Bilinear, borders mirrored without the edge, coordinates on a grid of 1/32 pixel: OpenCV's fixed-point warp. */
function warpAffine(values: Float64Array, height: number, width: number, matrix: readonly number[]): Float64Array {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = matrix
  const out = new Float64Array(values.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sx = Math.round((a * x + b * y + c) * 32) / 32
      const sy = Math.round((d * x + e * y + f) * 32) / 32
      sampleLinear(values, height, width, sy, sx, reflect101, out, (y * width + x) * 3)
    }
  }
  return out
}

function sampleLinear(
  values: Float64Array,
  height: number,
  width: number,
  y: number,
  x: number,
  border: (index: number, length: number) => number,
  out: Float64Array,
  at: number,
): void {
  const y0 = Math.floor(y)
  const x0 = Math.floor(x)
  const fy = y - y0
  const fx = x - x0
  const inside = y0 >= 0 && x0 >= 0 && y0 + 1 < height && x0 + 1 < width
  const top = (inside ? y0 : border(y0, height)) * width
  const bottom = (inside ? y0 + 1 : border(y0 + 1, height)) * width
  const left = inside ? x0 : border(x0, width)
  const right = inside ? x0 + 1 : border(x0 + 1, width)
  for (let c = 0; c < 3; c++) {
    const above = (1 - fx) * (values[(top + left) * 3 + c] as number) + fx * (values[(top + right) * 3 + c] as number)
    const below =
      (1 - fx) * (values[(bottom + left) * 3 + c] as number) + fx * (values[(bottom + right) * 3 + c] as number)
    out[at + c] = (1 - fy) * above + fy * below
  }
}
