// Colour changes of an image batch in [0, 1], NHWC, as torchvision defines them for tensors: each blends with black, the image's mean
// grey or its grey version and clamps to [0, 1]; hue turns the hue circle; gamma is a power. What is drawn comes as tensors: a view's numbers go to the
// device together.
import type { Device, DeviceTensor, HostValues } from '#engine/compute/device.ts'

const greyWeights = [0.2989, 0.587, 0.114] as const // torchvision's rgb_to_grayscale
const pointwise = { stride: 1, padding: { top: 0, bottom: 0, left: 0, right: 0 } } as const

/** `share` of the grey in every channel, as a 1x1 convolution [1, 1, 3, 3]; `own` of the channel itself beside it. */
const greyKernel = (share: number, own: number): HostValues => ({
  shape: [1, 1, 3, 3],
  data: Float32Array.from({ length: 9 }, (_, i) => {
    const [from, to] = [Math.floor(i / 3), i % 3]
    return share * (greyWeights[from] as number) + (from === to ? own : 0)
  }),
})

const one = (value: number): HostValues => ({ shape: [1], data: Float32Array.of(value) })

/** What the changes take, in the order of `colourChanges`. */
export const colourNumbers = (view: {
  readonly brightness: number
  readonly contrast: number
  readonly saturation: number
  readonly hue: number
  readonly gamma: number
}): readonly (readonly HostValues[])[] => [
  [one(view.brightness)],
  [one(view.contrast), greyKernel(1 - view.contrast, 0)],
  [greyKernel(1 - view.saturation, view.saturation)],
  [{ shape: [3], data: Float32Array.of(view.hue, 0, 0) }],
  [one(view.gamma)],
]

type Change = (device: Device, x: DeviceTensor, numbers: readonly DeviceTensor[]) => DeviceTensor

/** clip(x), which is taken */
function clamped(device: Device, x: DeviceTensor): DeviceTensor {
  const result = device.clip(x, 0, 1)
  x.dispose()
  return result
}

const brightness: Change = (device, x, [factor]) => clamped(device, device.mul(x, factor as DeviceTensor))

/** factor x + (1 - factor) grey of the image's mean colour, which is the mean of its grey. */
const contrast: Change = (device, x, [factor, kernel]) => {
  const mean = device.mean(x, [1, 2], true)
  const grey = device.conv2d(mean, kernel as DeviceTensor, pointwise)
  const scaled = device.mul(x, factor as DeviceTensor)
  const sum = device.add(scaled, grey)
  for (const tensor of [mean, grey, scaled]) tensor.dispose()
  return clamped(device, sum)
}

/** factor x + (1 - factor) grey of each pixel. */
const saturation: Change = (device, x, [kernel]) => clamped(device, device.conv2d(x, kernel as DeviceTensor, pointwise))

/** Turns the hue by a share of its circle; saturation and value are below 2. */
const hue: Change = (device, x, [offset]) => {
  const hsv = device.rgbToHsv(x)
  const turned = device.add(hsv, offset as DeviceTensor)
  const wrapped = device.modulo(turned, device.constant([1, 2, 2], [3]))
  const result = device.hsvToRgb(wrapped)
  for (const tensor of [hsv, turned, wrapped]) tensor.dispose()
  return result
}

const gamma: Change = (device, x, [exponent]) => {
  const safe = device.clip(x, 1e-8, 1)
  const result = device.pow(safe, exponent as DeviceTensor)
  safe.dispose()
  return result
}

export const colourChanges: readonly Change[] = [brightness, contrast, saturation, hue, gamma]
