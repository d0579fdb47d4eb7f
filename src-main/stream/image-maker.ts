// Makes the images of a plan in the worker pool: as they were, and corrupted as the plan says.
import { availableParallelism } from 'node:os'
import { seedFrom, type PlannedItem } from './batcher.ts'
import type { WorkItem, WorkResult } from './corrupt-worker.ts'
import type { InputSample, Listing, Variant } from './inputs/listing.ts'
import { WorkerPool } from './pool.ts'
import type { StreamContext, StreamPlan } from './stream.ts'

/** How images are made: their size and the strength of corruptions. */
export type MakerContext = Pick<StreamContext, 'workers' | 'inputSize' | 'resize'>
export type MakerPlan = Pick<StreamPlan, 'width' | 'height' | 'family'>

/** Of clean images, in all workers. */
const cacheBytes = 256 * 2 ** 20

export interface MadeImages {
  /** One after the other, where `errors` has none for it. */
  readonly pixels: Uint8Array<SharedArrayBuffer>
  /** Of the first images, before corruption. */
  readonly clean: Uint8Array<SharedArrayBuffer>
  readonly errors: WorkResult['errors']
  readonly sums: WorkResult['sums']
}

export class ImageMaker {
  /** Of one image. */
  readonly bytes: number
  private readonly plan: MakerPlan
  private readonly listing: Listing
  private readonly seed: number
  private readonly context: MakerContext
  private readonly pool: WorkerPool

  constructor(plan: MakerPlan, listing: Listing, seed: number, context: MakerContext) {
    this.bytes = plan.width * plan.height * 3
    this.plan = plan
    this.listing = listing
    this.seed = seed
    this.context = context
    this.pool = new WorkerPool(context.workers ?? Math.max(1, Math.min(8, availableParallelism() - 1)))
  }

  get workers(): number {
    return this.pool.size
  }

  /** Of the first `cleanCount` images also what they were before corruption. */
  async make(items: readonly WorkItem[], cleanCount: number): Promise<MadeImages> {
    const { width, height, family } = this.plan
    const pixels = new SharedArrayBuffer(items.length * this.bytes)
    const clean = new SharedArrayBuffer(cleanCount * this.bytes)
    const { errors, sums } =
      items.length === 0
        ? { errors: [], sums: new Uint32Array(0) }
        : await this.pool.run({
            items,
            family,
            width,
            height,
            inputSize: this.context.inputSize,
            resize: this.context.resize ?? 1,
            pixels,
            clean,
            cleanCount,
            cacheBytes: cacheBytes / this.pool.size,
          })
    return { pixels: new Uint8Array(pixels), clean: new Uint8Array(clean), errors, sums }
  }

  /** An image as the plan has it. */
  workOf({ sample, distribution }: PlannedItem): WorkItem {
    const { id } = this.sampleAt(sample)
    const { corruption, severity } = distribution
    const variant = this.listing.variants && corruption !== null && severity !== null ? { corruption, severity } : null
    const place = this.listing.placeOf(sample, variant)
    return {
      place,
      id,
      corruption: variant ? null : corruption,
      severity: variant ? null : severity,
      seed: seedFrom(this.seed, id, distribution.name),
    }
  }

  /** An image as it is, or as the input has it corrupted. */
  ownWorkOf(sample: number, variant: Variant | null): WorkItem {
    const { id } = this.sampleAt(sample)
    return { place: this.listing.placeOf(sample, variant), id, corruption: null, severity: null, seed: 0 }
  }

  close(): Promise<void> {
    return this.pool.close()
  }

  private sampleAt(index: number): InputSample {
    const sample = this.listing.samples[index]
    if (!sample) throw new RangeError(`No sample ${index}`)
    return sample
  }
}
