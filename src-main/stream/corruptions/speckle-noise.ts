// Speckle noise: Gaussian, in proportion to the brightness. Setting: standard deviation of the factor.
import { fromUnit, settingOf, unitOf, type Corruption, type Settings } from './corruption.ts'

const settings: Settings<number> = {
  cifar: [0.06, 0.1, 0.12, 0.16, 0.2],
  tiny: [0.15, 0.2, 0.25, 0.3, 0.35],
  imagenet: [0.15, 0.2, 0.35, 0.45, 0.6],
}

export const speckleNoise: Corruption = (image, severity, family, random) => {
  const std = settingOf(settings, family, severity)
  const values = random.gaussians(image.data.length)
  for (let i = 0; i < values.length; i++) {
    const x = unitOf[image.data[i] as number] as number
    values[i] = x + x * (std * (values[i] as number))
  }
  return fromUnit(image, values)
}
