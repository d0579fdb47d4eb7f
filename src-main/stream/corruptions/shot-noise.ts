// Shot noise: Poisson counts of light. Setting: photons at full brightness (fewer = noisier).
import { poissonSampler, type NumpyRandom } from '#stream/images/random.ts'
import { fromUnit, settingOf, unitOf, type Corruption, type Settings } from './corruption.ts'

const settings: Settings<number> = {
  cifar: [500, 250, 100, 75, 50],
  tiny: [250, 100, 50, 30, 15],
  imagenet: [60, 25, 12, 5, 3],
}

const samplers = new Map<number, ReturnType<typeof poissonSampler>[]>()

/** One sampler per grey level. */
function samplersFor(photons: number): ReturnType<typeof poissonSampler>[] {
  let levels = samplers.get(photons)
  if (!levels) samplers.set(photons, (levels = Array.from(unitOf, (share) => poissonSampler(share * photons))))
  return levels
}

export const shotNoise: Corruption = (image, severity, family, random) => {
  const photons = settingOf(settings, family, severity)
  const values = new Float64Array(image.data.length)
  const levels = samplersFor(photons)
  for (let i = 0; i < values.length; i++)
    values[i] = (levels[image.data[i] as number] as (source: NumpyRandom) => number)(random) / photons
  return fromUnit(image, values)
}
