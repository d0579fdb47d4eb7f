// Image files of every kind that is met in the wild against Pillow, and odd sizes against torchvision's Resize + CenterCrop (test/golden/pictures.py).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decodeImage, imageSize } from '#stream/images/decode.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { resizeAndCrop } from '#stream/images/resize.ts'
import { rgbImage, type RgbImage } from '#stream/images/rgb-image.ts'

interface Golden {
  readonly files: Record<string, { file: string; width: number; height: number; rgb: string }>
  readonly cuts: { seed: number; height: number; width: number; size: number; ratio: number; deflated: string }[]
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/pictures.json'), 'utf8')) as Golden
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))
const fileOf = (name: string) => bytes(golden.files[name]?.file ?? '')

function difference(a: Uint8Array, b: Uint8Array): { max: number; mean: number } {
  let max = 0
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs((a[i] as number) - (b[i] as number))
    max = Math.max(max, d)
    sum += d
  }
  return { max, mean: sum / a.length }
}

/** What may differ from Pillow, in grey levels. Nothing, but for: */
function tolerance(name: string): { max: number; mean: number } {
  // how subsampled colour is magnified (libjpeg's and the decoder's triangle filters round apart), on top of the next line;
  if (/^(422|420|progressive)\.jpg$/.test(name)) return { max: 4, mean: 0.4 }
  // the inverse DCT and the conversion from YCbCr or CMYK, each off by one at most where a value falls on a half;
  if (/\.jpg$|^jpeg\.tif$/.test(name)) return { max: 2, mean: 0.05 }
  // Pillow turns CMYK into RGB by whole numbers, and widens 5 bits to 8 by another rounding: one level either way.
  if (name === 'cmyk.tif' || name === '565.bmp') return { max: 1, mean: 0.5 }
  return { max: 0, mean: 0 }
}

describe('decodes as Pillow does', () => {
  for (const [name, { width, height, rgb }] of Object.entries(golden.files)) {
    test(name, async () => {
      expect(imageSize(fileOf(name), name)).toEqual({ width, height })
      const image = await decodeImage(fileOf(name), name)
      expect([image.width, image.height]).toEqual([width, height])
      const { max, mean } = difference(image.data, bytes(rgb))
      expect(max).toBeLessThanOrEqual(tolerance(name).max)
      expect(mean).toBeLessThanOrEqual(tolerance(name).mean)
    })
  }
})

describe('an orientation that is nonsense counts as upright', () => {
  for (const name of ['orientation-6.png', 'orientation-6.webp']) {
    test(name, async () => {
      const file = fileOf(name)
      const at = Buffer.from(file).indexOf(Buffer.from([0x12, 0x01, 0x03, 0x00]))
      const tag =
        at >= 0 ? { value: at + 8 } : { value: Buffer.from(file).indexOf(Buffer.from([0x01, 0x12, 0x00, 0x03])) + 9 }
      expect(file[tag.value]).toBe(6)
      file[tag.value] = 99
      if (name.endsWith('.png')) fixChecksum(file)
      expect(imageSize(file, name)).toEqual({ width: 27, height: 19 })
    })
  }
})

function fixChecksum(file: Uint8Array): void {
  const buffer = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const at = buffer.indexOf('eXIf')
  const length = buffer.readUInt32BE(at - 4)
  buffer.writeUInt32BE(crc32(buffer.subarray(at, at + 4 + length)), at + 4 + length)
}

describe('what declares more than 100 million pixels is refused before it is decoded', () => {
  const chunk = (kind: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(kind), data])
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    checksum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, checksum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(20_000, 0)
  header.writeUInt32BE(20_000, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const jpeg = Buffer.from(fileOf('444.jpg'))
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5
  jpeg.writeUInt16BE(20_000, frame)
  jpeg.writeUInt16BE(20_000, frame + 2)
  const gif = Buffer.from(fileOf('plain.gif'))
  gif.writeUInt16LE(20_000, 6)
  gif.writeUInt16LE(20_000, 8)
  const bmp = Buffer.from(fileOf('rgb.bmp'))
  bmp.writeInt32LE(20_000, 18)
  bmp.writeInt32LE(20_000, 22)
  const bombs: Record<string, Uint8Array> = {
    'bomb.png': Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(new Uint8Array(1000))),
      chunk('IEND', new Uint8Array(0)),
    ]),
    'bomb.jpg': jpeg,
    'bomb.gif': gif,
    'bomb.bmp': bmp,
  }
  for (const [name, file] of Object.entries(bombs)) {
    test(name, async () => {
      await expect(decodeImage(file, name)).rejects.toThrow(
        `${name} is not a usable image: it declares 20000 x 20000 pixels, more than 100 million.`,
      )
    })
  }
})

/** The same picture as `drawn` in pictures.py. */
function drawn(seed: number, height: number, width: number): RgbImage {
  const noise = new NumpyRandom(seed).uniforms(height * width * 3, 0, 1)
  const image = rgbImage(width, height)
  for (let i = 0; i < noise.length; i++) {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3]
    const value = Math.abs(((3 * x + 5 * y + 40 * c) % 511) - 255) + Math.floor((noise[i] as number) * 50) - 25
    image.data[i] = Math.min(255, Math.max(0, value))
  }
  return image
}

describe('scales and cuts bit for bit as torchvision’s Resize and CenterCrop do on Pillow images', () => {
  for (const { seed, height, width, size, ratio, deflated } of golden.cuts) {
    test(`${width} x ${height} to ${size}, short side ${Math.round(size * ratio)}`, () => {
      const image = resizeAndCrop(drawn(seed, height, width), size, ratio)
      expect([image.width, image.height]).toEqual([size, size])
      expect(difference(image.data, inflateSync(bytes(deflated)))).toEqual({ max: 0, mean: 0 })
    })
  }

  test('a sliver of 20,000 x 2 costs only what is cut out of it', () => {
    const image = resizeAndCrop(rgbImage(20_000, 2), 224, 256 / 224)
    expect([image.width, image.height]).toEqual([224, 224])
  })
})

describe('decoded, scaled and cut', () => {
  // The bound of the whole path, decoder included: one grey level of mean absolute difference from Pillow and torchvision.
  for (const name of [
    '420.jpg',
    '422.jpg',
    'progressive.jpg',
    'cmyk-adobe.jpg',
    'orientation-6.jpg',
    'cmyk.tif',
    'lossy.webp',
  ]) {
    test(`${name} stays within a grey level`, async () => {
      const { width, height, rgb } = golden.files[name] as Golden['files'][string]
      const ours = resizeAndCrop(await decodeImage(fileOf(name), name), 16, 256 / 224)
      const theirs = resizeAndCrop(rgbImage(width, height, bytes(rgb)), 16, 256 / 224)
      expect(difference(ours.data, theirs.data).mean).toBeLessThan(1)
    })
  }
})
