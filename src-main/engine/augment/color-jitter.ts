// Colour changes of an image batch in [0, 1], NHWC, as torchvision defines them for tensors: each blends with black, the image's mean
// grey or its grey version and clamps to [0, 1]; hue turns the hue circle; gamma is a power.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

const greyWeights = [0.2989, 0.587, 0.114] as const // torchvision's rgb_to_grayscale

function grey(device: Device, x: DeviceTensor): DeviceTensor {
  const weights = device.fromArray(Float32Array.from(greyWeights), [3, 1])
  const [n = 0, h = 0, w = 0] = x.shape
  const flat = device.reshape(x, [n * h * w, 3])
  const product = device.matMul(flat, weights)
  const result = device.reshape(product, [n, h, w, 1])
  for (const tensor of [weights, flat, product]) tensor.dispose()
  return result
}

/** clamp(factor x + (1 - factor) other) */
function blend(device: Device, x: DeviceTensor, other: DeviceTensor, factor: number): DeviceTensor {
  const a = device.scale(x, factor)
  const b = device.scale(other, 1 - factor)
  const sum = device.add(a, b)
  const result = device.clip(sum, 0, 1)
  for (const tensor of [a, b, sum]) tensor.dispose()
  return result
}

export function adjustBrightness(device: Device, x: DeviceTensor, factor: number): DeviceTensor {
  const scaled = device.scale(x, factor)
  const result = device.clip(scaled, 0, 1)
  scaled.dispose()
  return result
}

export function adjustContrast(device: Device, x: DeviceTensor, factor: number): DeviceTensor {
  const g = grey(device, x)
  const mean = device.mean(g, [1, 2, 3], true)
  const result = blend(device, x, mean, factor)
  g.dispose()
  mean.dispose()
  return result
}

export function adjustSaturation(device: Device, x: DeviceTensor, factor: number): DeviceTensor {
  const g = grey(device, x)
  const result = blend(device, x, g, factor)
  g.dispose()
  return result
}

/** `shift` is a share of the hue circle, in [-0.5, 0.5]. */
export function adjustHue(device: Device, x: DeviceTensor, shift: number): DeviceTensor {
  const hsv = device.rgbToHsv(x)
  const offset = device.fromArray(Float32Array.of(shift, 0, 0), [3])
  const turned = device.add(hsv, offset)
  const hue = device.slice(turned, [0, 0, 0, 0], [...x.shape.slice(0, 3), 1])
  const wrapped = device.fraction(hue)
  const rest = device.slice(hsv, [0, 0, 0, 1], [...x.shape.slice(0, 3), 2])
  const joined = device.concat([wrapped, rest], 3)
  const result = device.hsvToRgb(joined)
  for (const tensor of [hsv, offset, turned, hue, wrapped, rest, joined]) tensor.dispose()
  return result
}

export function adjustGamma(device: Device, x: DeviceTensor, gamma: number): DeviceTensor {
  const safe = device.clip(x, 1e-8, 1)
  const exponent = device.fromArray(Float32Array.of(gamma), [])
  const result = device.pow(safe, exponent)
  safe.dispose()
  exponent.dispose()
  return result
}
