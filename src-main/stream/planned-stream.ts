// A stream as it was planned: batches in order, made ahead in the worker pool so that the device need not wait; and single images of them made again.
import { access } from 'node:fs/promises'
import { PalmError } from '#contract/errors.ts'
import type { SkippedFile } from '#contract/tables/report.ts'
import type { PlannedBatch, PlannedItem } from './batcher.ts'
import { firstImagesOf } from './first-images.ts'
import { ImageMaker } from './image-maker.ts'
import { ImageSums } from './image-sums.ts'
import { rgbImage, type RgbImage } from './images/rgb-image.ts'
import type { Listing } from './inputs/listing.ts'
import { readerOf } from './inputs/places/places.ts'
import { SkippedFiles } from './skipped-files.ts'
import type { OpenedInput } from './opened-input.ts'
import type {
  FirstImages,
  InputFound,
  PlannedPlace,
  RemadeImage,
  Stream,
  StreamBatch,
  StreamContext,
  StreamPlan,
} from './stream.ts'

const prefetchBytes = 256 * 2 ** 20

export class PlannedStream implements Stream {
  readonly plan: StreamPlan
  readonly sums = new ImageSums()
  private readonly opened: OpenedInput
  private readonly planned: readonly PlannedBatch[]
  private readonly listing: Listing
  private readonly labels: Int32Array
  private readonly previewCount: number
  private readonly maker: ImageMaker
  private readonly skippedFiles = new SkippedFiles()
  private waited = 0

  constructor(
    plan: StreamPlan,
    planned: readonly PlannedBatch[],
    opened: OpenedInput,
    seed: number,
    context: StreamContext,
  ) {
    this.plan = plan
    this.opened = opened
    const { listing, labels } = opened
    this.planned = planned
    this.listing = listing
    this.labels = labels
    this.previewCount = context.previewCount
    this.maker = new ImageMaker(plan, listing, seed, context)
  }

  get found(): InputFound {
    return this.opened.found
  }

  get skipped(): { files: readonly SkippedFile[]; total: number } {
    return this.skippedFiles.found
  }

  get waitMs(): number {
    return this.waited
  }

  async *batches(fromStep: number): AsyncGenerator<StreamBatch, void, void> {
    const batchBytes = (this.planned[0]?.images ?? 1) * this.maker.bytes
    const ahead = Math.max(1, Math.min(3, Math.floor(prefetchBytes / batchBytes)))
    const queue: Promise<StreamBatch | null>[] = []
    let next = fromStep
    try {
      for (let step = fromStep; step < this.planned.length; step++) {
        while (next < this.planned.length && queue.length < ahead) {
          const made = this.make(this.planned[next++] as PlannedBatch)
          made.catch(() => undefined) // it is awaited later, perhaps never
          queue.push(made)
        }
        const start = performance.now()
        const batch = await queue.shift()
        this.waited += performance.now() - start
        if (batch) yield batch
      }
    } finally {
      await Promise.allSettled(queue)
    }
  }

  close(): Promise<void> {
    return this.maker.close()
  }

  firstImages(count: number): Promise<FirstImages> {
    return firstImagesOf(this.maker, this.opened, count)
  }

  async remake(wanted: readonly PlannedPlace[]): Promise<(RemadeImage | { readonly problem: string })[]> {
    const items = wanted.map(({ step, position, sample }) => {
      const item = this.planned[step]?.items[position]
      return item?.sample === sample ? this.maker.workOf(item) : null
    })
    const known = items.filter((item) => item !== null)
    const { pixels, clean, errors } = await this.maker.make(known, known.length)
    let at = -1
    return items.map((item) => {
      if (!item) return { problem: 'The input is not what it was when the run streamed it.' }
      at += 1
      const error = errors[at]
      return error
        ? { problem: error.message }
        : { id: item.id, corrupted: this.imageOf(pixels, at), clean: this.imageOf(clean, at) }
    })
  }

  /** A file that cannot be read is left out; an input that is gone ends the run. @throws PalmError `input-unreadable` */
  private async checkStanding(): Promise<void> {
    const { path } = this.listing
    await access(path).catch((cause: unknown) => {
      throw new PalmError(
        'input-unreadable',
        `${path} is gone: it was removed or renamed, or its disk was taken away. What was computed is kept: bring it back, then resume the run.`,
        String(cause),
        { cause },
      )
    })
  }

  /** Of an image as the input holds it: where it holds several of a sample, each is one. */
  private numberOf({ sample, distribution: { corruption, severity } }: PlannedItem): number {
    const variant =
      this.listing.variants?.findIndex((one) => one.corruption === corruption && one.severity === severity) ?? -1
    return sample + this.listing.samples.length * (variant + 1)
  }

  /** A copy of one of the images that lie one after the other. */
  private imageOf(pixels: Uint8Array, at: number): RgbImage {
    const { width, height } = this.plan
    const { bytes } = this.maker
    return rgbImage(width, height, new Uint8Array(pixels.subarray(at * bytes, (at + 1) * bytes)))
  }

  /** Null when none of its images can be read. */
  private async make({ step, domain, items: all }: PlannedBatch): Promise<StreamBatch | null> {
    const { width, height } = this.plan
    const size = this.maker.bytes
    const perPart = Math.ceil(all.length / Math.min(this.maker.workers, all.length))
    const parts = Array.from({ length: Math.ceil(all.length / perPart) }, (_, i) =>
      all.slice(i * perPart, (i + 1) * perPart),
    )
    const done = await Promise.all(
      parts.map(async (items, part) => {
        const cleanCount = Math.max(0, Math.min(items.length, this.previewCount - part * perPart))
        const work = items.map((item) => this.maker.workOf(item))
        return { items, work, cleanCount, ...(await this.maker.make(work, cleanCount)) }
      }),
    )
    const kept: { id: string; sample: number; position: number }[] = []
    const clean: RgbImage[] = []
    const pixels = new Uint8Array(all.length * size)
    for (const [at, part] of done.entries()) {
      for (const [i, { place, id }] of part.work.entries()) {
        const error = part.errors[i]
        if (error) {
          await this.checkStanding()
          this.skippedFiles.add(readerOf(place).name(place, id), error)
          continue
        }
        this.sums.see(
          this.numberOf(part.items[i] as PlannedItem),
          part.sums[i] as number,
          readerOf(place).name(place, id),
        )
        pixels.set(part.pixels.subarray(i * size, (i + 1) * size), kept.length * size)
        if (i < part.cleanCount) clean.push(this.imageOf(part.clean, i))
        kept.push({ id, sample: part.items[i]?.sample ?? -1, position: at * perPart + i })
      }
    }
    if (kept.length === 0) return null
    return {
      step,
      domain,
      ids: kept.map(({ id }) => id),
      samples: Int32Array.from(kept, ({ sample }) => sample),
      positions: Int32Array.from(kept, ({ position }) => position),
      labels: Int32Array.from(kept, ({ sample }) => this.labels[sample] as number),
      pixels: pixels.subarray(0, kept.length * size),
      height,
      width,
      clean,
    }
  }
}
