// Pictures of one image of an input under corruptions, as a run's stream makes them: the same listing, size, family, seeds and code, in the same kind of
// worker. Keeps the last input and the worker for a while, because a person tries one thing after another; then it lets go of both.
import { availableParallelism } from 'node:os'
import type { CorruptionFamily } from '#contract/inputs/corruption.ts'
import type { InputOptions } from '#contract/inputs/input-kinds.ts'
import { PalmError } from '#contract/errors.ts'
import type { Preview, PreviewPicture } from '#contract/inputs/input-preview.ts'
import type { OrderedDomain } from '#contract/runs/run-options.ts'
import { seedFrom } from './batcher.ts'
import type { WorkItem } from './corrupt-worker.ts'
import { familyForSize } from './corruptions/registry.ts'
import { pictureSize } from './images/picture.ts'
import type { Listing } from './inputs/listing.ts'
import type { InputFolders } from './inputs/kinds/kind.ts'
import { openInput } from './inputs/open-input.ts'
import { firstImageSize } from './inputs/first-image.ts'
import { readerOf } from './inputs/places/places.ts'
import { WorkerPool } from './pool.ts'

export interface PreviewWish {
  readonly input: InputOptions
  /** Side that the model takes; null = the images' own. */
  readonly inputSize: number | null
  readonly resize: number
  readonly family: 'auto' | CorruptionFamily
  readonly seed: number
  /** Null = the first that can be read. */
  readonly image: number | null
  readonly cells: readonly OrderedDomain[]
}

/** A folder whose first so many images cannot be read has none that can. */
const mostTries = 100
const idleMs = 60_000
/** A folder may change while somebody looks at it. */
const listingMs = 30_000
const cacheBytes = 64 * 2 ** 20

export class InputPreview {
  private readonly folders: InputFolders
  private pool: WorkerPool | null = null
  private idle: NodeJS.Timeout | null = null
  private listing: { readonly key: string; readonly at: number; readonly found: Promise<Listing> } | null = null

  constructor(folders: InputFolders) {
    this.folders = folders
  }

  /** @throws PalmError `input-unreadable`, `input-empty`, `input-labels` */
  async pictures(wish: PreviewWish): Promise<Preview> {
    this.stay()
    const listing = await this.list(wish.input)
    const { width, height } =
      wish.inputSize === null ? await firstImageSize(listing) : { width: wish.inputSize, height: wish.inputSize }
    const family = wish.family === 'auto' ? familyForSize(width, height) : wish.family
    const image =
      wish.image === null
        ? await this.firstReadable(listing, { ...wish, family, width, height })
        : Math.min(wish.image, listing.samples.length - 1)
    const { id, classIndex } = sampleAt(listing, image)
    return {
      image,
      images: listing.samples.length,
      id,
      label: listing.classNames[classIndex] ?? null,
      original: await originalSize(listing, image),
      width,
      height,
      family,
      pictures: await this.make(listing, image, wish.cells, { ...wish, family, width, height }),
    }
  }

  async close(): Promise<void> {
    if (this.idle) clearTimeout(this.idle)
    const { pool } = this
    this.pool = null
    this.listing = null
    await pool?.close()
  }

  private stay(): void {
    if (this.idle) clearTimeout(this.idle)
    this.idle = setTimeout(() => void this.close(), idleMs)
    this.idle.unref()
  }

  private list(input: InputOptions): Promise<Listing> {
    const key = JSON.stringify(input)
    if (this.listing?.key === key && performance.now() - this.listing.at < listingMs) return this.listing.found
    const found = openInput(input, this.folders)
    this.listing = { key, at: performance.now(), found }
    found.catch(() => {
      if (this.listing?.found === found) this.listing = null
    })
    return found
  }

  private async firstReadable(listing: Listing, how: Sized): Promise<number> {
    let reason = ''
    for (let image = 0; image < Math.min(mostTries, listing.samples.length); image++) {
      const [picture] = await this.make(
        listing,
        image,
        [listing.variants?.[0] ?? { corruption: null, severity: null }],
        how,
      )
      if (picture?.pixels) return image
      reason = picture?.problem ?? ''
    }
    throw new PalmError('input-unreadable', `None of the first images of ${listing.name} can be read.`, reason)
  }

  /** One order a picture: what is asked for next need not wait for a whole row. */
  private make(
    listing: Listing,
    image: number,
    cells: readonly OrderedDomain[],
    how: Sized,
  ): Promise<PreviewPicture[]> {
    return Promise.all(
      cells.map(async ({ corruption, severity }): Promise<PreviewPicture> => {
        const item = itemOf(listing, image, { corruption, severity }, how.seed)
        const size = pictureSize(how.width, how.height)
        const failed = (problem: string): PreviewPicture => ({ corruption, severity, ...size, pixels: null, problem })
        if (!item) return failed('The images are corrupted already, and this is not among them.')
        this.pool ??= new WorkerPool(Math.max(1, Math.min(2, availableParallelism() - 1)))
        const pixels = new SharedArrayBuffer(size.width * size.height * 3)
        const { width, height, family, inputSize, resize } = how
        const { errors } = await this.pool.run({
          items: [item],
          width,
          height,
          family,
          inputSize,
          resize,
          pixels,
          clean: new SharedArrayBuffer(0),
          cleanCount: 0,
          cacheBytes,
          asPictures: true,
        })
        if (errors[0])
          return failed(
            errors[0].code === 'input-size'
              ? `This image has another size than the first one: ${errors[0].message}.`
              : errors[0].message,
          )
        return { corruption, severity, ...size, pixels: Buffer.from(pixels).toString('base64'), problem: null }
      }),
    )
  }
}

interface Sized extends Omit<PreviewWish, 'family' | 'cells' | 'image'> {
  readonly family: CorruptionFamily
  readonly width: number
  readonly height: number
}

function sampleAt(listing: Listing, image: number) {
  const sample = listing.samples[image]
  if (!sample) throw new PalmError('input-empty', `There are no images in ${listing.name}.`)
  return sample
}

/** As the stream orders it the first time that a domain comes; null when images that are corrupted already have no such one. */
function itemOf(
  listing: Listing,
  image: number,
  { corruption, severity }: OrderedDomain,
  seed: number,
): WorkItem | null {
  const { id } = sampleAt(listing, image)
  const name = corruption === null ? 'clean' : `${corruption} ${severity ?? 5}`
  if (!listing.variants)
    return {
      place: listing.placeOf(image, null),
      id,
      corruption,
      severity: corruption === null ? null : (severity ?? 5),
      seed: seedFrom(seed, id, name),
    }
  const variant = listing.variants.find((one) => one.corruption === corruption && one.severity === (severity ?? 5))
  return variant ? { place: listing.placeOf(image, variant), id, corruption: null, severity: null, seed: 0 } : null
}

async function originalSize(listing: Listing, image: number): Promise<{ width: number; height: number } | null> {
  try {
    const place = listing.placeOf(image, listing.variants?.[0] ?? null)
    const { width, height } = await readerOf(place).imageSize(place, sampleAt(listing, image).id)
    return { width, height }
  } catch {
    return null // the picture itself says what is wrong with it
  }
}
