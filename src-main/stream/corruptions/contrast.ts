// Contrast: each channel drawn towards its mean. Setting: what is left of the distance.
import { fromUnit, settingOf, toUnit, type Corruption, type Settings } from './corruption.ts'

const settings: Settings<number> = {
  cifar: [0.75, 0.5, 0.4, 0.3, 0.15],
  tiny: [0.4, 0.3, 0.2, 0.1, 0.05],
  imagenet: [0.4, 0.3, 0.2, 0.1, 0.05],
}

export const contrast: Corruption = (image, severity, family) => {
  const left = settingOf(settings, family, severity)
  const values = toUnit(image)
  const pixels = image.width * image.height
  for (let c = 0; c < 3; c++) {
    let sum = 0
    for (let i = c; i < values.length; i += 3) sum += values[i] as number
    const mean = sum / pixels
    for (let i = c; i < values.length; i += 3) values[i] = ((values[i] as number) - mean) * left + mean
  }
  return fromUnit(image, values)
}
