// Reads what lies at a place: a file, a part of an archive (unpacked within its declared size), or a row of pixels.
import { open, readFile, stat } from 'node:fs/promises'
import { inflateRaw } from 'node:zlib'
import { promisify } from 'node:util'
import { PalmError } from '#contract/errors.ts'
import type { ImagePlace } from './listing.ts'

const inflate = promisify(inflateRaw)
/** No image file is larger; whoever means one gets a clear word instead of a full memory. */
const maxBytes = 512 * 2 ** 20

/** What unpacks to more than `bytes` may be so many times its packed size: pictures hardly shrink. */
const bomb = { bytes: 16 * 2 ** 20, ratio: 100 } as const

/** What is said of it. */
export const placeName = (place: ImagePlace, id: string): string =>
  place.kind === 'file' ? place.path : `${place.path}: ${id}`

/** @throws PalmError `input-unreadable` naming it */
export async function bytesAt(place: Exclude<ImagePlace, { kind: 'pixels' }>, id: string): Promise<Uint8Array> {
  const tooLarge = (size: number) =>
    new PalmError('input-unreadable', `${placeName(place, id)} has ${size} bytes, more than an image has.`)
  if (place.kind === 'file') {
    const { size } = await stat(place.path)
    if (size > maxBytes) throw tooLarge(size)
    return readFile(place.path)
  }
  if (place.sizeBytes > maxBytes || place.packedBytes > maxBytes) throw tooLarge(place.sizeBytes)
  if (place.method === 8 && place.sizeBytes > bomb.bytes && place.sizeBytes > bomb.ratio * place.packedBytes)
    throw new PalmError(
      'input-unreadable',
      `${placeName(place, id)} would unpack to ${place.sizeBytes} bytes from ${place.packedBytes}: that is no picture.`,
    )
  const damaged = (cause?: unknown) =>
    new PalmError(
      'input-unreadable',
      `${placeName(place, id)} is cut short or damaged.`,
      cause === undefined ? undefined : String(cause),
      { cause },
    )
  const file = await open(place.path, 'r')
  try {
    let from = place.offset
    if (place.header) {
      const head = Buffer.alloc(30)
      await file.read(head, 0, 30, from)
      if (head.readUInt32LE(0) !== 0x04034b50) throw damaged()
      from += 30 + head.readUInt16LE(26) + head.readUInt16LE(28)
    }
    const packed = Buffer.alloc(place.packedBytes)
    const { bytesRead } = await file.read(packed, 0, packed.length, from)
    if (bytesRead < packed.length) throw damaged()
    if (place.method === 0) return packed
    const raw = await inflate(packed, { maxOutputLength: Math.max(1, place.sizeBytes) }).catch((cause: unknown) => {
      throw damaged(cause)
    })
    if (raw.length !== place.sizeBytes) throw damaged()
    return raw
  } finally {
    await file.close()
  }
}

/** The pixels of a row, RGB. @throws PalmError `input-unreadable` */
export async function pixelsAt(place: Extract<ImagePlace, { kind: 'pixels' }>, id: string): Promise<Uint8Array> {
  const pixels = new Uint8Array(place.width * place.height * 3)
  const file = await open(place.path, 'r')
  try {
    const { bytesRead } = await file.read(pixels, 0, pixels.length, place.offset)
    if (bytesRead < pixels.length)
      throw new PalmError(
        'input-unreadable',
        `${placeName(place, id)} lies beyond the end of the file: it may be cut short.`,
      )
    return pixels
  } finally {
    await file.close()
  }
}
