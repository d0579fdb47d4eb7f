// Shot noise: Poisson counts of light. Setting: photons at full brightness (fewer = noisier).
import { fromUnit, settingOf, type Corruption, type Settings } from './corruption.ts'

const settings: Settings<number> = {
  cifar: [500, 250, 100, 75, 50],
  tiny: [250, 100, 50, 30, 15],
  imagenet: [60, 25, 12, 5, 3],
}

export const shotNoise: Corruption = (image, severity, family, random) => {
  const photons = settingOf(settings, family, severity)
  const values = new Float64Array(image.data.length)
  for (let i = 0; i < values.length; i++) values[i] = random.poisson(((image.data[i] as number) / 255) * photons) / photons
  return fromUnit(image, values)
}
