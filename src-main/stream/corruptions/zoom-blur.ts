// Zoom blur: the mean of the image and of ever larger magnifications of its middle. Settings: end and step of the zoom factors.
import { fromUnit, settingOf, type Corruption, type Settings } from './corruption.ts'
import { clippedZoom } from './filters/zoom.ts'

const mild: readonly [
  readonly [number, number],
  readonly [number, number],
  readonly [number, number],
  readonly [number, number],
  readonly [number, number],
] = [
  [1.06, 0.01],
  [1.11, 0.01],
  [1.16, 0.01],
  [1.21, 0.01],
  [1.26, 0.01],
]
const settings: Settings<readonly [stop: number, step: number]> = {
  cifar: mild,
  tiny: mild,
  imagenet: [
    [1.11, 0.01],
    [1.16, 0.01],
    [1.21, 0.02],
    [1.26, 0.02],
    [1.31, 0.03],
  ],
}

export const zoomBlur: Corruption = (image, severity, family) => {
  const [stop, step] = settingOf(settings, family, severity)
  const { width, height } = image
  const values = Float32Array.from(image.data, (v) => v / 255)
  const sum = new Float32Array(values.length)
  const count = Math.ceil((stop - 1) / step) // NumPy's arange, rounding of the division included
  const delta = 1 + step - 1
  for (let i = 0; i < count; i++) {
    const zoomed = clippedZoom(values, height, width, 3, 1 + i * delta, (length) => new Float32Array(length))
    for (let j = 0; j < sum.length; j++) sum[j] = (sum[j] as number) + (zoomed[j] as number)
  }
  return fromUnit(
    image,
    values.map((v, i) => Math.fround(Math.fround(v + (sum[i] as number)) / (count + 1))),
  )
}
