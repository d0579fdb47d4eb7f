// The size of images that no model asks to scale: that of the first one that can be read.
import { PalmError } from '#contract/errors.ts'
import type { Listing } from './listing.ts'
import { readerOf } from './places/places.ts'

/** An input whose first so many images cannot be read has none that can. */
const mostTries = 100

/** In pixels. @throws PalmError `input-unreadable` */
export async function firstImageSize(listing: Listing): Promise<{ width: number; height: number }> {
  let reason: unknown = null
  for (const [sample, { id }] of listing.samples.slice(0, mostTries).entries()) {
    try {
      const place = listing.placeOf(sample, listing.variants?.[0] ?? null)
      return await readerOf(place).imageSize(place, id)
    } catch (thrown) {
      reason = thrown
    }
  }
  throw new PalmError('input-unreadable', `None of the first images of ${listing.name} can be read.`, String(reason), {
    cause: reason,
  })
}
