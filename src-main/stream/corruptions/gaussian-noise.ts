// Gaussian noise: independent, the same on every channel value. Setting: standard deviation on the 0..1 scale.
import { fromUnit, settingOf, unitOf, type Corruption, type Settings } from './corruption.ts'

const settings: Settings<number> = {
  cifar: [0.04, 0.06, 0.08, 0.09, 0.1],
  tiny: [0.04, 0.08, 0.12, 0.15, 0.18],
  imagenet: [0.08, 0.12, 0.18, 0.26, 0.38],
}

export const gaussianNoise: Corruption = (image, severity, family, random) => {
  const std = settingOf(settings, family, severity)
  const values = random.gaussians(image.data.length)
  for (let i = 0; i < values.length; i++)
    values[i] = (unitOf[image.data[i] as number] as number) + std * (values[i] as number)
  return fromUnit(image, values)
}
