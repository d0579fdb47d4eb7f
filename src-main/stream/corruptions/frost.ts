// Frost: the image mixed with a crop of an ice texture. The original's photographs are not ours to ship, so the textures are made here:
// branching bright ridges over a soft blue-grey ground, five of them, seeded, with the brightness and contrast of the originals' effect.
// Agrees with the original in kind and strength, not pixel by pixel. Settings: shares of image and texture.
import { NumpyRandom } from '#stream/images/random.ts'
import { settingOf, type Corruption, type Settings } from './corruption.ts'

const settings: Settings<readonly [image: number, frost: number]> = {
  cifar: [
    [1, 0.2],
    [1, 0.3],
    [0.9, 0.4],
    [0.85, 0.4],
    [0.75, 0.45],
  ],
  tiny: [
    [1, 0.3],
    [0.9, 0.4],
    [0.8, 0.45],
    [0.75, 0.5],
    [0.7, 0.55],
  ],
  imagenet: [
    [1, 0.4],
    [0.8, 0.6],
    [0.7, 0.7],
    [0.65, 0.7],
    [0.6, 0.75],
  ],
}

/** The originals are photographs of about this size, scaled down for the small families. */
const textureScale = { cifar: 0.2, tiny: 0.3, imagenet: 1 } as const
const photographWidth = 1000
const photographHeight = 700
const kinds = 5

interface Texture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

const textures = new Map<string, Texture>()

function textureOf(kind: number, scale: number, atLeastWidth: number, atLeastHeight: number): Texture {
  const width = Math.max(Math.round(photographWidth * scale), atLeastWidth + 1)
  const height = Math.max(Math.round(photographHeight * scale), atLeastHeight + 1)
  const key = `${kind} ${scale} ${width} ${height}`
  let texture = textures.get(key)
  if (!texture) {
    texture = makeTexture(kind, scale, width, height)
    if (textures.size >= 10) textures.clear()
    textures.set(key, texture)
  }
  return texture
}

/** Smooth noise in 0..1 on a lattice of `cell` pixels. */
function latticeNoise(
  random: NumpyRandom,
  width: number,
  height: number,
  cell: number,
): (x: number, y: number) => number {
  const columns = Math.ceil(width / cell) + 2
  const rows = Math.ceil(height / cell) + 2
  const lattice = Float64Array.from({ length: columns * rows }, () => random.random())
  const ease = (t: number) => t * t * (3 - 2 * t)
  return (x, y) => {
    const gx = Math.min(columns - 2, Math.max(0, x / cell))
    const gy = Math.min(rows - 2, Math.max(0, y / cell))
    const i = Math.floor(gy) * columns + Math.floor(gx)
    const fx = ease(gx - Math.floor(gx))
    const fy = ease(gy - Math.floor(gy))
    const above = (1 - fx) * (lattice[i] as number) + fx * (lattice[i + 1] as number)
    const below = (1 - fx) * (lattice[i + columns] as number) + fx * (lattice[i + columns + 1] as number)
    return (1 - fy) * above + fy * below
  }
}

function makeTexture(kind: number, scale: number, width: number, height: number): Texture {
  const random = new NumpyRandom(7_000 + kind)
  const ground = latticeNoise(random, width, height, 180 * scale)
  const bend = latticeNoise(random, width, height, 60 * scale)
  const ridges = [90, 36, 14, 6].map((cell) => latticeNoise(random, width, height, Math.max(1, cell * scale)))
  const weights = [0.34, 0.28, 0.22, 0.16]
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const warp = 40 * scale * (bend(x, y) - 0.5)
      let crystal = 0
      for (const [i, ridge] of ridges.entries()) {
        const sharp = 1 - Math.abs(2 * ridge(x + warp, y - warp) - 1)
        crystal += (weights[i] as number) * sharp ** 3
      }
      const light = 72 + 150 * ground(x, y) ** 1.5 + 190 * crystal * (0.35 + 0.65 * ground(y % width, x % height))
      const at = (y * width + x) * 3
      data[at] = Math.min(255, light * 0.86)
      data[at + 1] = Math.min(255, light * 0.98)
      data[at + 2] = Math.min(255, light * 1.06)
    }
  }
  return { width, height, data }
}

export const frost: Corruption = (image, severity, family, random) => {
  const [own, ice] = settingOf(settings, family, severity)
  const { width, height } = image
  const texture = textureOf(random.randint(0, kinds), textureScale[family], width, height)
  const top = random.randint(0, texture.height - height)
  const left = random.randint(0, texture.width - width)
  const data = new Uint8Array(image.data.length)
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * texture.width + left) * 3
    const to = y * width * 3
    for (let i = 0; i < width * 3; i++) {
      const value = own * (image.data[to + i] as number) + ice * (texture.data[from + i] as number)
      data[to + i] = value >= 255 ? 255 : value
    }
  }
  return { width, height, data }
}
