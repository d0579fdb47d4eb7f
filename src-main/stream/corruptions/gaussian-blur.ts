// Gaussian blur. Setting: sigma in pixels.
import { fromUnit, settingOf, toUnit, type Corruption, type Settings } from './corruption.ts'
import { gaussianFilter } from './filters/gaussian-filter.ts'

const settings: Settings<number> = {
  cifar: [0.4, 0.6, 0.7, 0.8, 1],
  tiny: [0.5, 0.75, 1, 1.25, 1.5],
  imagenet: [1, 2, 3, 4, 6],
}

export const gaussianBlur: Corruption = (image, severity, family) => {
  const sigma = settingOf(settings, family, severity)
  return fromUnit(image, gaussianFilter(toUnit(image), image.height, image.width, 3, sigma))
}
