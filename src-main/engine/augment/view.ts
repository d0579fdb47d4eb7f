// The augmented view of a batch that PALM's consistency term compares with (section 3.4; the transform of CoTTA, Wang et al., CVPR 2022):
// colour jitter in random order, a small rotation, shift and zoom over edge-padded images, a slight blur, a flip, a little noise.
// One set of random parameters serves the whole batch, as in the published code; only the noise differs per pixel.
import type { Device, DeviceTensor, HostValues } from '#engine/compute/device.ts'
import { colourChanges, colourNumbers } from './color-jitter.ts'
import type { ViewRandom } from './random.ts'

/** The random parameters of one view. Lengths in pixels, angles in degrees. */
export interface ViewParameters {
  readonly order: readonly number[] // of brightness, contrast, saturation, hue, gamma
  readonly brightness: number
  readonly contrast: number
  readonly saturation: number
  readonly hue: number
  readonly gamma: number
  readonly angle: number
  readonly shiftX: number
  readonly shiftY: number
  readonly zoom: number
  readonly blurSigma: number
  readonly flip: boolean
  readonly noiseSeed: readonly [number, number]
}

const noiseStd = 0.005

/**
 * Draws in a fixed order, so that a seed gives the same views everywhere. The published transform pads the image to twice its size
 * before it shifts by up to 1/16 of that, rounded: up to an eighth of the image's own size.
 */
export function drawView(random: ViewRandom, height: number, width: number): ViewParameters {
  return {
    order: random.order(5),
    brightness: random.uniform(0.6, 1.4),
    contrast: random.uniform(0.7, 1.3),
    saturation: random.uniform(0.5, 1.5),
    hue: random.uniform(-0.06, 0.06),
    gamma: random.uniform(0.7, 1.3),
    angle: random.uniform(-15, 15),
    shiftX: Math.round(random.uniform(-width / 8, width / 8)),
    shiftY: Math.round(random.uniform(-height / 8, height / 8)),
    zoom: random.uniform(0.9, 1.1),
    blurSigma: random.uniform(0.001, 0.5),
    flip: random.uniform(0, 1) < 0.5,
    noiseSeed: [random.uint32() | 0, random.uint32() | 0],
  }
}

const blurSize = 5
const blurMargin = (blurSize - 1) / 2

/** x: [N, H, W, 3] in [0, 1], stays the caller's. The view has the same shape and range. */
export function applyView(device: Device, x: DeviceTensor, view: ViewParameters): DeviceTensor {
  const [, height = 0, width = 0] = x.shape
  const { jittered, numbers } = jitter(device, x, view, [
    transform(sourceOf(view, height, width, blurMargin)),
    { data: blurKernel(view.blurSigma), shape: [blurSize, blurSize, 3, 1] },
    { data: Int32Array.from(view.noiseSeed), shape: [2] },
  ])
  const [source, kernel, seed] = numbers as [DeviceTensor, DeviceTensor, DeviceTensor]
  const moved = device.affine(jittered, source, height + 2 * blurMargin, width + 2 * blurMargin)
  const blurred = device.depthwiseConv2d(moved, kernel)
  const normal = device.randomNormal(blurred.shape, seed)
  const noise = device.scale(normal, noiseStd)
  const noisy = device.add(blurred, noise)
  const result = device.clip(noisy, 0, 1)
  if (jittered !== x) jittered.dispose()
  for (const tensor of [moved, blurred, normal, noise, noisy, ...numbers]) tensor.dispose()
  return result
}

/** ROID's view: the same without blur and noise, and the image goes on mirrored beyond its edge. */
export function applyPlainView(device: Device, x: DeviceTensor, view: ViewParameters): DeviceTensor {
  const [, height = 0, width = 0] = x.shape
  const above = Math.floor(height / 2)
  const left = Math.floor(width / 2)
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = sourceOf(view, height, width, 0)
  const { jittered, numbers } = jitter(device, x, view, [transform([a, b, c + left, d, e, f + above])])
  const wide = device.pad(
    jittered,
    [
      [0, 0],
      [above, above],
      [left, left],
      [0, 0],
    ],
    'reflect',
  )
  const moved = device.affine(wide, numbers[0] as DeviceTensor, height, width)
  const result = device.clip(moved, 0, 1)
  if (jittered !== x) jittered.dispose()
  for (const tensor of [wide, moved, ...numbers]) tensor.dispose()
  return result
}

const transform = (numbers: readonly number[]): HostValues => ({
  data: Float32Array.of(...numbers, 0, 0),
  shape: [1, 8],
})

/** The colours changed in the view's order; what else it takes comes along in the same upload, and is the caller's. */
function jitter(
  device: Device,
  x: DeviceTensor,
  view: ViewParameters,
  others: readonly HostValues[],
): { jittered: DeviceTensor; numbers: DeviceTensor[] } {
  const ofChanges = colourNumbers(view)
  const uploaded = device.fromArrays([...ofChanges.flat(), ...others])
  const owned = ofChanges.map(({ length }) => uploaded.splice(0, length))
  let current = x
  for (const index of view.order) {
    const next = colourChanges[index]?.(device, current, owned[index] ?? [])
    if (!next) continue
    if (current !== x) current.dispose()
    current = next
  }
  for (const tensor of owned.flat()) tensor.dispose()
  return { jittered: current, numbers: uploaded }
}

/**
 * Where an output pixel (with the blur's margin around the image) comes from: torchvision's inverse affine matrix about the image's
 * centre, the final flip folded in (the blur is symmetric). Padding by edge pixels is sampling beyond the edge: for images of at
 * least 14 pixels nothing outside that padding is ever reached.
 */
function sourceOf(view: ViewParameters, height: number, width: number, margin: number): number[] {
  const angle = (view.angle * Math.PI) / 180
  const cos = Math.cos(angle) / view.zoom
  const sin = Math.sin(angle) / view.zoom
  const mirror = view.flip ? -1 : 1
  const centreX = (width - 1) / 2 + margin
  const centreY = (height - 1) / 2 + margin
  const constantX = -view.shiftX * cos - view.shiftY * sin
  const constantY = view.shiftX * sin - view.shiftY * cos
  return [
    cos * mirror,
    sin,
    (width - 1) / 2 + constantX - cos * mirror * centreX - sin * centreY,
    -sin * mirror,
    cos,
    (height - 1) / 2 + constantY + sin * mirror * centreX - cos * centreY,
  ]
}

function blurKernel(sigma: number): Float32Array {
  const weights = Array.from({ length: blurSize }, (_, i) => Math.exp(-0.5 * ((i - blurMargin) / sigma) ** 2))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const kernel = new Float32Array(blurSize * blurSize * 3)
  for (let i = 0; i < blurSize; i++) {
    for (let j = 0; j < blurSize; j++) {
      kernel.fill(
        ((weights[i] as number) * (weights[j] as number)) / total ** 2,
        (i * blurSize + j) * 3,
        (i * blurSize + j) * 3 + 3,
      )
    }
  }
  return kernel
}
