// Brightness: adds to the V of HSV. Setting: how much, on the 0..1 scale.
import { fromUnit, settingOf, toUnit, type Corruption, type Settings } from './corruption.ts'
import { mapHsv } from './filters/hsv.ts'

const settings: Settings<number> = {
  cifar: [0.05, 0.1, 0.15, 0.2, 0.3],
  tiny: [0.1, 0.2, 0.3, 0.4, 0.5],
  imagenet: [0.1, 0.2, 0.3, 0.4, 0.5],
}

export const brightness: Corruption = (image, severity, family) => {
  const more = settingOf(settings, family, severity)
  const values = toUnit(image)
  mapHsv(values, (hsv) => {
    hsv[2] = Math.min(1, hsv[2] + more)
  })
  return fromUnit(image, values)
}
