// Impulse noise (salt and pepper): a share of the channel values becomes 0 or 255, half each. Setting: that share. The original draws
// through scikit-image from another generator (PCG64), so this one agrees with it in distribution, not number by number.
import { settingOf, type Corruption, type Settings } from './corruption.ts'

const settings: Settings<number> = {
  cifar: [0.01, 0.02, 0.03, 0.05, 0.07],
  tiny: [0.01, 0.02, 0.05, 0.08, 0.14],
  imagenet: [0.03, 0.06, 0.09, 0.17, 0.27],
}

export const impulseNoise: Corruption = (image, severity, family, random) => {
  const share = settingOf(settings, family, severity)
  const data = image.data.slice()
  for (let i = 0; i < data.length; i++) {
    const draw = random.random()
    if (draw <= share) data[i] = draw <= share / 2 ? 255 : 0
  }
  return { width: image.width, height: image.height, data }
}
