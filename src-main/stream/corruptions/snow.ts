// Snow: a thresholded, magnified noise layer, blurred along its fall, over a brightened image. Settings: mean and standard deviation of
// the noise, zoom, threshold, motion radius and sigma, share of the original colours.
import { fromUnit, settingOf, type Corruption, type Settings } from './corruption.ts'
import { motionFilter } from './filters/motion-filter.ts'
import { clippedZoom } from './filters/zoom.ts'

type Snow = readonly [
  mean: number,
  std: number,
  zoom: number,
  threshold: number,
  radius: number,
  sigma: number,
  colour: number,
]

const settings: Settings<Snow> = {
  cifar: [
    [0.1, 0.2, 1, 0.6, 8, 3, 0.95],
    [0.1, 0.2, 1, 0.5, 10, 4, 0.9],
    [0.15, 0.3, 1.75, 0.55, 10, 4, 0.9],
    [0.25, 0.3, 2.25, 0.6, 12, 6, 0.85],
    [0.3, 0.3, 1.25, 0.65, 14, 12, 0.8],
  ],
  tiny: [
    [0.1, 0.2, 1, 0.6, 8, 3, 0.8],
    [0.1, 0.2, 1, 0.5, 10, 4, 0.8],
    [0.15, 0.3, 1.75, 0.55, 10, 4, 0.7],
    [0.25, 0.3, 2.25, 0.6, 12, 6, 0.65],
    [0.3, 0.3, 1.25, 0.65, 14, 12, 0.6],
  ],
  imagenet: [
    [0.1, 0.3, 3, 0.5, 10, 4, 0.8],
    [0.2, 0.3, 2, 0.5, 12, 4, 0.7],
    [0.55, 0.3, 4, 0.9, 12, 8, 0.7],
    [0.55, 0.3, 4.5, 0.85, 12, 8, 0.65],
    [0.55, 0.3, 2.5, 0.85, 12, 12, 0.55],
  ],
}

export const snow: Corruption = (image, severity, family, random) => {
  const [mean, std, zoom, threshold, radius, sigma, colour] = settingOf(settings, family, severity)
  const { width, height } = image
  const pixels = width * height
  const noise = random.gaussians(pixels)
  for (let i = 0; i < pixels; i++) noise[i] = mean + std * (noise[i] as number)
  const flakes = clippedZoom(noise, height, width, 1, zoom, (length) => new Float64Array(length))
  const bytes = new Uint8Array(pixels)
  for (let i = 0; i < pixels; i++) {
    const flake = flakes[i] as number
    bytes[i] = flake < threshold ? 0 : flake >= 1 ? 255 : flake * 255
  }
  const layer = motionFilter(bytes, height, width, 1, radius, sigma, random.uniform(-135, -45))
  const out = new Float64Array(pixels * 3)
  for (let i = 0; i < pixels; i++) {
    const r = (image.data[3 * i] as number) / 255
    const g = (image.data[3 * i + 1] as number) / 255
    const b = (image.data[3 * i + 2] as number) / 255
    const bright = (0.299 * r + 0.587 * g + 0.114 * b) * 1.5 + 0.5
    const fallen = ((layer[i] as number) + (layer[pixels - 1 - i] as number)) / 255 // and the layer turned by 180 degrees
    out[3 * i] = colour * r + (1 - colour) * Math.max(r, bright) + fallen
    out[3 * i + 1] = colour * g + (1 - colour) * Math.max(g, bright) + fallen
    out[3 * i + 2] = colour * b + (1 - colour) * Math.max(b, bright) + fallen
  }
  return fromUnit(image, out)
}
