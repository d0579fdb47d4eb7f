// Spatter: drops of water (severity 1 to 3) or mud (4 and 5) on the lens. Settings: mean and standard deviation of the noise that drops
// grow from, its smoothing, the threshold, the strength (water) or softening (mud), and whether it is mud.
import { fromUnit, settingOf, toUnit, type Corruption, type Settings } from './corruption.ts'
import { chamferDistance, cannyEdges, equalizeHistogram, filter3x3 } from './filters/edge-filters.ts'
import { gaussianFilter } from './filters/gaussian-filter.ts'

type Spatter = readonly [
  mean: number,
  std: number,
  smoothing: number,
  threshold: number,
  strength: number,
  mud: boolean,
]

const settings: Settings<Spatter> = {
  cifar: [
    [0.62, 0.1, 0.7, 0.7, 0.5, false],
    [0.65, 0.1, 0.8, 0.7, 0.5, false],
    [0.65, 0.3, 1, 0.69, 0.5, false],
    [0.65, 0.1, 0.7, 0.69, 0.6, true],
    [0.65, 0.1, 0.5, 0.68, 0.6, true],
  ],
  tiny: [
    [0.62, 0.1, 0.7, 0.7, 0.6, false],
    [0.65, 0.1, 0.8, 0.7, 0.6, false],
    [0.65, 0.3, 1, 0.69, 0.6, false],
    [0.65, 0.1, 0.7, 0.68, 0.6, true],
    [0.65, 0.1, 0.5, 0.67, 0.6, true],
  ],
  imagenet: [
    [0.65, 0.3, 4, 0.69, 0.6, false],
    [0.65, 0.3, 3, 0.68, 0.6, false],
    [0.65, 0.3, 2, 0.68, 0.5, false],
    [0.65, 0.3, 1, 0.65, 1.5, true],
    [0.67, 0.4, 1, 0.65, 1.5, true],
  ],
}

const water = [175 / 255, 238 / 255, 238 / 255] as const
const earth = [63 / 255, 42 / 255, 20 / 255] as const

export const spatter: Corruption = (image, severity, family, random) => {
  const [mean, std, smoothing, threshold, strength, mud] = settingOf(settings, family, severity)
  const { width, height } = image
  const noise = random.gaussians(width * height)
  for (let i = 0; i < noise.length; i++) noise[i] = mean + std * (noise[i] as number)
  const liquid = gaussianFilter(noise, height, width, 1, smoothing).map((value) => (value < threshold ? 0 : value))
  const values = toUnit(image)
  const mask = mud ? mudMask(liquid, height, width, threshold, strength) : waterMask(liquid, height, width, strength)
  for (let i = 0; i < mask.length; i++) {
    const share = mask[i] as number
    for (let c = 0; c < 3; c++) {
      const own = values[3 * i + c] as number
      values[3 * i + c] = mud ? own * (1 - share) + share * (earth[c] as number) : own + share * (water[c] as number)
    }
  }
  return fromUnit(image, values)
}

function mudMask(
  liquid: Float64Array,
  height: number,
  width: number,
  threshold: number,
  softening: number,
): Float64Array {
  const drops = liquid.map((value) => (value > threshold ? 1 : 0))
  return gaussianFilter(drops, height, width, 1, softening).map((value) => (value < 0.8 ? 0 : value))
}

/** Drops are shaded by an embossed distance from their outline. */
function waterMask(liquid: Float64Array, height: number, width: number, strength: number): Float64Array {
  const bytes = Uint8Array.from(liquid, (value) => Math.min(255, value * 255))
  const distance = chamferDistance(cannyEdges(bytes, height, width, 50, 150), height, width).map((value) =>
    Math.min(20, value),
  )
  const mean = [1, 1, 1, 1, 1, 1, 1, 1, 1].map((one) => one / 9)
  const smooth = Uint8Array.from(filter3x3(distance, height, width, mean))
  const relief = filter3x3(
    Float64Array.from(equalizeHistogram(smooth)),
    height,
    width,
    [-2, -1, 0, -1, 1, 1, 0, 1, 2],
  ).map((value) => Math.min(255, Math.max(0, value)))
  const shade = filter3x3(relief, height, width, mean).map(Math.round)
  const mask = shade.map((value, i) => value * (bytes[i] as number))
  let max = 0
  for (const value of mask) if (value > max) max = value
  return max > 0 ? mask.map((value) => (value / max) * strength) : mask.fill(0)
}
