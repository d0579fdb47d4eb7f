// Defocus: a disk with a softened edge. Settings: radius in pixels, sigma of the softening.
import { fromUnit, settingOf, toUnit, type Corruption, type Settings } from './corruption.ts'
import { reflect101 } from './filters/gaussian-filter.ts'
import { correlate, type Tap } from './kernels/weighted-sum.ts'

const settings: Settings<readonly [radius: number, softening: number]> = {
  cifar: [
    [0.3, 0.4],
    [0.4, 0.5],
    [0.5, 0.6],
    [1, 0.2],
    [1.5, 0.1],
  ],
  tiny: [
    [0.5, 0.6],
    [1, 0.1],
    [1.5, 0.1],
    [2.5, 0.01],
    [3, 0.1],
  ],
  imagenet: [
    [3, 0.1],
    [4, 0.5],
    [6, 0.5],
    [8, 0.5],
    [10, 0.5],
  ],
}

const kernels = new Map<string, readonly Tap[]>()

function diskKernel(radius: number, softening: number): readonly Tap[] {
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
  const weights = Array.from({ length: 2 * half + 1 }, (_, i) =>
    Math.exp(-((i - half) ** 2) / (2 * softening * softening)),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const taps: Tap[] = []
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 0
      for (let j = -half; j <= half; j++) {
        for (let i = -half; i <= half; i++) {
          sum +=
            (weights[j + half] as number) *
            (weights[i + half] as number) *
            (disk[reflect101(y + j, size) * size + reflect101(x + i, size)] as number)
        }
      }
      const weight = sum / (total * total * area)
      if (weight > 1e-9) taps.push({ dx: x - reach, dy: y - reach, weight })
    }
  }
  kernels.set(key, taps)
  return taps
}

export const defocusBlur: Corruption = (image, severity, family) => {
  const [radius, softening] = settingOf(settings, family, severity)
  const { width, height } = image
  return fromUnit(
    image,
    correlate({ values: toUnit(image), height, width, channels: 3 }, diskKernel(radius, softening), reflect101),
  )
}
