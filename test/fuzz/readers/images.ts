// Image files of every kind that is decoded, one reader each: `decodeImage` and `imageSize`, as the pool's threads call them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { Transformer } from '@napi-rs/image'
import { GifWriter } from 'omggif'
import { PalmError } from '#contract/errors.ts'
import { decodeImage, imageSize } from '#stream/images/decode.ts'
import { FuzzRandom, oddNumbers } from '#test/fuzz/fuzz-random.ts'
import { mutateBlindly } from '#test/fuzz/blind-mutations.ts'
import type { FuzzFile, FuzzReader } from '#test/fuzz/reader.ts'

const golden = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/images.json'), 'utf8')) as {
    files: Record<string, { file: string }>
  }
).files
const file = (name: string): FuzzFile => ({
  name,
  bytes: new Uint8Array(Buffer.from(golden[name]?.file ?? '', 'base64')),
})
export const buffer = (...parts: readonly (Uint8Array | string | readonly number[])[]) =>
  new Uint8Array(
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part as Uint8Array))),
    ),
  )
export const pixels = () => new FuzzRandom('pixels').bytes(12 * 9 * 4)
export const rgba = () => Transformer.fromRgbaPixels(pixels(), 12, 9)

function sizeOf(bytes: Uint8Array, path: string) {
  try {
    return imageSize(bytes, path)
  } catch (thrown) {
    if (thrown instanceof PalmError) return null
    throw thrown
  }
}

async function read(path: string): Promise<void> {
  const bytes = readFileSync(path)
  // Whatever is said of its size is known without decoding; that it fails is the decoder's to say.
  const size = sizeOf(bytes, path)
  const image = await decodeImage(bytes, path)
  if (image.width !== size?.width || image.height !== size.height)
    throw new TypeError(`said to be ${size?.width} x ${size?.height}, and is ${image.width} x ${image.height}`)
  if (image.data.length !== image.width * image.height * 3 || image.data.length === 0)
    throw new TypeError('its pixels are not as many as its size says')
}

/** Pixels that a file declares, as far as the reader lets it; what an honest file of this size needs. */
const needs = async (bytes: Uint8Array): Promise<number> => {
  const size = sizeOf(bytes, 'x')
  return size && size.width * size.height <= 100_000_000 ? size.width * size.height * 3 : 0
}

/** Numbers at places that the format says are sizes, set to odd ones. */
export const fields =
  (
    places: (bytes: Uint8Array) => readonly [at: number, width: 1 | 2 | 4][],
    little: boolean,
    after: (bytes: Uint8Array) => void = () => undefined,
  ) =>
  ({ name, bytes }: FuzzFile, random: FuzzRandom): FuzzFile => {
    const out = bytes.slice()
    const view = new DataView(out.buffer)
    for (let n = 1 + random.below(3); n > 0; n--) {
      const [at, width] = random.pick(places(bytes))
      if (at + width > out.length) continue
      const value = random.chance(0.2) ? random.below(65536) : random.pick(oddNumbers)
      if (width === 1) view.setUint8(at, value & 255)
      else if (width === 2) view.setUint16(at, value & 65535, little)
      else view.setUint32(at, value >>> 0, little)
    }
    after(out)
    return { name, bytes: out }
  }

interface Parts {
  readonly name: string
  readonly honest: readonly FuzzFile[]
  readonly hostile?: readonly (FuzzFile & { readonly what: string })[]
  readonly mutations?: FuzzReader['mutations']
  readonly boundaries?: (bytes: Uint8Array) => readonly number[]
}

export const reader = ({ name, honest, hostile = [], mutations = [], boundaries }: Parts): FuzzReader => ({
  name,
  honest,
  hostile,
  mutations,
  ...(boundaries ? { boundaries: ({ bytes }) => boundaries(bytes) } : {}),
  read: (path) => read(path),
})

/** [at, length] of each part behind its marker. */
function jpegSegments(bytes: Uint8Array): [number, number][] {
  const found: [number, number][] = []
  for (let at = 2; at + 4 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda;) {
    const length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
    found.push([at, length])
    at += 2 + length
  }
  return found
}

export function jpeg(): FuzzReader {
  const sof = (bytes: Uint8Array) =>
    jpegSegments(bytes)
      .filter(([at]) => [0xc0, 0xc1, 0xc2].includes(bytes[at + 1] as number))
      .flatMap(([at]): [number, 1 | 2 | 4][] => [
        [at + 2, 2],
        [at + 4, 1],
        [at + 5, 2],
        [at + 7, 2],
        [at + 9, 1],
        [at + 10, 1],
        [at + 11, 1],
        [at + 12, 1],
        [at + 14, 1],
      ])
  const swapped = ({ name, bytes }: FuzzFile, random: FuzzRandom): FuzzFile => {
    const segments = jpegSegments(bytes)
    const end = segments.reduce((most, [at, length]) => Math.max(most, at + 2 + length), 2)
    const parts: Uint8Array[] = segments.map(([at, length]) => bytes.slice(at, at + 2 + length))
    for (let n = 1 + random.below(3); n > 0 && parts.length > 0; n--) {
      const i = random.below(parts.length)
      const which = random.below(4)
      if (which === 0) parts.splice(i, 1)
      else if (which === 1)
        parts.splice(i, 0, ...Array.from({ length: random.chance(0.9) ? 1 : 300 }, () => parts[i] as Uint8Array))
      else if (which === 2) parts[i] = mutateBlindly(parts[i] as Uint8Array, random)
      else parts.push(parts.splice(i, 1)[0] as Uint8Array)
    }
    return { name, bytes: buffer(bytes.slice(0, 2), ...parts, bytes.slice(end)) }
  }
  const base = file('baseline.jpg').bytes
  const sized = (height: number, width: number) => {
    const out = new Uint8Array(base)
    const [at] = jpegSegments(out).find(([place]) => out[place + 1] === 0xc0) as [number, number]
    new DataView(out.buffer).setUint16(at + 5, height)
    new DataView(out.buffer).setUint16(at + 7, width)
    return out
  }
  const exif = (ifd: readonly number[]) =>
    buffer([0xff, 0xd8, 0xff, 0xe1, 0, 8 + 8 + ifd.length], 'Exif\0\0', 'II*\0', [8, 0, 0, 0], ifd, base.slice(2))
  return reader({
    name: 'jpeg',
    honest: ['baseline.jpg', 'subsampled.jpg', 'progressive.jpg', 'grey.jpg', 'turned.jpg'].map(file),
    hostile: [
      { name: 'a.jpg', bytes: sized(65535, 65535), what: 'four billion pixels' },
      { name: 'a.jpg', bytes: sized(65500, 1500), what: 'a hundred million pixels' },
      { name: 'a.jpg', bytes: sized(0, 0), what: 'no pixels' },
      {
        name: 'a.jpg',
        bytes: exif([1, 0, 0x12, 1, 3, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 8, 0, 0, 0]),
        what: 'EXIF that leads to itself',
      },
      {
        name: 'a.jpg',
        bytes: exif([1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 99, 0, 0, 0, 8, 0, 0, 0]),
        what: 'an orientation of 99',
      },
    ],
    mutations: [fields(sof, false), swapped],
    boundaries: (bytes) => jpegSegments(bytes).flatMap(([at, length]) => [at, at + 2, at + 2 + length]),
  })
}

/** [at, length of data] of each chunk. */
function pngChunks(bytes: Uint8Array): [number, number][] {
  const found: [number, number][] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) found.push([at, view.getUint32(at)])
  return found
}

const chunk = (kind: string, data: Uint8Array) => {
  const out = Buffer.alloc(12 + data.length)
  out.writeUInt32BE(data.length, 0)
  out.write(kind, 4, 'latin1')
  out.set(data, 8)
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length)
  return new Uint8Array(out)
}

function repairCrcs(bytes: Uint8Array): void {
  for (const [at, length] of pngChunks(bytes))
    if (at + 12 + length <= bytes.length)
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(
        at + 8 + length,
        crc32(bytes.subarray(at + 4, at + 8 + length)),
      )
}

function header(width: number, height: number, depth = 8, kind = 2): Uint8Array {
  const data = new DataView(new ArrayBuffer(13))
  data.setUint32(0, width)
  data.setUint32(4, height)
  data.setUint8(8, depth)
  data.setUint8(9, kind)
  return new Uint8Array(data.buffer)
}

export function png(): FuzzReader {
  const start = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
  const hostile = (what: string, ...chunks: Uint8Array[]) => ({
    name: 'a.png',
    bytes: buffer(start, ...chunks, chunk('IEND', new Uint8Array(0))),
    what,
  })
  const zeros = deflateSync(new Uint8Array(30_000_000))
  const withChunks = ({ name, bytes }: FuzzFile, random: FuzzRandom): FuzzFile => {
    const parts: Uint8Array[] = pngChunks(bytes).map(([at, length]) => bytes.slice(at, at + 12 + length))
    for (let n = 1 + random.below(3); n > 0 && parts.length > 0; n--) {
      const i = random.below(parts.length)
      const part = parts[i] as Uint8Array
      const which = random.below(5)
      if (which === 0) parts.splice(i, 1)
      else if (which === 1) parts.splice(i, 0, ...Array.from({ length: random.chance(0.9) ? 1 : 500 }, () => part))
      else if (which === 2)
        parts.splice(
          i,
          0,
          chunk(
            random.pick([
              'tEXt',
              'zTXt',
              'iCCP',
              'tRNS',
              'PLTE',
              'gAMA',
              'acTL',
              'fcTL',
              'fdAT',
              'eXIf',
              'IEND',
              'sBIT',
            ]),
            random.chance(0.5)
              ? random.bytes(random.below(60))
              : buffer('x\0\0', deflateSync(new Uint8Array(2_000_000))),
          ),
        )
      else if (which === 3) parts.push(parts.splice(i, 1)[0] as Uint8Array)
      else if (part.length > 12)
        parts[i] = chunk(Buffer.from(part.subarray(4, 8)).toString('latin1'), mutateBlindly(part.slice(8, -4), random))
    }
    return { name, bytes: buffer(bytes.slice(0, 8), ...parts) }
  }
  return reader({
    name: 'png',
    honest: ['rgb.png', 'palette.png', 'grey.png', 'alpha.png', 'grey-alpha.png', 'bits16.png', 'one-bit.png'].map(
      file,
    ),
    hostile: [
      hostile('two gigapixels a side', chunk('IHDR', header(2 ** 31 - 1, 2 ** 31 - 1)), chunk('IDAT', zeros)),
      hostile(
        'a hundred million pixels and no more than that',
        chunk('IHDR', header(10_000, 10_000)),
        chunk('IDAT', deflateSync(new Uint8Array(100))),
      ),
      hostile(
        'a hundred million pixels of 16 bits and no more than that',
        chunk('IHDR', header(10_000, 10_000, 16, 6)),
        chunk('IDAT', deflateSync(new Uint8Array(100))),
      ),
      hostile('one pixel and thirty megabytes', chunk('IHDR', header(1, 1)), chunk('IDAT', zeros)),
      hostile(
        'a text that unpacks to thirty megabytes',
        chunk('IHDR', header(1, 1)),
        chunk('zTXt', buffer('a\0\0', zeros)),
        chunk('iCCP', buffer('a\0\0', zeros)),
        chunk('IDAT', deflateSync(new Uint8Array(4))),
      ),
      hostile(
        'fifty thousand empty parts',
        chunk('IHDR', header(4, 4)),
        buffer(...Array.from({ length: 50_000 }, () => chunk('IDAT', new Uint8Array(0)))),
      ),
    ],
    mutations: [
      fields(
        () => [
          [16, 4],
          [20, 4],
          [24, 1],
          [25, 1],
          [26, 1],
          [27, 1],
          [28, 1],
        ],
        false,
        repairCrcs,
      ),
      withChunks,
    ],
    boundaries: (bytes) => [0, 8, ...pngChunks(bytes).flatMap(([at, length]) => [at, at + 8, at + 8 + length])],
  })
}

export function webp(): FuzzReader {
  const lossy = rgba().webpSync(60)
  return reader({
    name: 'webp',
    honest: [
      file('lossless.webp'),
      { name: 'lossy.webp', bytes: new Uint8Array(lossy) },
      { name: 'alpha.webp', bytes: new Uint8Array(rgba().webpLosslessSync()) },
    ],
    hostile: [
      {
        name: 'a.webp',
        bytes: buffer('RIFF', [22, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        what: 'a canvas of 2^48 pixels',
      },
      {
        name: 'a.webp',
        bytes: buffer('RIFF', [20, 0, 0, 0], 'WEBPVP8L', [8, 0, 0, 0, 0x2f, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0]),
        what: 'a lossless one of 16384 x 16384',
      },
      {
        name: 'a.webp',
        bytes: buffer('RIFF', [20, 0, 0, 0], 'WEBPVP8L', [8, 0, 0, 0, 0x2f, 0xff, 0x1f, 0xff, 0x02, 0, 0, 0]),
        what: 'a lossless one with nothing in it',
      },
    ],
    mutations: [
      fields(
        () => [
          [4, 4],
          [16, 4],
          [20, 4],
          [21, 2],
          [24, 2],
          [26, 2],
          [28, 2],
          [30, 4],
        ],
        true,
      ),
    ],
    boundaries: () => [0, 4, 8, 12, 16, 20, 24, 30],
  })
}

export function bmp(): FuzzReader {
  const rle = (bits: number, compression: number, data: readonly number[], width = 4, height = 4) => {
    const out = Buffer.alloc(54 + 1024)
    out.write('BM', 0)
    out.writeUInt32LE(54 + 1024, 10)
    out.writeUInt32LE(40, 14)
    out.writeInt32LE(width, 18)
    out.writeInt32LE(height, 22)
    out.writeUInt16LE(1, 26)
    out.writeUInt16LE(bits, 28)
    out.writeUInt32LE(compression, 30)
    return buffer(new Uint8Array(out), data)
  }
  const rle8 = rle(8, 1, [4, 1, 0, 0, 4, 2, 0, 0, 0, 4, 1, 2, 3, 4, 0, 0, 4, 3, 0, 1])
  return reader({
    name: 'bmp',
    honest: [
      file('rgb.bmp'),
      { name: 'rle8.bmp', bytes: rle8 },
      { name: 'bits1.bmp', bytes: rle(1, 0, new Array<number>(16).fill(0xa5)) },
    ],
    hostile: [
      { name: 'a.bmp', bytes: rle(24, 0, [], 2 ** 31 - 1, 2 ** 31 - 1), what: '2^62 pixels' },
      {
        name: 'a.bmp',
        bytes: rle(24, 0, [], 10_000, -10_000),
        what: 'a hundred million pixels upside down and no more than that',
      },
      {
        name: 'a.bmp',
        bytes: rle(8, 1, [0, 2, 255, 255, 0, 2, 255, 255, 0, 1], 4, 4),
        what: 'run lengths that leave the image',
      },
      { name: 'a.bmp', bytes: rle(24, 0, [], -4, -2147483648), what: 'sizes below zero' },
    ],
    mutations: [
      fields(
        () => [
          [2, 4],
          [10, 4],
          [14, 4],
          [18, 4],
          [22, 4],
          [26, 2],
          [28, 2],
          [30, 4],
          [34, 4],
          [46, 4],
          [50, 4],
        ],
        true,
      ),
    ],
    boundaries: () => [0, 2, 14, 18, 26, 34, 54, 55, 1078],
  })
}

export function gif(): FuzzReader {
  const made = (frames: number, own: object) => {
    const out = Buffer.alloc(5000)
    const palette = Array.from({ length: 16 }, (_, i) => i * 0x0f0e0d)
    const writer = new GifWriter(out, 12, 9, { palette, loop: 0 })
    for (let i = 0; i < frames; i++)
      writer.addFrame(
        0,
        0,
        12,
        9,
        [...pixels()].slice(0, 108).map((value) => value & 15),
        own,
      )
    return new Uint8Array(out.subarray(0, writer.end()))
  }
  const plain = made(1, {})
  const canvas = (width: number, height: number) => {
    const out = new Uint8Array(plain)
    new DataView(out.buffer).setUint16(6, width, true)
    new DataView(out.buffer).setUint16(8, height, true)
    return out
  }
  const frameAt = plain.lastIndexOf(0x2c, 13 + 48 + 40)
  const framed = (width: number, height: number) => {
    const out = canvas(width, height)
    new DataView(out.buffer).setUint16(frameAt + 5, width, true)
    new DataView(out.buffer).setUint16(frameAt + 7, height, true)
    return out
  }
  return reader({
    name: 'gif',
    honest: [
      { name: 'one.gif', bytes: plain },
      { name: 'three.gif', bytes: made(3, { delay: 5, transparent: 2, disposal: 2 }) },
    ],
    hostile: [
      { name: 'a.gif', bytes: canvas(65535, 65535), what: 'a canvas of four billion pixels' },
      {
        name: 'a.gif',
        bytes: framed(9000, 9000),
        what: 'a frame of eighty million pixels with no more than a hundred',
      },
      { name: 'a.gif', bytes: framed(65535, 1), what: 'a frame of one long row' },
      {
        name: 'a.gif',
        bytes: buffer(
          plain.slice(0, frameAt),
          ...Array.from({ length: 50_000 }, () => Uint8Array.of(0x21, 0xfe, 1, 0x20, 0)),
          plain.slice(frameAt),
        ),
        what: 'fifty thousand comments',
      },
      { name: 'a.gif', bytes: plain.slice(0, -1), what: 'no end' },
      {
        name: 'a.gif',
        bytes: buffer(plain.slice(0, frameAt + 10), [12, 255], new Uint8Array(255).fill(0xff), [0, 0x3b]),
        what: 'codes of 12 bits from the start',
      },
    ],
    mutations: [
      fields(
        (bytes) => [
          [6, 2],
          [8, 2],
          [10, 1],
          [11, 1],
          ...[...bytes.keys()]
            .filter((at) => bytes[at] === 0x2c)
            .flatMap((at): [number, 1 | 2][] => [
              [at + 1, 2],
              [at + 3, 2],
              [at + 5, 2],
              [at + 7, 2],
              [at + 9, 1],
              [at + 10, 1],
              [at + 11, 1],
            ]),
        ],
        true,
      ),
    ],
    boundaries: (bytes) => [
      0,
      6,
      10,
      13,
      ...[...bytes.keys()].filter((at) => bytes[at] === 0x2c || bytes[at] === 0x21 || bytes[at] === 0),
    ],
  })
}

export const needsOf = needs
