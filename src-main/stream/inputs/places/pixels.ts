// An image that is a row of an array: its pixels as they are.
import { open } from 'node:fs/promises'
import { PalmError } from '#contract/errors.ts'
import { rgbImage } from '#stream/images/rgb-image.ts'
import type { PlaceOf, PlaceReader } from './place.ts'

type Pixels = PlaceOf<'pixels'>

const nameOf = ({ path }: Pixels, id: string) => `${path}: ${id}`
const sizeOf = ({ width, height }: Pixels) => width * height * 3

async function bytesOf(place: Pixels, id: string): Promise<Uint8Array> {
  const pixels = new Uint8Array(sizeOf(place))
  const file = await open(place.path, 'r')
  try {
    const { bytesRead } = await file.read(pixels, 0, pixels.length, place.offset)
    if (bytesRead < pixels.length)
      throw new PalmError(
        'input-unreadable',
        `${nameOf(place, id)} lies beyond the end of the file: it may be cut short.`,
      )
    return pixels
  } finally {
    await file.close()
  }
}

export const arrayRow: PlaceReader<Pixels> = {
  name: nameOf,
  key: ({ path, offset }) => `${path}\u0000${offset}`,
  bytes: bytesOf,
  stretch: (place) => Promise.resolve({ path: place.path, start: place.offset, size: sizeOf(place) }),
  image: async (place, id) => rgbImage(place.width, place.height, await bytesOf(place, id)),
  imageSize: ({ width, height }) => Promise.resolve({ width, height }),
  mark: ({ offset }) => Promise.resolve(offset),
  changedMs: () => Promise.resolve(null),
}
