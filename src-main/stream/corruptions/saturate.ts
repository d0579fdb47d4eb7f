// Saturation: factor and offset on the S of HSV; below 1 greyer, above 1 more colourful.
import { fromUnit, settingOf, toUnit, type Corruption, type Settings } from './corruption.ts'
import { mapHsv } from './filters/hsv.ts'

const settings: Settings<readonly [factor: number, offset: number]> = {
  cifar: [
    [0.3, 0],
    [0.1, 0],
    [1.5, 0],
    [2, 0.1],
    [2.5, 0.2],
  ],
  tiny: [
    [0.3, 0],
    [0.1, 0],
    [2, 0],
    [5, 0.1],
    [30, 0.2],
  ],
  imagenet: [
    [0.3, 0],
    [0.1, 0],
    [2, 0],
    [5, 0.1],
    [20, 0.2],
  ],
}

export const saturate: Corruption = (image, severity, family) => {
  const [factor, offset] = settingOf(settings, family, severity)
  const values = toUnit(image)
  mapHsv(values, (hsv) => {
    hsv[1] = Math.min(1, Math.max(0, hsv[1] * factor + offset))
  })
  return fromUnit(image, values)
}
