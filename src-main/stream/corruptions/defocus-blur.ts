// Defocus: a disk with a softened edge. Settings: radius in pixels, sigma of the softening.
import { fromUnit, settingOf, toUnit, type Corruption, type Settings } from './corruption.ts'
import { reflect101 } from './gaussian-filter.ts'

const settings: Settings<readonly [radius: number, softening: number]> = {
  cifar: [[0.3, 0.4], [0.4, 0.5], [0.5, 0.6], [1, 0.2], [1.5, 0.1]],
  tiny: [[0.5, 0.6], [1, 0.1], [1.5, 0.1], [2.5, 0.01], [3, 0.1]],
  imagenet: [[3, 0.1], [4, 0.5], [6, 0.5], [8, 0.5], [10, 0.5]],
}

interface Kernel {
  readonly reach: number
  readonly taps: readonly { readonly dx: number; readonly dy: number; readonly weight: number }[]
}

const kernels = new Map<string, Kernel>()

function diskKernel(radius: number, softening: number): Kernel {
  const key = `${radius} ${softening}`
  const known = kernels.get(key)
  if (known) return known
  const reach = radius <= 8 ? 8 : radius
  const size = 2 * reach + 1
  const disk = Float64Array.from({ length: size * size }, (_, i) => {
    const x = (i % size) - reach
    const y = Math.floor(i / size) - reach
    return x * x + y * y <= radius * radius ? 1 : 0
  })
  const area = disk.reduce((sum, value) => sum + value, 0)
  const half = radius <= 8 ? 1 : 2
  const weights = Array.from({ length: 2 * half + 1 }, (_, i) => Math.exp(-((i - half) ** 2) / (2 * softening * softening)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const taps: { dx: number; dy: number; weight: number }[] = []
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 0
      for (let j = -half; j <= half; j++) {
        for (let i = -half; i <= half; i++) {
          sum += (weights[j + half] as number) * (weights[i + half] as number) * (disk[reflect101(y + j, size) * size + reflect101(x + i, size)] as number)
        }
      }
      const weight = sum / (total * total * area)
      if (weight > 1e-9) taps.push({ dx: x - reach, dy: y - reach, weight })
    }
  }
  const kernel = { reach, taps }
  kernels.set(key, kernel)
  return kernel
}

export const defocusBlur: Corruption = (image, severity, family) => {
  const [radius, softening] = settingOf(settings, family, severity)
  const { reach, taps } = diskKernel(radius, softening)
  const { width, height } = image
  const values = toUnit(image)
  const padded = new Float64Array((width + 2 * reach) * (height + 2 * reach) * 3)
  const stride = (width + 2 * reach) * 3
  for (let y = 0; y < height + 2 * reach; y++) {
    const source = reflect101(y - reach, height) * width
    for (let x = 0; x < width + 2 * reach; x++) {
      const from = (source + reflect101(x - reach, width)) * 3
      padded.set(values.subarray(from, from + 3), y * stride + x * 3)
    }
  }
  const out = new Float64Array(values.length)
  for (const { dx, dy, weight } of taps) {
    for (let y = 0; y < height; y++) {
      const from = (y + dy + reach) * stride + (dx + reach) * 3
      const to = y * width * 3
      for (let i = 0; i < width * 3; i++) out[to + i] = (out[to + i] as number) + weight * (padded[from + i] as number)
    }
  }
  return fromUnit(image, out)
}
