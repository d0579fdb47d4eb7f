// Bytes of a JPEG, PNG, WebP, BMP, GIF, TIFF, PNM or AVIF file -> RGB pixels. The declared size is read before anything is decoded, so that a small file cannot
// demand gigabytes (a decode takes 6 to 9 bytes a pixel, 15 with 16 bits a channel). As torchvision's loader does (Pillow's convert('RGB')): alpha is
// dropped, grey becomes three equal channels, CMYK is converted, an animation gives its first frame, colour profiles are ignored; beyond it, EXIF
// orientation is applied, and 16-bit values keep their upper byte (Pillow clips grey ones).
import { Transformer } from '@napi-rs/image'
import { GifReader } from 'omggif'
import { PalmError } from '#contract/errors.ts'
import { isCutShort } from './cut-short.ts'
import { drawFrame } from './gif-frame.ts'
import { readImageHeader, sniffImage, type ImageHeader } from './image-header.ts'
import { jpegSize } from './jpeg-size.ts'
import { hasBrokenPalette } from './png-palette.ts'
import { rgbImage, type RgbImage } from './rgb-image.ts'
import { coloursOfValues, tiffValues, type TiffValues } from './tiff-values.ts'

export const imageExtensions = [
  '.jpg',
  '.jpeg',
  '.png',
  '.webp',
  '.bmp',
  '.gif',
  '.tif',
  '.tiff',
  '.ppm',
  '.pgm',
  '.pbm',
  '.pnm',
  '.avif',
] as const
const extensions: ReadonlySet<string> = new Set(imageExtensions)

/** Whether a file is called as an image is. */
export const hasImageEnding = (path: string): boolean => extensions.has(path.slice(path.lastIndexOf('.')).toLowerCase())

const maxPixels = 100_000_000

const fail = (name: string, reason: string) =>
  new PalmError('input-unreadable', `${name} is not a usable image: ${reason}.`)

const transformerOf = (bytes: Uint8Array) =>
  new Transformer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))

function reasonOf(cause: unknown, otherwise: string): string {
  if (!(cause instanceof Error) || cause.message === '') return otherwise
  if (/memory limit/i.test(cause.message))
    return 'its pixels take more memory to decode than is allowed (512 MiB; TIFF 256 MiB). Save it smaller, or with 8 bits a channel'
  return cause.message.replace(/\.$/, '')
}

/** @throws PalmError `input-unreadable` naming the file */
function headerOf(bytes: Uint8Array, name: string): ImageHeader {
  const header = readImageHeader(bytes)
  if (header) return header
  throw fail(
    name,
    bytes.length === 0
      ? 'it is empty'
      : sniffImage(bytes)
        ? 'its header is cut short or damaged'
        : 'it is not a JPEG, PNG, WebP, BMP, GIF, TIFF, PPM or AVIF file',
  )
}

const shownSize = ({ width, height, orientation }: ImageHeader) =>
  orientation >= 5 ? { width: height, height: width } : { width, height }

/** Width and height as they are shown, without decoding. @throws PalmError `input-unreadable` naming the file. */
export function imageSize(bytes: Uint8Array, name: string): { width: number; height: number } {
  return shownSize(headerOf(bytes, name))
}

/** @throws PalmError `input-unreadable` naming the file and what is wrong with it. */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<RgbImage> {
  const header = headerOf(bytes, name)
  const { kind, width, height, orientation } = header
  if (width < 1 || height < 1) throw fail(name, 'it has no pixels')
  if (width * height > maxPixels)
    throw fail(name, `it declares ${width} x ${height} pixels, more than ${maxPixels / 1e6} million`)
  // Even one colour all over takes a bit for each 8 x 8 pixels; the decoder would make up the rest of what any of a JPEG's headers promises.
  const promised = kind === 'jpeg' ? jpegSize(bytes) : null
  if (promised && promised.width * promised.height > Math.min(maxPixels, 1024 * bytes.length))
    throw fail(name, 'it is cut short')
  if (isCutShort(bytes, kind)) throw fail(name, 'it is cut short')
  if (kind === 'png' && hasBrokenPalette(bytes)) throw fail(name, 'its palette is damaged')
  if (kind === 'gif') return firstFrame(bytes, width, height, name)
  let raw: Uint8Array
  let decoded: { width: number; height: number; colorType: number }
  let values: TiffValues | null = null
  try {
    values = kind === 'tiff' ? tiffValues(bytes) : null
    // Asked first, the decoder keeps what it decoded for this.
    const transformer = transformerOf(values?.bytes ?? bytes)
    decoded = await transformer.metadata(false)
    raw = await (orientation > 1 ? transformer.rotate(orientation) : transformer).rawPixels()
  } catch (cause) {
    throw fail(name, reasonOf(cause, 'it cannot be decoded'))
  }
  if (decoded.width !== width || decoded.height !== height)
    throw fail(
      name,
      `its header declares ${width} x ${height} pixels and it holds ${decoded.width} x ${decoded.height}`,
    )
  const shown = shownSize(header)
  if (values && raw.length === shown.width * shown.height * (values.colours ? 1 : 4))
    return rgbImage(shown.width, shown.height, coloursOfValues(values, raw, shown.width, shown.height))
  return toRgb(raw, shown.width, shown.height, decoded.colorType, name)
}

/** Of a GIF. As Pillow has it, what the frame does not cover and what it leaves transparent has the transparent entry's colour, else the first one's. */
function firstFrame(bytes: Uint8Array, width: number, height: number, name: string): RgbImage {
  try {
    const frame = new GifReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).frameInfo(0)
    if (frame.x + frame.width > width || frame.y + frame.height > height)
      throw new Error('its first frame is larger than the picture')
    const image = rgbImage(width, height)
    if (frame.palette_offset !== null) {
      const from = frame.palette_offset + 3 * (frame.transparent_index ?? 0)
      image.data.set([0, 1, 2].map((c) => bytes[from + c] ?? 0))
      for (let filled = 3; filled < image.data.length; filled *= 2) image.data.copyWithin(filled, 0, filled)
    }
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
  if (perPixel === 3) return rgbImage(width, height, new Uint8Array(raw.buffer, raw.byteOffset, raw.length))
  const layouts: Readonly<Record<number, readonly [number, number, number]>> = {
    1: [0, 0, 0],
    2: [0, 0, 0],
    4: [0, 1, 2],
    6: [1, 3, 5],
    8: [1, 3, 5],
  }
  const layout =
    (perPixel === 2 && colorType === grey16) || (perPixel === 4 && colorType === greyAlpha16)
      ? ([1, 1, 1] as const)
      : layouts[perPixel]
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
