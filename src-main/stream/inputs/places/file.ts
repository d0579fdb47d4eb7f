// An image in a file of its own.
import { readFile, stat } from 'node:fs/promises'
import { decodeImage, imageSize } from '#stream/images/decode.ts'
import { maxImageBytes, tooLarge, type PlaceOf, type PlaceReader } from './place.ts'

async function bytesOf({ path }: PlaceOf<'file'>): Promise<Uint8Array> {
  const { size } = await stat(path)
  if (size > maxImageBytes) throw tooLarge(path, size)
  return readFile(path)
}

export const filePlace: PlaceReader<PlaceOf<'file'>> = {
  name: ({ path }) => path,
  key: ({ path }) => path,
  bytes: bytesOf,
  stretch: async ({ path }) => ({ path, start: 0, size: (await stat(path)).size }),
  image: async (place) => decodeImage(await bytesOf(place), place.path),
  imageSize: async (place) => imageSize(await bytesOf(place), place.path),
  mark: ({ path }) =>
    stat(path).then(
      ({ size }) => size,
      () => -1,
    ),
  changedMs: async ({ path }) => (await stat(path).catch(() => null))?.mtimeMs ?? null,
}
