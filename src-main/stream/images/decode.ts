// Bytes of a JPEG, PNG, WebP or BMP file -> RGB pixels. The declared size is read before anything is decoded, so that a small file
// cannot demand gigabytes. Alpha is dropped, grey becomes three equal channels, EXIF orientation is applied.
import { Transformer } from '@napi-rs/image'
import { PalmError } from '../../contract/errors.ts'
import { rgbImage, type RgbImage } from './rgb-image.ts'

export const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.bmp'] as const
const maxPixels = 100_000_000

const fail = (name: string, reason: string) => new PalmError('input-unreadable', `${name} is not a usable image: ${reason}.`)

/** The kind of image by its first bytes; null for anything else. */
export function sniffImage(bytes: Uint8Array): 'jpeg' | 'png' | 'webp' | 'bmp' | null {
  const ascii = (from: number, text: string) => [...text].every((ch, i) => bytes[from + i] === ch.charCodeAt(0))
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg'
  if (bytes[0] === 0x89 && ascii(1, 'PNG')) return 'png'
  if (ascii(0, 'RIFF') && ascii(8, 'WEBP')) return 'webp'
  if (ascii(0, 'BM')) return 'bmp'
  return null
}

/** Declared width and height, without decoding. @throws PalmError `input-unreadable` naming the file. */
export async function imageSize(bytes: Uint8Array, name: string): Promise<{ width: number; height: number; orientation: number }> {
  if (!sniffImage(bytes)) throw fail(name, 'it is no JPEG, PNG, WebP or BMP file')
  try {
    const { width, height, orientation } = await new Transformer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).metadata(true)
    return orientation !== undefined && orientation >= 5 ? { width: height, height: width, orientation } : { width, height, orientation: orientation ?? 1 }
  } catch (cause) {
    throw fail(name, cause instanceof Error ? cause.message : 'its header cannot be read')
  }
}

/** @throws PalmError `input-unreadable` naming the file and what is wrong with it. */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<RgbImage> {
  const { width, height, orientation } = await imageSize(bytes, name)
  if (width < 1 || height < 1) throw fail(name, 'it has no pixels')
  if (width * height > maxPixels) throw fail(name, `it declares ${width} x ${height} pixels, more than ${maxPixels / 1e6} million`)
  let raw: Uint8Array
  try {
    const transformer = new Transformer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    raw = await (orientation > 1 ? transformer.rotate() : transformer).rawPixels()
  } catch (cause) {
    throw fail(name, cause instanceof Error ? cause.message : 'it cannot be decoded')
  }
  return toRgb(raw, width, height, name)
}

/** The decoder gives 1 to 4 channels of 8 or 16 bits; which, shows in the number of bytes. 16 bits keep their upper byte. */
function toRgb(raw: Uint8Array, width: number, height: number, name: string): RgbImage {
  const pixels = width * height
  const perPixel = raw.length / pixels
  if (perPixel === 3) return rgbImage(width, height, new Uint8Array(raw))
  const layouts: Readonly<Record<number, readonly [number, number, number]>> = { 1: [0, 0, 0], 2: [0, 0, 0], 4: [0, 1, 2], 6: [1, 3, 5], 8: [1, 3, 5] }
  const layout = layouts[perPixel]
  if (!layout) throw fail(name, `its pixel format (${perPixel} bytes a pixel) is not supported`)
  const image = rgbImage(width, height)
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) image.data[3 * i + c] = raw[i * perPixel + (layout[c] as number)] as number
  }
  return image
}
