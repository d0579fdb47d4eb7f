// Motion blur in a random direction of -45 to 45 degrees. Settings: radius, sigma (pixels along the line).
import { settingOf, type Corruption, type Settings } from './corruption.ts'
import { motionFilter } from './filters/motion-filter.ts'

const settings: Settings<readonly [radius: number, sigma: number]> = {
  cifar: [
    [6, 1],
    [6, 1.5],
    [6, 2],
    [8, 2],
    [9, 2.5],
  ],
  tiny: [
    [10, 1],
    [10, 1.5],
    [10, 2],
    [10, 2.5],
    [12, 3],
  ],
  imagenet: [
    [10, 3],
    [15, 5],
    [15, 8],
    [15, 12],
    [20, 15],
  ],
}

export const motionBlur: Corruption = (image, severity, family, random) => {
  const [radius, sigma] = settingOf(settings, family, severity)
  const { width, height } = image
  return { width, height, data: motionFilter(image.data, height, width, 3, radius, sigma, random.uniform(-45, 45)) }
}
