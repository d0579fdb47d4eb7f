// Separable Gaussian filtering of [height, width, channels] arrays as scipy.ndimage does it: kernel cut at `truncate` sigmas, borders
// repeated (`nearest`) or mirrored with the edge (`reflect`).

export interface FilterOptions {
  readonly mode?: 'nearest' | 'reflect'
  readonly truncate?: number
}

export function gaussianFilter(values: Float64Array, height: number, width: number, channels: number, sigma: number, options: FilterOptions = {}): Float64Array {
  const radius = Math.floor((options.truncate ?? 4) * sigma + 0.5)
  if (sigma <= 1e-15 || radius === 0) return values.slice()
  const kernel = new Float64Array(2 * radius + 1)
  let total = 0
  for (let i = -radius; i <= radius; i++) total += kernel[i + radius] = Math.exp((-0.5 / (sigma * sigma)) * i * i)
  for (let i = 0; i < kernel.length; i++) kernel[i] = (kernel[i] as number) / total
  const mode = options.mode ?? 'nearest'
  const rows = filterAxis(values, 1, height, width * channels, kernel, radius, mode)
  return filterAxis(rows, height, width, channels, kernel, radius, mode)
}

/** Filters the middle axis of [outer, length, inner]. Long kernels are folded onto the axis first: their cost is then length squared. */
function filterAxis(values: Float64Array, outer: number, length: number, inner: number, kernel: Float64Array, radius: number, mode: 'nearest' | 'reflect'): Float64Array {
  const out = new Float64Array(values.length)
  if (kernel.length > length) {
    for (let i = 0; i < length; i++) {
      const folded = new Float64Array(length)
      for (let k = -radius; k <= radius; k++) folded[sourceIndex(i + k, length, mode)]! += kernel[k + radius] as number
      for (let o = 0; o < outer; o++) {
        const target = (o * length + i) * inner
        for (let j = 0; j < length; j++) {
          const weight = folded[j] as number
          const source = (o * length + j) * inner
          for (let c = 0; c < inner; c++) out[target + c] = (out[target + c] as number) + weight * (values[source + c] as number)
        }
      }
    }
    return out
  }
  for (let o = 0; o < outer; o++) {
    const base = o * length
    for (let i = 0; i < length; i++) {
      const target = (base + i) * inner
      for (let k = -radius; k <= radius; k++) {
        const weight = kernel[k + radius] as number
        const source = (base + sourceIndex(i + k, length, mode)) * inner
        for (let c = 0; c < inner; c++) out[target + c] = (out[target + c] as number) + weight * (values[source + c] as number)
      }
    }
  }
  return out
}

function sourceIndex(index: number, length: number, mode: 'nearest' | 'reflect'): number {
  if (index >= 0 && index < length) return index
  if (mode === 'nearest') return index < 0 ? 0 : length - 1
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
