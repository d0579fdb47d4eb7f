// Input + schedule + batch size + seed -> a deterministic sequence of batches. Decoding and corrupting run ahead in a worker pool, so that
// the device need not wait. No tensors in here.
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { CorruptionFamily } from '#contract/inputs/corruption.ts'
import { PalmError, fromWireError } from '#contract/errors.ts'
import type { Domain, SkippedFile } from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { leftOut, planBatches, seedFrom, type PlannedBatch, type PlannedItem } from './batcher.ts'
import type { WorkItem } from './corrupt-worker.ts'
import { familyForSize } from './corruptions/registry.ts'
import { imageSize } from './images/decode.ts'
import { rgbImage, type RgbImage } from './images/rgb-image.ts'
import { matchClasses, type ImageNetClasses } from './inputs/labels.ts'
import type { Listing, Variant } from './inputs/listing.ts'
import { openInput, placedInput } from './inputs/open-input.ts'
import { bytesAt, placeName } from './inputs/place-bytes.ts'
import { WorkerPool } from './pool.ts'

export interface StreamBatch {
  readonly step: number
  readonly domain: number
  readonly ids: readonly string[]
  /** Places in the input's list, and in the batch as it was planned: files that cannot be read leave gaps. */
  readonly samples: Int32Array
  readonly positions: Int32Array
  /** Model classes; -1 without a label. */
  readonly labels: Int32Array
  readonly pixels: Uint8Array // [n, height, width, 3], corrupted
  readonly height: number
  readonly width: number
  /** The first images before corruption, for showing. */
  readonly clean: readonly RgbImage[]
}

/** Uint8 images in one block. */
export interface LabelledImages {
  readonly pixels: Uint8Array // [n, height, width, 3]
  readonly labels: Int32Array
  readonly height: number
  readonly width: number
}

/** An image of a batch; `sample` is what it was when the run streamed it. */
export interface PlannedPlace {
  readonly step: number
  readonly position: number
  readonly sample: number
}

export interface RemadeImage {
  readonly id: string
  readonly corrupted: RgbImage
  readonly clean: RgbImage
}

export interface StreamPlan {
  readonly domains: readonly Domain[]
  readonly totalSteps: number
  readonly totalImages: number
  readonly family: CorruptionFamily
  readonly inputName: string
  /** SHA-256 over ids and labels, in order. */
  readonly inputHash: string
  readonly width: number
  readonly height: number
}

export interface Stream {
  readonly plan: StreamPlan
  /** From a step on, in order. A batch of which no image could be read is left out. */
  batches(fromStep: number): AsyncGenerator<StreamBatch, void, void>
  /** At most `count` labelled images before corruption, spread evenly over the input; what cannot be read is left out without a word. None where the input
   *  came corrupted. */
  cleanImages(count: number): Promise<LabelledImages>
  /** Single images of the plan made again as they were streamed, each with what it was before corruption; an image that cannot be read gives words. */
  remake(wanted: readonly PlannedPlace[]): Promise<(RemadeImage | { readonly problem: string })[]>
  /** Files that could not be read: the first thousand by name, and how many in all. */
  readonly skipped: { readonly files: readonly SkippedFile[]; readonly total: number }
  /** Milliseconds that the reader of `batches` has waited. */
  readonly waitMs: number
  close(): Promise<void>
}

export interface StreamContext {
  readonly sampleFolder: string
  readonly inputSize: number | null
  readonly modelClasses: number
  readonly classNames: readonly string[] | null
  readonly imageNet: ImageNetClasses
  /** Short side before the middle is cut out, in sizes; absent = 1. */
  readonly resize?: number | undefined
  /** Worker threads; null = one less than the cores, at least one. */
  readonly workers: number | null
  readonly previewCount: number
}

const prefetchBytes = 256 * 2 ** 20
const cacheBytes = 256 * 2 ** 20
const maxSkippedNames = 1000

/** @throws PalmError `input-unreadable`, `input-empty`, `input-labels`, `input-size` */
export async function openStream(options: RunOptions, context: StreamContext): Promise<Stream> {
  const input = placedInput(options.input, context.sampleFolder)
  const listing = await openInput(input)
  const inputName = options.input.kind === 'sample' ? 'EuroSAT sample' : listing.name
  const classOf = matchClasses(
    listing.classNames,
    {
      modelClasses: context.modelClasses,
      modelNames: context.classNames,
      chosen: input.labels,
      imageNet: context.imageNet,
    },
    inputName,
  )
  const labels = Int32Array.from(listing.samples, (sample) =>
    sample.classIndex < 0 ? -1 : classOf[sample.classIndex] === -1 ? leftOut : (classOf[sample.classIndex] as number),
  )
  const { width, height } =
    context.inputSize === null ? await firstSize(listing) : { width: context.inputSize, height: context.inputSize }
  const drift = listing.domains
    ? {
        names: listing.domains,
        domainOf: (sample: number) => listing.samples[sample]?.domain ?? 0,
        ordered: listing.ordered,
      }
    : null
  const { domains, batches } = planBatches(labels, options, drift)
  if (batches.length === 0) throw new PalmError('input-empty', `No images of ${inputName} are left to run on.`)
  if (listing.variants) checkVariants(listing.variants, batches, inputName)
  const hash = createHash('sha256')
  for (let at = 0; at < listing.samples.length; at += 1000)
    hash.update(
      listing.samples
        .slice(at, at + 1000)
        .map(({ id }, i) => `${id}\u0000${labels[at + i]}\n`)
        .join(''),
    )
  const plan: StreamPlan = {
    domains,
    totalSteps: batches.length,
    totalImages: domains.reduce((sum, { images }) => sum + images, 0),
    family: options.family === 'auto' ? familyForSize(width, height) : options.family,
    inputName,
    inputHash: hash.digest('hex'),
    width,
    height,
  }
  return new FolderStream(plan, batches, listing, labels, options.seed, context)
}

/** @throws PalmError `input-empty` naming what there is not */
function checkVariants(variants: readonly Variant[], batches: readonly PlannedBatch[], inputName: string): void {
  const known = new Set(variants.map(({ corruption, severity }) => `${corruption} ${severity}`))
  for (const { corruption, severity } of new Set(
    [...new Set(batches.map(({ distributions }) => distributions))].flat(),
  )) {
    if (known.has(`${corruption} ${severity}`)) continue
    const wanted = corruption === null ? 'clean images' : `${corruption} of severity ${severity}`
    throw new PalmError(
      'input-empty',
      `${inputName} is corrupted already and has no ${wanted}. It has ${[...known].slice(0, 6).join(', ')}${known.size > 6 ? ' …' : ''}.`,
    )
  }
}

/** The size of images that no model asks to scale. @throws PalmError `input-unreadable` */
export async function firstSize(listing: Listing): Promise<{ width: number; height: number }> {
  let reason: unknown = null
  for (let sample = 0; sample < Math.min(100, listing.samples.length); sample++) {
    try {
      const place = listing.placeOf(sample, listing.variants?.[0] ?? null)
      if (place.kind === 'pixels') return { width: place.width, height: place.height }
      const { id } = listing.samples[sample] as Listing['samples'][number]
      return imageSize(await bytesAt(place, id), placeName(place, id))
    } catch (thrown) {
      reason = thrown
    }
  }
  throw new PalmError('input-unreadable', `None of the first images of ${listing.name} can be read.`, String(reason), {
    cause: reason,
  })
}

class FolderStream implements Stream {
  readonly plan: StreamPlan
  private readonly planned: readonly PlannedBatch[]
  private readonly listing: Listing
  private readonly labels: Int32Array
  private readonly seed: number
  private readonly context: StreamContext
  private readonly pool: WorkerPool
  private readonly skippedNames = new Map<string, string>()
  private readonly skippedFiles = new Set<string>()
  private waited = 0

  constructor(
    plan: StreamPlan,
    planned: readonly PlannedBatch[],
    listing: Listing,
    labels: Int32Array,
    seed: number,
    context: StreamContext,
  ) {
    this.plan = plan
    this.planned = planned
    this.listing = listing
    this.labels = labels
    this.seed = seed
    this.context = context
    this.pool = new WorkerPool(context.workers ?? Math.max(1, Math.min(8, availableParallelism() - 1)))
  }

  get skipped(): { files: readonly SkippedFile[]; total: number } {
    return { files: [...this.skippedNames].map(([path, reason]) => ({ path, reason })), total: this.skippedFiles.size }
  }

  get waitMs(): number {
    return this.waited
  }

  async *batches(fromStep: number): AsyncGenerator<StreamBatch, void, void> {
    const { width, height } = this.plan
    const batchBytes = (this.planned[0]?.images ?? 1) * width * height * 3
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
    return this.pool.close()
  }

  async cleanImages(count: number): Promise<LabelledImages> {
    const { width, height, family } = this.plan
    const size = width * height * 3
    const { variants } = this.listing
    const labelled =
      variants && !variants.some(({ corruption }) => corruption === null)
        ? []
        : [...this.labels.keys()].filter((sample) => (this.labels[sample] as number) >= 0)
    const samples = Array.from(
      { length: Math.min(count, labelled.length) },
      (_, i) => labelled[Math.floor((i * labelled.length) / Math.min(count, labelled.length))] as number,
    )
    const items = samples.map((sample) => {
      const { id } = this.sampleAt(sample)
      return { place: this.listing.placeOf(sample, null), id, corruption: null, severity: null, seed: 0 }
    })
    const pixels = new SharedArrayBuffer(items.length * size)
    const { errors } =
      items.length === 0
        ? { errors: [] }
        : await this.pool.run({
            items,
            family,
            width,
            height,
            inputSize: this.context.inputSize,
            resize: this.context.resize ?? 1,
            pixels,
            clean: new SharedArrayBuffer(0),
            cleanCount: 0,
            cacheBytes: cacheBytes / this.pool.size,
          })
    const all = new Uint8Array(pixels)
    const readable = samples.flatMap((sample, i) => (errors[i] ? [] : [{ i, label: this.labels[sample] as number }]))
    const kept = new Uint8Array(readable.length * size)
    for (const [at, { i }] of readable.entries()) kept.set(all.subarray(i * size, (i + 1) * size), at * size)
    return { pixels: kept, labels: Int32Array.from(readable, ({ label }) => label), height, width }
  }

  async remake(wanted: readonly PlannedPlace[]): Promise<(RemadeImage | { readonly problem: string })[]> {
    const { width, height, family } = this.plan
    const size = width * height * 3
    const items = wanted.map(({ step, position, sample }) => {
      const item = this.planned[step]?.items[position]
      return item?.sample === sample ? this.workOf(item) : null
    })
    const known = items.filter((item) => item !== null)
    const pixels = new SharedArrayBuffer(known.length * size)
    const clean = new SharedArrayBuffer(known.length * size)
    const { errors } =
      known.length === 0
        ? { errors: [] }
        : await this.pool.run({
            items: known,
            family,
            width,
            height,
            inputSize: this.context.inputSize,
            resize: this.context.resize ?? 1,
            pixels,
            clean,
            cleanCount: known.length,
            cacheBytes: cacheBytes / this.pool.size,
          })
    const part = (buffer: SharedArrayBuffer, i: number) =>
      rgbImage(width, height, new Uint8Array(buffer).slice(i * size, (i + 1) * size))
    let at = -1
    return items.map((item) => {
      if (!item) return { problem: 'The input is not what it was when the run streamed it.' }
      at += 1
      const error = errors[at]
      return error ? { problem: error.message } : { id: item.id, corrupted: part(pixels, at), clean: part(clean, at) }
    })
  }

  private async make(batch: PlannedBatch): Promise<StreamBatch | null> {
    const { width, height, family } = this.plan
    const size = width * height * 3
    const { items: all } = batch
    const parts = Math.min(this.pool.size, all.length)
    const perPart = Math.ceil(all.length / parts)
    const chunks = Array.from({ length: Math.ceil(all.length / perPart) }, (_, i) =>
      all.slice(i * perPart, (i + 1) * perPart),
    )
    const done = await Promise.all(
      chunks.map(async (items, part) => {
        const cleanCount = Math.max(0, Math.min(items.length, this.context.previewCount - part * perPart))
        const pixels = new SharedArrayBuffer(items.length * size)
        const clean = new SharedArrayBuffer(cleanCount * size)
        const work = items.map((item) => this.workOf(item))
        const { errors } = await this.pool.run({
          items: work,
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
        return { items, work, pixels: new Uint8Array(pixels), clean: new Uint8Array(clean), cleanCount, errors }
      }),
    )
    const ids: string[] = []
    const samples: number[] = []
    const positions: number[] = []
    const labels: number[] = []
    const clean: RgbImage[] = []
    const pixels = new Uint8Array(all.length * size)
    for (const [at, part] of done.entries()) {
      for (const [i, { sample }] of part.items.entries()) {
        const error = part.errors[i]
        const { id } = this.sampleAt(sample)
        if (error) {
          this.skip(
            part.work[i]?.place.kind === 'file' ? (part.work[i]?.place.path ?? id) : placeName(part.work[i]!.place, id),
            error,
          )
          continue
        }
        pixels.set(part.pixels.subarray(i * size, (i + 1) * size), ids.length * size)
        if (i < part.cleanCount) clean.push(rgbImage(width, height, part.clean.slice(i * size, (i + 1) * size)))
        ids.push(id)
        samples.push(sample)
        positions.push(at * perPart + i)
        labels.push(this.labels[sample] as number)
      }
    }
    if (ids.length === 0) return null
    return {
      step: batch.step,
      domain: batch.domain,
      ids,
      samples: Int32Array.from(samples),
      positions: Int32Array.from(positions),
      labels: Int32Array.from(labels),
      pixels: pixels.subarray(0, ids.length * size),
      height,
      width,
      clean,
    }
  }

  private workOf({ sample, distribution }: PlannedItem): WorkItem {
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

  private sampleAt(index: number) {
    const sample = this.listing.samples[index]
    if (!sample) throw new RangeError(`No sample ${index}`)
    return sample
  }

  /** A file that cannot be read is left out and named; an image of another size is the user's to decide about. */
  private skip(file: string, error: { code: string; message: string }): void {
    if (error.code === 'input-size') {
      throw new PalmError(
        'input-size',
        `The images have different sizes: ${file} is ${error.message}. Give a size to which all are scaled and cut (--size).`,
      )
    }
    if (error.code === 'internal') throw fromWireError({ code: 'internal', message: error.message })
    this.skippedFiles.add(file)
    if (this.skippedNames.size < maxSkippedNames) this.skippedNames.set(file, error.message)
  }
}
