// An image inside a zip or tar, which is read in place.
import { open, type FileHandle } from 'node:fs/promises'
import { inflateRaw } from 'node:zlib'
import { promisify } from 'node:util'
import { PalmError } from '#contract/errors.ts'
import { decodeImage, imageSize } from '#stream/images/decode.ts'
import { maxImageBytes, tooLarge, type PlaceOf, type PlaceReader, type Stretch } from './place.ts'

type Part = PlaceOf<'part'>

const inflate = promisify(inflateRaw)
/** What unpacks to more than `bytes` may be so many times its packed size: pictures hardly shrink. */
const bomb = { bytes: 16 * 2 ** 20, ratio: 100 } as const

const nameOf = ({ path }: Part, id: string) => `${path}: ${id}`

/** Where the contents begin, behind a zip's local header; null when there is none where it should be. */
async function startIn(file: FileHandle, { offset, header }: Part): Promise<number | null> {
  if (!header) return offset
  const head = Buffer.alloc(30)
  await file.read(head, 0, 30, offset)
  if (head.readUInt32LE(0) !== 0x04034b50) return null
  return offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28)
}

async function bytesOf(place: Part, id: string): Promise<Uint8Array> {
  const name = nameOf(place, id)
  if (place.sizeBytes > maxImageBytes || place.packedBytes > maxImageBytes) throw tooLarge(name, place.sizeBytes)
  if (place.method === 8 && place.sizeBytes > bomb.bytes && place.sizeBytes > bomb.ratio * place.packedBytes)
    throw new PalmError(
      'input-unreadable',
      `${name} would unpack to ${place.sizeBytes} bytes from ${place.packedBytes}: that is no picture.`,
    )
  const damaged = (cause?: unknown) =>
    new PalmError(
      'input-unreadable',
      `${name} is cut short or damaged.`,
      cause instanceof Error ? String(cause) : undefined,
      { cause },
    )
  const file = await open(place.path, 'r')
  try {
    const from = await startIn(file, place)
    if (from === null) throw damaged()
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

async function stretchOf(place: Part, name: string): Promise<Stretch> {
  if (place.method !== 0)
    throw new PalmError(
      'input-unreadable',
      `${name} is packed in its archive, and an array is read by parts. Unpack it, or save it with numpy.savez (not savez_compressed).`,
    )
  const file = await open(place.path, 'r')
  try {
    const start = await startIn(file, place)
    if (start === null) throw new PalmError('input-unreadable', `${name} is cut short or damaged.`)
    return { path: place.path, start, size: place.sizeBytes }
  } finally {
    await file.close()
  }
}

export const archivePart: PlaceReader<Part> = {
  name: nameOf,
  key: ({ path, offset }) => `${path}\u0000${offset}`,
  bytes: bytesOf,
  stretch: stretchOf,
  image: async (place, id) => decodeImage(await bytesOf(place, id), nameOf(place, id)),
  imageSize: async (place, id) => imageSize(await bytesOf(place, id), nameOf(place, id)),
  mark: ({ sizeBytes }) => Promise.resolve(sizeBytes),
  changedMs: () => Promise.resolve(null),
}
