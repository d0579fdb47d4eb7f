// Decoding and scaling against Pillow and torchvision (test/golden/make.py).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeImage } from '#stream/images/decode.ts'
import { resizeAndCrop } from '#stream/images/resize.ts'

interface Golden {
  readonly files: Record<string, { file: string; width: number; height: number; rgb: string }>
  readonly resized: { height: number; width: number; size: number; pixels: string; expected: string }[]
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/images.json'), 'utf8')) as Golden
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))

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

describe('decodes as Pillow does', () => {
  for (const [name, { file, width, height, rgb }] of Object.entries(golden.files)) {
    test(name, async () => {
      const image = await decodeImage(bytes(file), name)
      expect([image.width, image.height]).toEqual([width, height])
      const { max, mean } = difference(image.data, bytes(rgb))
      // JPEG decoders differ by a grey level in the inverse DCT, and in how they magnify subsampled colour (visible at single edge pixels).
      const lossy = name.endsWith('.jpg')
      expect(max).toBeLessThanOrEqual(name === 'grey.jpg' ? 1 : lossy ? 10 : 0)
      expect(mean).toBeLessThanOrEqual(lossy ? 0.5 : 0)
    })
  }
})

describe('reads and refuses what Pillow reads and refuses', () => {
  const odd = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/odd-pictures.json'), 'utf8')) as Record<
    string,
    { file: string; width: number; height: number; rgb: string | null }
  >
  for (const [name, { file, width, height, rgb }] of Object.entries(odd)) {
    test(name, async () => {
      if (rgb === null) {
        await expect(decodeImage(bytes(file), name)).rejects.toThrow(/cut short|damaged|cannot be decoded|Decode/)
        return
      }
      const image = await decodeImage(bytes(file), name)
      expect([image.width, image.height]).toEqual([width, height])
      const { max, mean } = difference(image.data, bytes(rgb))
      const lossy = /\.(jpg|avif)$/.test(name)
      expect(max).toBeLessThanOrEqual(lossy ? 10 : 0)
      expect(mean).toBeLessThanOrEqual(lossy ? 0.5 : 0)
    })
  }
})

describe('scales and cuts as torchvision’s Resize and CenterCrop do', () => {
  for (const { height, width, size, pixels, expected } of golden.resized) {
    test(`${width} x ${height} to ${size}`, () => {
      const image = resizeAndCrop({ width, height, data: bytes(pixels) }, size)
      expect([image.width, image.height]).toEqual([size, size])
      const { max, mean } = difference(image.data, bytes(expected))
      expect(max).toBeLessThanOrEqual(1)
      expect(mean).toBeLessThan(0.05) // rounding, where a weighted mean ends on a half
    })
  }
})
