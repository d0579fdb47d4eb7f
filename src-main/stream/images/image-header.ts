// What an image file says of itself, read from its first bytes without decoding: kind, size and EXIF orientation. The decoder decodes the whole picture to
// tell these, and reads no orientation from PNG and WebP. An orientation that is nonsense counts as upright, as every viewer has it.

export type ImageKind = 'jpeg' | 'png' | 'webp' | 'bmp' | 'gif' | 'tiff' | 'pnm' | 'avif'

export interface ImageHeader {
  readonly kind: ImageKind
  /** As the pixels lie in the file, before the orientation. */
  readonly width: number
  readonly height: number
  /** EXIF's 1 to 8. */
  readonly orientation: number
}

type Sizes = Omit<ImageHeader, 'kind'>

const named = (bytes: Uint8Array, at: number, name: string) =>
  Array.from({ length: name.length }, (_, i) => name.charCodeAt(i)).every((code, i) => bytes[at + i] === code)

/** The kind of image by its first bytes; null for anything else. */
export function sniffImage(bytes: Uint8Array): ImageKind | null {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg'
  if (bytes[0] === 0x89 && named(bytes, 1, 'PNG')) return 'png'
  if (named(bytes, 0, 'RIFF') && named(bytes, 8, 'WEBP')) return 'webp'
  if (named(bytes, 0, 'BM')) return 'bmp'
  if (named(bytes, 0, 'GIF87a') || named(bytes, 0, 'GIF89a')) return 'gif'
  if (named(bytes, 0, 'II*\0') || named(bytes, 0, 'MM\0*')) return 'tiff'
  if (/^P[1-6]\s/.test(String.fromCharCode(...bytes.subarray(0, 3)))) return 'pnm'
  if (named(bytes, 4, 'ftypavif') || named(bytes, 4, 'ftypavis')) return 'avif'
  return null
}

/** null when it is of no known kind or its header is cut short. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | null {
  const kind = sniffImage(bytes)
  if (!kind) return null
  try {
    const sizes = readers[kind](bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    return sizes && { kind, ...sizes }
  } catch (thrown) {
    if (thrown instanceof RangeError) return null // read past the end
    throw thrown
  }
}

const readers: Readonly<Record<ImageKind, (bytes: Uint8Array, view: DataView) => Sizes | null>> = {
  jpeg: jpegSizes,
  webp: webpSizes,
  tiff: (bytes) => directory(bytes),
  pnm: pnmSizes,
  avif: avifSizes,
  png: (bytes, view) => ({
    width: view.getUint32(16),
    height: view.getUint32(20),
    orientation: pngOrientation(bytes, view),
  }),
  gif: (_, view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true), orientation: 1 }),
  bmp: (_, view) =>
    view.getUint32(14, true) === 12
      ? { width: view.getUint16(18, true), height: view.getUint16(20, true), orientation: 1 }
      : { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)), orientation: 1 },
}

/** Walks the markers up to the frame header. */
function jpegSizes(bytes: Uint8Array, view: DataView): Sizes | null {
  let orientation = 1
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) {
      at += 1
      continue
    }
    const marker = bytes[at + 1] as number
    if (marker === 0xff || marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2
      continue
    }
    if (marker === 0xd9 || marker === 0xda) return null
    const length = view.getUint16(at + 2)
    if (marker === 0xe1 && named(bytes, at + 4, 'Exif\0\0'))
      orientation = directory(bytes.subarray(at + 10, at + 2 + length))?.orientation ?? 1
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), orientation }
    at += 2 + length
  }
  return null
}

function pngOrientation(bytes: Uint8Array, view: DataView): number {
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at)
    if (named(bytes, at + 4, 'eXIf')) return directory(bytes.subarray(at + 8, at + 8 + length))?.orientation ?? 1
    if (named(bytes, at + 4, 'IEND')) return 1
    at += 12 + length
  }
  return 1
}

function webpSizes(bytes: Uint8Array, view: DataView): Sizes | null {
  const uint24 = (at: number) => view.getUint16(at, true) + 65_536 * view.getUint8(at + 2)
  if (named(bytes, 12, 'VP8 '))
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff, orientation: 1 }
  if (named(bytes, 12, 'VP8L')) {
    const bits = view.getUint32(21, true)
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, orientation: 1 }
  }
  if (!named(bytes, 12, 'VP8X')) return null
  let orientation = 1
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true)
    if (named(bytes, at, 'EXIF')) {
      const data = bytes.subarray(at + 8, at + 8 + length)
      orientation = directory(named(data, 0, 'Exif\0\0') ? data.subarray(6) : data)?.orientation ?? 1
    }
    at += 8 + length + (length % 2)
  }
  return { width: uint24(24) + 1, height: uint24(27) + 1, orientation }
}

/** Comments reach to the end of their line. Plain and packed pixels alike take so many bytes at least. */
function pnmSizes(bytes: Uint8Array): Sizes | null {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 4096))
  const found = /^P([1-6])(?:\s|#[^\n]*\n)+(\d{1,7})(?:\s|#[^\n]*\n)+(\d{1,7})(?=\s)/.exec(text)
  if (!found) return null
  const [kind, width, height] = found.slice(1).map(Number) as [number, number, number]
  const least = kind === 4 ? Math.ceil(width / 8) * height : width * height * (kind === 6 || kind === 3 ? 3 : 1)
  return bytes.length < least ? null : { width, height, orientation: 1 }
}

/** The largest of its items' sizes (`ispe`): alpha and thumbnails are no larger, and a grid's tiles smaller. */
function avifSizes(bytes: Uint8Array, view: DataView): Sizes | null {
  let most: Sizes | null = null
  const end = Math.min(bytes.length, 64 * 1024)
  for (let at = bytes.indexOf(0x69); at >= 0 && at + 16 <= end; at = bytes.indexOf(0x69, at + 1)) {
    if (!named(bytes, at, 'ispe')) continue
    const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)]
    if (!most || width * height > most.width * most.height) most = { width, height, orientation: 1 }
  }
  return most
}

const maxTags = 4096

/** Size and orientation of the first directory of a TIFF file, or of the block that EXIF is. */
function directory(block: Uint8Array): Sizes | null {
  if (block.length < 8) return null
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength)
  const little = named(block, 0, 'II')
  if (!little && !named(block, 0, 'MM')) return null
  const start = view.getUint32(4, little)
  if (start + 2 > block.length) return null
  const found: Record<number, number> = {}
  const tags = Math.min(maxTags, view.getUint16(start, little))
  for (let at = start + 2; at < start + 2 + 12 * tags && at + 12 <= block.length; at += 12) {
    found[view.getUint16(at, little)] ??=
      view.getUint16(at + 2, little) === 4 ? view.getUint32(at + 8, little) : view.getUint16(at + 8, little)
  }
  const orientation = found[0x0112] ?? 1
  return {
    width: found[0x0100] ?? 0,
    height: found[0x0101] ?? 0,
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
  }
}
