// All kinds of places by name.
import { filePlace } from './file.ts'
import { archivePart } from './part.ts'
import { arrayRow } from './pixels.ts'
import type { ImagePlace, PlaceOf, PlaceReader } from './place.ts'

const readers: { readonly [K in ImagePlace['kind']]: PlaceReader<PlaceOf<K>> } = {
  file: filePlace,
  part: archivePart,
  pixels: arrayRow,
}

/** What reads a place; it takes that place only. */
export const readerOf = (place: ImagePlace): PlaceReader<ImagePlace> => readers[place.kind]
