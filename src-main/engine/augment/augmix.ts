// AugMix views as MEMO uses them (Hendrycks et al., ICLR 2020; Zhang et al., NeurIPS 2022): chains of simple operations on one image, mixed with it.
// On the host, one image at a time: bytes [height, width, 3]. Operations as Pillow's ImageOps and nearest-neighbour affine transforms.
import type { ViewRandom } from './random.ts'

export interface Bytes {
  readonly data: Uint8Array
  readonly height: number
  readonly width: number
}

/** Strength 1 of 10, as MEMO takes it: operations of strength s are drawn up to s / 10 of their range. */
const severity = 1

type Operation = (image: Bytes, random: ViewRandom) => Bytes

const level = (random: ViewRandom) => random.uniform(0.1, severity)
const asInt = (value: number, most: number) => Math.trunc((value * most) / 10)
const asFloat = (value: number, most: number) => (value * most) / 10
const signed = (value: number, random: ViewRandom) => (random.uniform(0, 1) > 0.5 ? -value : value)

function mapChannels(image: Bytes, tableOf: (histogram: Uint32Array) => ArrayLike<number>): Bytes {
  const data = new Uint8Array(image.data.length)
  for (let channel = 0; channel < 3; channel++) {
    const histogram = new Uint32Array(256)
    for (let i = channel; i < data.length; i += 3)
      histogram[image.data[i] as number] = (histogram[image.data[i] as number] as number) + 1
    const table = tableOf(histogram)
    for (let i = channel; i < data.length; i += 3) data[i] = table[image.data[i] as number] as number
  }
  return { ...image, data }
}

/** Stretches each channel so that its darkest value becomes 0 and its lightest 255. */
export function autoContrast(image: Bytes): Bytes {
  return mapChannels(image, (histogram) => {
    const low = histogram.findIndex((count) => count > 0)
    const high = histogram.findLastIndex((count) => count > 0)
    const scale = 255 / (high - low)
    return Array.from(histogram, (_, value) =>
      high <= low ? value : Math.min(255, Math.max(0, Math.trunc(value * scale - low * scale))),
    )
  })
}

/** Spreads each channel's values evenly. */
export function equalize(image: Bytes): Bytes {
  return mapChannels(image, (histogram) => {
    const used = [...histogram].filter((count) => count > 0)
    const step = Math.floor((used.reduce((sum, count) => sum + count, 0) - (used.at(-1) ?? 0)) / 255)
    if (used.length <= 1 || step === 0) return Array.from(histogram, (_, value) => value)
    let n = Math.floor(step / 2)
    return Array.from(histogram, (count) => {
      const value = Math.min(255, Math.floor(n / step))
      n += count
      return value
    })
  })
}

/** Keeps the `bits` upper bits. */
export function posterize(image: Bytes, bits: number): Bytes {
  const mask = 0xff & ~((1 << (8 - bits)) - 1)
  return { ...image, data: image.data.map((value) => value & mask) }
}

/** Inverts values from `threshold` on. */
export function solarize(image: Bytes, threshold: number): Bytes {
  return { ...image, data: image.data.map((value) => (value < threshold ? value : 255 - value)) }
}

/** Output (x, y) takes the input pixel in which (a x + b y + c, d x + e y + f) lies, pixel centres at half; outside is black. */
export function transform(
  image: Bytes,
  [a, b, c, d, e, f]: readonly [number, number, number, number, number, number],
): Bytes {
  const { height, width } = image
  const data = new Uint8Array(image.data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sx = Math.floor(a * (x + 0.5) + b * (y + 0.5) + c)
      const sy = Math.floor(d * (x + 0.5) + e * (y + 0.5) + f)
      if (sx < 0 || sy < 0 || sx >= width || sy >= height) continue
      const from = (sy * width + sx) * 3
      data.set(image.data.subarray(from, from + 3), (y * width + x) * 3)
    }
  }
  return { ...image, data }
}

/** Counter-clockwise about the centre. */
function rotate(image: Bytes, degrees: number): Bytes {
  const angle = (-degrees * Math.PI) / 180
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  const x = image.width / 2
  const y = image.height / 2
  return transform(image, [cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y])
}

const operations: readonly Operation[] = [
  autoContrast,
  equalize,
  (image, random) => posterize(image, 4 - asInt(level(random), 4)),
  (image, random) => rotate(image, signed(asInt(level(random), 30), random)),
  (image, random) => solarize(image, 256 - asInt(level(random), 256)),
  (image, random) => transform(image, [1, signed(asFloat(level(random), 0.3), random), 0, 0, 1, 0]),
  (image, random) => transform(image, [1, 0, 0, signed(asFloat(level(random), 0.3), random), 1, 0]),
  (image, random) => transform(image, [1, 0, signed(asInt(level(random), image.width / 3), random), 0, 1, 0]),
  (image, random) => transform(image, [1, 0, 0, 0, 1, signed(asInt(level(random), image.height / 3), random)]),
]

/** A random crop of the image with four black pixels around (an eighth of it, at 32), mirrored half of the time. */
function cropAndFlip(image: Bytes, random: ViewRandom): Bytes {
  const pad = Math.max(1, Math.round(image.width / 8))
  const dx = Math.floor(random.uniform(0, 2 * pad + 1)) - pad
  const dy = Math.floor(random.uniform(0, 2 * pad + 1)) - pad
  const mirror = random.uniform(0, 1) < 0.5
  return transform(image, mirror ? [-1, 0, image.width + dx, 0, 1, dy] : [1, 0, dx, 0, 1, dy])
}

/** -ln u: a Gamma(1) draw, of which Dirichlet(1, 1, 1) and Beta(1, 1) are made. */
const exponential = (random: ViewRandom) => -Math.log(1 - random.uniform(0, 1))

/** One view of the image, values 0..255 (not whole numbers: it is a mixture). */
export function augMix(image: Bytes, random: ViewRandom): Float32Array {
  const plain = cropAndFlip(image, random)
  const draws = [exponential(random), exponential(random), exponential(random)]
  const total = draws.reduce((sum, draw) => sum + draw, 0)
  const keep = random.uniform(0, 1) // Beta(1, 1)
  const mixed = new Float64Array(image.data.length)
  for (const draw of draws) {
    let chain = plain
    const depth = 1 + Math.floor(random.uniform(0, 3))
    for (let i = 0; i < depth; i++)
      chain = (operations[Math.floor(random.uniform(0, operations.length))] as Operation)(chain, random)
    for (let i = 0; i < mixed.length; i++) mixed[i] = (mixed[i] as number) + (draw / total) * (chain.data[i] as number)
  }
  return Float32Array.from(mixed, (value, i) => keep * (plain.data[i] as number) + (1 - keep) * value)
}
