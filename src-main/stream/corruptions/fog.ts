// Fog: a plasma fractal (diamond-square height map) added to the image, rescaled to keep its brightest value. Settings: amount of fog,
// decay of the fractal's roughness per level (smaller = rougher).
import type { NumpyRandom } from '#stream/images/random.ts'
import { fromUnit, settingOf, toUnit, type Corruption, type Settings } from './corruption.ts'

const settings: Settings<readonly [amount: number, decay: number]> = {
  cifar: [
    [0.2, 3],
    [0.5, 3],
    [0.75, 2.5],
    [1, 2],
    [1.5, 1.75],
  ],
  tiny: [
    [0.4, 3],
    [0.7, 3],
    [1, 2.5],
    [1.5, 2],
    [2, 1.75],
  ],
  imagenet: [
    [1.5, 2],
    [2, 2],
    [2.5, 1.7],
    [2.5, 1.5],
    [3, 1.4],
  ],
}

/** A [size, size] map in 0..1; size is a power of two. Wraps around at its edges. */
export function plasmaFractal(size: number, decay: number, random: NumpyRandom): Float64Array {
  const map = new Float64Array(size * size)
  let roughness = 100
  const at = (y: number, x: number) => map[(y & (size - 1)) * size + (x & (size - 1))] as number
  const wobbled = (sum: number) => sum / 4 + roughness * random.uniform(-roughness, roughness)
  for (let step = size; step >= 2; step /= 2) {
    const half = step / 2
    for (let y = half; y < size; y += step) {
      for (let x = half; x < size; x += step) {
        const left = at(y - half, x - half) + at(y + half, x - half)
        const right = at(y - half, x + half) + at(y + half, x + half)
        map[y * size + x] = wobbled(left + right)
      }
    }
    for (let y = 0; y < size; y += step) {
      for (let x = half; x < size; x += step) {
        map[y * size + x] = wobbled(at(y + half, x) + at(y - half, x) + (at(y, x - half) + at(y, x + half)))
      }
    }
    for (let y = half; y < size; y += step) {
      for (let x = 0; x < size; x += step) {
        map[y * size + x] = wobbled(at(y, x + half) + at(y, x - half) + (at(y - half, x) + at(y + half, x)))
      }
    }
    roughness /= decay
  }
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of map) {
    if (value < low) low = value
    if (value > high) high = value
  }
  const range = high - low || 1
  for (let i = 0; i < map.length; i++) map[i] = ((map[i] as number) - low) / range
  return map
}

export const fog: Corruption = (image, severity, family, random) => {
  const [amount, decay] = settingOf(settings, family, severity)
  const { width, height } = image
  const size = 2 ** Math.max(1, Math.ceil(Math.log2(Math.max(width, height))))
  const map = plasmaFractal(size, decay, random)
  const values = toUnit(image)
  const brightest = values.reduce((max, value) => Math.max(max, value), 0)
  const scale = brightest / (brightest + amount)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const haze = amount * (map[y * size + x] as number)
      for (let i = (y * width + x) * 3, end = i + 3; i < end; i++) values[i] = ((values[i] as number) + haze) * scale
    }
  }
  return fromUnit(image, values)
}
