// Where the bytes of an image lie, and what can be asked of such a place.
import { PalmError } from '#contract/errors.ts'
import type { RgbImage } from '#stream/images/rgb-image.ts'

/** Plain data: it travels to the worker threads. */
export type ImagePlace =
  | { readonly kind: 'file'; readonly path: string }
  /** Part of an archive; `method` 0 = as it is, 8 = deflated; `header` = a zip's local header stands before it. */
  | {
      readonly kind: 'part'
      readonly path: string
      readonly offset: number
      readonly packedBytes: number
      readonly sizeBytes: number
      readonly method: 0 | 8
      readonly header: boolean
    }
  /** A row of an array of images, uint8 [N, H, W, 3]; `offset` of its first byte. */
  | {
      readonly kind: 'pixels'
      readonly path: string
      readonly offset: number
      readonly width: number
      readonly height: number
    }

export type PlaceOf<K extends ImagePlace['kind']> = Extract<ImagePlace, { kind: K }>

/** A stretch of a file that holds something as it is. */
export interface Stretch {
  readonly path: string
  readonly start: number
  /** Bytes. */
  readonly size: number
}

/** `id` is the image's name within its input. */
export interface PlaceReader<Place> {
  /** What is said of it in errors and reports. */
  name(place: Place, id: string): string
  /** Tells it from every other place. */
  key(place: Place): string
  /** What lies there, unpacked within its declared size. @throws PalmError `input-unreadable` naming it */
  bytes(place: Place, id: string): Promise<Uint8Array>
  /** Where in its file it lies unpacked. @throws PalmError `input-unreadable` for what is packed */
  stretch(place: Place, name: string): Promise<Stretch>
  /** The image, decoded. @throws PalmError `input-unreadable` naming it */
  image(place: Place, id: string): Promise<RgbImage>
  /** In pixels, without decoding. @throws PalmError `input-unreadable` naming it */
  imageSize(place: Place, id: string): Promise<{ width: number; height: number }>
  /** A number that changes when the image does, found without reading it: bytes, or where it lies. */
  mark(place: Place): Promise<number>
  /** When it was changed, in milliseconds since the epoch; null where that is not known. */
  changedMs(place: Place): Promise<number | null>
}

/** No image file is larger: whoever means one gets a clear word instead of a full memory. */
export const maxImageBytes = 512 * 2 ** 20

export const tooLarge = (name: string, bytes: number): PalmError =>
  new PalmError('input-unreadable', `${name} has ${bytes} bytes, more than an image has.`)
