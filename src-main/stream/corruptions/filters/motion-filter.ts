// Motion blur as ImageMagick defines it: a half Gaussian along a line from each pixel, offsets rounded to whole pixels, edges repeated.
import { clamp } from './gaussian-filter.ts'
import { correlate } from '#stream/corruptions/kernels/weighted-sum.ts'

/** Blurs bytes of [height, width, channels]; `angle` in degrees. Results are cut to whole numbers, as the original's conversion to 8 bits does. */
export function motionFilter(
  data: Uint8Array,
  height: number,
  width: number,
  channels: number,
  radius: number,
  sigma: number,
  angle: number,
): Uint8Array {
  const weights = Float64Array.from({ length: 2 * Math.ceil(radius) + 1 }, (_, i) =>
    Math.exp(-(i * i) / (2 * sigma * sigma)),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const radians = (angle * Math.PI) / 180
  const taps = Array.from(weights, (weight, i) => ({
    dx: Math.ceil(i * Math.cos(radians) - 0.5),
    dy: Math.ceil(i * Math.sin(radians) - 0.5),
    weight: weight / total,
  }))
  return Uint8Array.from(
    correlate(
      { values: data, height, width, channels },
      taps.filter(({ weight }) => weight >= 1e-7),
      clamp,
    ),
  )
}
