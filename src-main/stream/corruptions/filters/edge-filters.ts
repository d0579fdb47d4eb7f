// The few single-channel filters that spatter needs, as OpenCV defines them: Canny edges, chamfer distance, histogram equalisation and
// 3x3 correlation. Borders are mirrored without the edge, except Canny's Sobel, which repeats it.
import { reflect101 } from './gaussian-filter.ts'
import { correlate } from '#stream/corruptions/kernels/weighted-sum.ts'

export function filter3x3(
  values: Float64Array,
  height: number,
  width: number,
  kernel: readonly number[],
): Float64Array {
  return correlate(
    { values, height, width, channels: 1 },
    kernel.map((weight, k) => ({ dx: (k % 3) - 1, dy: Math.floor(k / 3) - 1, weight })),
    reflect101,
  )
}

/** 1 on an edge, else 0: Sobel gradients, non-maximum suppression, hysteresis between the two thresholds on |gx| + |gy|. */
export function cannyEdges(data: Uint8Array, height: number, width: number, low: number, high: number): Uint8Array {
  const clampY = (y: number) => Math.min(height - 1, Math.max(0, y)) * width
  const clampX = (x: number) => Math.min(width - 1, Math.max(0, x))
  const p = (y: number, x: number) => data[clampY(y) + clampX(x)] as number
  const gx = new Int32Array(data.length)
  const gy = new Int32Array(data.length)
  const magnitude = new Int32Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      gx[i] = p(y - 1, x + 1) + 2 * p(y, x + 1) + p(y + 1, x + 1) - p(y - 1, x - 1) - 2 * p(y, x - 1) - p(y + 1, x - 1)
      gy[i] = p(y + 1, x - 1) + 2 * p(y + 1, x) + p(y + 1, x + 1) - p(y - 1, x - 1) - 2 * p(y - 1, x) - p(y - 1, x + 1)
      magnitude[i] = Math.abs(gx[i]) + Math.abs(gy[i])
    }
  }
  const m = (y: number, x: number) =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : (magnitude[y * width + x] as number)
  const edges = new Uint8Array(data.length) // 1 edge, 2 candidate
  const strong: number[] = []
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const here = magnitude[i] as number
      if (here <= low || !isRidge(gx[i] as number, gy[i] as number, here, m, y, x)) continue
      if (here > high) {
        edges[i] = 1
        strong.push(i)
      } else edges[i] = 2
    }
  }
  while (strong.length > 0) {
    const i = strong.pop() as number
    const y = Math.floor(i / width)
    const x = i % width
    for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++) {
      for (let k = Math.max(0, x - 1); k <= Math.min(width - 1, x + 1); k++) {
        if (edges[j * width + k] !== 2) continue
        edges[j * width + k] = 1
        strong.push(j * width + k)
      }
    }
  }
  return edges.map((edge) => (edge === 1 ? 1 : 0))
}

const tan22 = 0.41421356237309503

function isRidge(
  gx: number,
  gy: number,
  here: number,
  m: (y: number, x: number) => number,
  y: number,
  x: number,
): boolean {
  const ax = Math.abs(gx)
  const ay = Math.abs(gy)
  if (ay < ax * tan22) return here > m(y, x - 1) && here >= m(y, x + 1)
  if (ay > ax * (tan22 + 2)) return here > m(y - 1, x) && here >= m(y + 1, x)
  const side = (gx ^ gy) < 0 ? -1 : 1
  return here > m(y - 1, x - side) && here > m(y + 1, x + side)
}

/** Distance of each pixel to the nearest edge, by Borgefors' 5x5 chamfer (1, 1.4, 2.1969). Without any edge: very far. */
export function chamferDistance(edges: Uint8Array, height: number, width: number): Float64Array {
  const far = 8192
  const side = 2 // the mask reaches this far: a rim of far pixels instead of a question at each step
  const stride = width + 2 * side
  const d = new Float64Array((height + 2 * side) * stride).fill(far)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) if (edges[y * width + x]) d[(y + side) * stride + x + side] = 0
  }
  const sweep = (sign: 1 | -1) => {
    const above = -sign * stride
    for (let row = 0; row < height; row++) {
      const y = (sign > 0 ? row : height - 1 - row) + side
      for (let column = 0; column < width; column++) {
        const i = y * stride + (sign > 0 ? column : width - 1 - column) + side
        const straight = Math.min(d[i - sign] as number, d[i + above] as number) + 1
        const diagonal = Math.min(d[i + above - 1] as number, d[i + above + 1] as number) + 1.4
        const knight =
          Math.min(
            d[i + above - 2] as number,
            d[i + above + 2] as number,
            d[i + 2 * above - 1] as number,
            d[i + 2 * above + 1] as number,
          ) + 2.1969
        d[i] = Math.min(d[i] as number, straight, diagonal, knight)
      }
    }
  }
  sweep(1)
  sweep(-1)
  const out = new Float64Array(height * width)
  for (let y = 0; y < height; y++)
    out.set(d.subarray((y + side) * stride + side, (y + side) * stride + side + width), y * width)
  return out
}

export function equalizeHistogram(data: Uint8Array): Uint8Array {
  const counts = new Int32Array(256)
  for (const value of data) counts[value] = (counts[value] as number) + 1
  const first = counts.findIndex((count) => count > 0)
  const rest = data.length - (counts[first] as number)
  if (rest === 0) return data.slice()
  const table = new Uint8Array(256)
  let sum = 0
  for (let value = first + 1; value < 256; value++) {
    sum += counts[value] as number
    table[value] = Math.min(255, Math.round((sum * 255) / rest))
  }
  return data.map((value) => table[value] as number)
}
