// Separable Gaussian filtering of [height, width, channels] arrays as scipy.ndimage does it: kernel cut at `truncate` sigmas, borders
// repeated (`nearest`) or mirrored with the edge (`reflect`).

import { correlate, type Border, type Picture } from '#stream/corruptions/kernels/weighted-sum.ts'

export interface FilterOptions {
  readonly mode?: 'nearest' | 'reflect'
  readonly truncate?: number
}

export function gaussianFilter(
  values: Float64Array,
  height: number,
  width: number,
  channels: number,
  sigma: number,
  options: FilterOptions = {},
): Float64Array {
  const radius = Math.floor((options.truncate ?? 4) * sigma + 0.5)
  if (sigma <= 1e-15 || radius === 0) return values.slice()
  const kernel = new Float64Array(2 * radius + 1)
  let total = 0
  for (let i = -radius; i <= radius; i++) total += kernel[i + radius] = Math.exp((-0.5 / (sigma * sigma)) * i * i)
  for (let i = 0; i < kernel.length; i++) kernel[i] = (kernel[i] as number) / total
  const border = options.mode === 'reflect' ? mirror : clamp
  const columns = filterAxis({ values, height, width, channels }, kernel, border, 'y') // this axis first, as scipy: the last bits depend on it
  return filterAxis({ values: columns, height, width, channels }, kernel, border, 'x')
}

function filterAxis(picture: Picture, kernel: Float64Array, border: Border, axis: 'x' | 'y'): Float64Array {
  const length = axis === 'x' ? picture.width : picture.height
  if (kernel.length > 2 * length) return filterFolded(picture, kernel, border, axis)
  const radius = kernel.length >> 1
  return correlate(
    picture,
    Array.from(kernel, (weight, k) => ({
      dx: axis === 'x' ? k - radius : 0,
      dy: axis === 'y' ? k - radius : 0,
      weight,
    })),
    border,
  )
}

/** For kernels far longer than the axis: their weights are gathered on the element that they fall on, so the cost is the length squared. */
function filterFolded(
  { values, height, width, channels }: Picture,
  kernel: Float64Array,
  border: Border,
  axis: 'x' | 'y',
): Float64Array {
  const [outer, length, inner] = axis === 'x' ? [height, width, channels] : [1, height, width * channels]
  const radius = kernel.length >> 1
  const out = new Float64Array(values.length)
  for (let i = 0; i < length; i++) {
    const folded = new Float64Array(length)
    for (let k = -radius; k <= radius; k++) {
      const from = border(i + k, length)
      folded[from] = (folded[from] as number) + (kernel[k + radius] as number)
    }
    for (let o = 0; o < outer; o++) {
      const target = (o * length + i) * inner
      for (let j = 0; j < length; j++) {
        const weight = folded[j] as number
        const source = (o * length + j) * inner
        for (let c = 0; c < inner; c++)
          out[target + c] = (out[target + c] as number) + weight * (values[source + c] as number)
      }
    }
  }
  return out
}

/** The edge repeated. */
export function clamp(index: number, length: number): number {
  return index < 0 ? 0 : index >= length ? length - 1 : index
}

/** Mirrored with the edge repeated (scipy's `reflect`). */
export function mirror(index: number, length: number): number {
  const period = 2 * length
  const wrapped = ((index % period) + period) % period
  return wrapped < length ? wrapped : period - 1 - wrapped
}

/** Mirrored without repeating the edge (OpenCV's default border, reflect-101). */
export function reflect101(index: number, length: number): number {
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const wrapped = ((index % period) + period) % period
  return wrapped < length ? wrapped : period - wrapped
}
