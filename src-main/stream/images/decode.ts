// Bytes of a JPEG, PNG, WebP, BMP, GIF or TIFF file -> RGB pixels. The declared size is read before anything is decoded, so that a small file
// cannot demand gigabytes. As torchvision's loader does (Pillow's convert('RGB')): alpha is dropped, grey becomes three equal channels, CMYK is
// converted, an animation gives its first frame; beyond it, EXIF orientation is applied, and 16-bit values keep their upper byte (Pillow clips grey ones).
import { Transformer } from '@napi-rs/image'
import { GifReader } from 'omggif'
import { PalmError } from '../../contract/errors.ts'
import { drawFrame } from './gif-frame.ts'
import { jpegSize } from './jpeg-size.ts'
import { hasBrokenPalette } from './png-palette.ts'
import { rgbImage, type RgbImage } from './rgb-image.ts'

export const imageExtensions = ['.jpg', '.jpeg', '.png', '.webp', '.bmp', '.gif', '.tif', '.tiff'] as const
const maxPixels = 100_000_000

const fail = (name: string, reason: string) => new PalmError('input-unreadable', `${name} is not a usable image: ${reason}.`)

/** The kind of image by its first bytes; null for anything else. */
export function sniffImage(bytes: Uint8Array): 'jpeg' | 'png' | 'webp' | 'bmp' | 'gif' | 'tiff' | null {
  const ascii = (from: number, text: string) => [...text].every((ch, i) => bytes[from + i] === ch.charCodeAt(0))
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg'
  if (bytes[0] === 0x89 && ascii(1, 'PNG')) return 'png'
  if (ascii(0, 'RIFF') && ascii(8, 'WEBP')) return 'webp'
  if (ascii(0, 'BM')) return 'bmp'
  if (ascii(0, 'GIF87a') || ascii(0, 'GIF89a')) return 'gif'
  if (ascii(0, 'II*\0') || ascii(0, 'MM\0*')) return 'tiff'
  return null
}

/** What a file declares; `colorType` in the decoder's numbers. */
interface Declared {
  readonly width: number
  readonly height: number
  readonly orientation: number
  readonly colorType: number
}

const transformerOf = (bytes: Uint8Array) => new Transformer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
const reasonOf = (cause: unknown, otherwise: string) => (cause instanceof Error && cause.message !== '' ? cause.message.replace(/\.$/, '') : otherwise)

async function declared(bytes: Uint8Array, name: string): Promise<Declared> {
  const kind = sniffImage(bytes)
  if (!kind) throw fail(name, bytes.length === 0 ? 'it is empty' : 'it is no JPEG, PNG, WebP, BMP, GIF or TIFF file')
  if (kind === 'gif') {
    if (bytes.length < 10) throw fail(name, 'it is cut short')
    return { width: (bytes[6] as number) + 256 * (bytes[7] as number), height: (bytes[8] as number) + 256 * (bytes[9] as number), orientation: 1, colorType: -1 }
  }
  const said = kind === 'jpeg' ? jpegSize(bytes) : null
  // Even one colour all over takes a bit for each 8 x 8 pixels; the decoder would make up the rest of what a header promises.
  if (said && said.width * said.height > Math.min(maxPixels, 1024 * bytes.length)) {
    throw fail(name, said.width * said.height > maxPixels ? `it declares ${said.width} x ${said.height} pixels, more than ${maxPixels / 1e6} million` : 'it is cut short')
  }
  if (kind === 'png' && hasBrokenPalette(bytes)) throw fail(name, 'its palette is damaged')
  try {
    const { width, height, orientation, colorType } = await transformerOf(bytes).metadata(true)
    return orientation !== undefined && orientation >= 5 ? { width: height, height: width, orientation, colorType } : { width, height, orientation: orientation ?? 1, colorType }
  } catch (cause) {
    throw fail(name, reasonOf(cause, 'its header cannot be read'))
  }
}

/** Width and height as they are shown, without decoding. @throws PalmError `input-unreadable` naming the file. */
export async function imageSize(bytes: Uint8Array, name: string): Promise<{ width: number; height: number }> {
  const { width, height } = await declared(bytes, name)
  return { width, height }
}

/** @throws PalmError `input-unreadable` naming the file and what is wrong with it. */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<RgbImage> {
  const { width, height, orientation, colorType } = await declared(bytes, name)
  if (width < 1 || height < 1) throw fail(name, 'it has no pixels')
  if (width * height > maxPixels) throw fail(name, `it declares ${width} x ${height} pixels, more than ${maxPixels / 1e6} million`)
  if (sniffImage(bytes) === 'gif') return firstFrame(bytes, width, height, name)
  let raw: Uint8Array
  try {
    const transformer = transformerOf(bytes)
    raw = await (orientation > 1 ? transformer.rotate() : transformer).rawPixels()
  } catch (cause) {
    throw fail(name, reasonOf(cause, 'it cannot be decoded'))
  }
  return toRgb(raw, width, height, colorType, name)
}

/** Of a GIF. What the frame does not cover is black, as Pillow has it; transparent pixels have their colour of the palette. */
function firstFrame(bytes: Uint8Array, width: number, height: number, name: string): RgbImage {
  try {
    const frame = new GifReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).frameInfo(0)
    if (frame.x + frame.width > width || frame.y + frame.height > height) throw new Error('its first frame is larger than the picture')
    const image = rgbImage(width, height)
    drawFrame(bytes, frame, image)
    return image
  } catch (cause) {
    throw fail(name, reasonOf(cause, 'it cannot be decoded'))
  }
}

/** The decoder's number for grey of 16 bits, which has as many bytes as grey of 8 bits with alpha; and for that with alpha, which has as many as RGBA. */
const grey16 = 4
const greyAlpha16 = 5

/** The decoder gives 1 to 4 channels of 8 or 16 bits. 16 bits keep their upper byte. */
function toRgb(raw: Uint8Array, width: number, height: number, colorType: number, name: string): RgbImage {
  const pixels = width * height
  const perPixel = raw.length / pixels
  if (perPixel === 3) return rgbImage(width, height, new Uint8Array(raw))
  const layouts: Readonly<Record<number, readonly [number, number, number]>> = { 1: [0, 0, 0], 2: [0, 0, 0], 4: [0, 1, 2], 6: [1, 3, 5], 8: [1, 3, 5] }
  const layout = (perPixel === 2 && colorType === grey16) || (perPixel === 4 && colorType === greyAlpha16) ? ([1, 1, 1] as const) : layouts[perPixel]
  if (!layout) throw fail(name, `its pixel format (${perPixel} bytes a pixel) is not supported`)
  const [r, g, b] = layout
  const image = rgbImage(width, height)
  for (let i = 0, from = 0, to = 0; i < pixels; i++, from += perPixel, to += 3) {
    image.data[to] = raw[from + r] as number
    image.data[to + 1] = raw[from + g] as number
    image.data[to + 2] = raw[from + b] as number
  }
  return image
}
