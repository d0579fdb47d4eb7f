// Frosted glass: blur, then pixels are taken from a near neighbour, then blur. Settings: sigma, largest displacement, passes.
// The original means to swap two pixels, but its arrays are views, so the first one's value is lost: copied here as it acts.
import { fromUnit, settingOf, toUnit, type Corruption, type Settings } from './corruption.ts'
import { gaussianFilter } from './filters/gaussian-filter.ts'

const settings: Settings<readonly [sigma: number, reach: number, passes: number]> = {
  cifar: [
    [0.05, 1, 1],
    [0.25, 1, 1],
    [0.4, 1, 1],
    [0.25, 1, 2],
    [0.4, 1, 2],
  ],
  tiny: [
    [0.1, 1, 1],
    [0.5, 1, 1],
    [0.6, 1, 2],
    [0.7, 2, 1],
    [0.9, 2, 2],
  ],
  imagenet: [
    [0.7, 1, 2],
    [0.9, 2, 1],
    [1, 2, 3],
    [1.1, 3, 2],
    [1.5, 4, 2],
  ],
}

export const glassBlur: Corruption = (image, severity, family, random) => {
  const [sigma, reach, passes] = settingOf(settings, family, severity)
  const { width, height } = image
  const data = fromUnit(image, gaussianFilter(toUnit(image), height, width, 3, sigma)).data
  for (let pass = 0; pass < passes; pass++) {
    for (let y = height - reach; y > reach; y--) {
      for (let x = width - reach; x > reach; x--) {
        const dx = random.randint(-reach, reach)
        const dy = random.randint(-reach, reach)
        const from = ((y + dy) * width + x + dx) * 3
        const to = (y * width + x) * 3
        data[to] = data[from] as number
        data[to + 1] = data[from + 1] as number
        data[to + 2] = data[from + 2] as number
      }
    }
  }
  return fromUnit(image, gaussianFilter(toUnit({ width, height, data }), height, width, 3, sigma))
}
