// AdaContrast's views (Chen et al., CVPR 2022, as the benchmark has them for small images), drawn for each image by itself, on the host: `weak` is a
// random crop and a flip; `strong` adds colour jitter, grey, blur. Values 0..255 in, [0, 1] out.
import type { ViewRandom } from './random.ts'

/** Luma weights of ITU-R 601, as torchvision's. */
const red = 0.2989
const green = 0.587
const blue = 0.114

/** Each image of [n, height, width, 3] through `change`. */
function perImage(
  bytes: Float32Array,
  height: number,
  width: number,
  change: (image: Float64Array) => Float64Array,
): Float32Array {
  const size = height * width * 3
  const out = new Float32Array(bytes.length)
  for (let at = 0; at < bytes.length; at += size)
    out.set(change(Float64Array.from(bytes.subarray(at, at + size), (value) => value / 255)), at)
  return out
}

export function weakViews(bytes: Float32Array, height: number, width: number, random: ViewRandom): Float32Array {
  return perImage(bytes, height, width, (image) => {
    const pad = Math.max(1, Math.round(width / 8))
    const dx = Math.floor(random.uniform(0, 2 * pad + 1)) - pad
    const dy = Math.floor(random.uniform(0, 2 * pad + 1)) - pad
    return shifted(image, height, width, dx, dy, random.uniform(0, 1) < 0.5)
  })
}

export function strongViews(bytes: Float32Array, height: number, width: number, random: ViewRandom): Float32Array {
  return perImage(bytes, height, width, (image) => {
    let view = image
    if (random.uniform(0, 1) < 0.8) view = jittered(view, random)
    if (random.uniform(0, 1) < 0.2) view = blended(view, grey(view), 0)
    if (random.uniform(0, 1) < 0.5) view = blurred(view, height, width, random.uniform(0.1, 2))
    return random.uniform(0, 1) < 0.5 ? shifted(view, height, width, 0, 0, true) : view
  })
}

/** Moved by whole pixels, edge pixels going on, and perhaps mirrored. */
function shifted(
  image: Float64Array,
  height: number,
  width: number,
  dx: number,
  dy: number,
  mirror: boolean,
): Float64Array {
  const out = new Float64Array(image.length)
  const within = (v: number, size: number) => Math.min(size - 1, Math.max(0, v))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (within(y + dy, height) * width + within((mirror ? width - 1 - x : x) + dx, width)) * 3
      const to = (y * width + x) * 3
      for (let c = 0; c < 3; c++) out[to + c] = image[from + c] as number
    }
  }
  return out
}

function grey(image: Float64Array): Float64Array {
  const out = new Float64Array(image.length)
  for (let i = 0; i < image.length; i += 3)
    out.fill(red * (image[i] as number) + green * (image[i + 1] as number) + blue * (image[i + 2] as number), i, i + 3)
  return out
}

/** factor * image + (1 - factor) * other, cut to [0, 1]. */
function blended(image: Float64Array, other: Float64Array | number, factor: number): Float64Array {
  return image.map((value, i) =>
    Math.min(
      1,
      Math.max(0, factor * value + (1 - factor) * (typeof other === 'number' ? other : (other[i] as number))),
    ),
  )
}

/** Brightness, contrast and saturation by 0.6 to 1.4, hue by -0.1 to 0.1 of a turn, in random order. */
function jittered(image: Float64Array, random: ViewRandom): Float64Array {
  const factor = () => random.uniform(0.6, 1.4)
  const [brightness, contrast, saturation, hue] = [factor(), factor(), factor(), random.uniform(-0.1, 0.1)]
  let view = image
  for (const which of random.order(4)) {
    if (which === 0) view = blended(view, 0, brightness)
    else if (which === 1)
      view = blended(view, grey(view).reduce((sum, value) => sum + value, 0) / view.length, contrast)
    else if (which === 2) view = blended(view, grey(view), saturation)
    else view = turned(view, hue)
  }
  return view
}

/** The hue turned by a share of a full turn. */
function turned(image: Float64Array, turn: number): Float64Array {
  const out = new Float64Array(image.length)
  for (let i = 0; i < image.length; i += 3) {
    const [r, g, b] = [image[i] as number, image[i + 1] as number, image[i + 2] as number]
    const most = Math.max(r, g, b)
    const range = most - Math.min(r, g, b)
    let h = 0
    if (range > 0) h = most === r ? (g - b) / range : most === g ? 2 + (b - r) / range : 4 + (r - g) / range
    const position = ((((h / 6 + turn) % 1) + 1) % 1) * 6
    for (const [c, n] of [5, 3, 1].entries()) {
      const k = (n + position) % 6
      out[i + c] = most - range * Math.max(0, Math.min(k, 4 - k, 1))
    }
  }
  return out
}

/** Gaussian, cut at three sigma, mirrored at the edge. */
function blurred(image: Float64Array, height: number, width: number, sigma: number): Float64Array {
  const radius = Math.max(1, Math.ceil(3 * sigma))
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mirrored = (v: number, size: number) => {
    let at = v
    while (at < 0 || at >= size) at = at < 0 ? -at : 2 * (size - 1) - at
    return size === 1 ? 0 : at
  }
  const along = (from: Float64Array, horizontal: boolean) => {
    const out = new Float64Array(from.length)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < 3; c++) {
          let sum = 0
          for (const [i, weight] of weights.entries()) {
            const at = horizontal
              ? y * width + mirrored(x + i - radius, width)
              : mirrored(y + i - radius, height) * width + x
            sum += weight * (from[at * 3 + c] as number)
          }
          out[(y * width + x) * 3 + c] = sum / total
        }
      }
    }
    return out
  }
  return along(along(image, true), false)
}
