// What a stream is: input + schedule + batch size + seed -> a deterministic sequence of batches. No tensors in here.
import type { CorruptionFamily } from '#contract/inputs/corruption.ts'
import type { OrderedDomain } from '#contract/runs/run-options.ts'
import type { Domain, SkippedFile } from '#contract/tables/report.ts'
import type { RgbImage } from './images/rgb-image.ts'
import type { ImageSums } from './image-sums.ts'
import type { InputFolders } from './inputs/kinds/kind.ts'
import type { ImageNetClasses } from './inputs/labels.ts'

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

/** What an input holds for a model. */
export interface InputFound {
  readonly images: number
  readonly labelled: number
  /** Classes by what they were matched by, those that are left out not among them. */
  readonly matched: readonly { readonly how: string; readonly classes: number }[]
  readonly leftOut: number
  /** Images of the classes that take part; null without labels. */
  readonly perClass: { readonly least: number; readonly most: number } | null
  /** What was taken of the input and what was left out, in sentences. */
  readonly notes: readonly string[]
}

/**
 * A few images spread evenly over the input, those with labels where there are any (else -1), as they were before corruption; where the input came corrupted,
 * the mildest that there is. What cannot be read is left out without a word.
 */
export interface FirstImages extends LabelledImages {
  readonly ids: readonly string[]
  readonly seen: OrderedDomain
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
  readonly found: InputFound
  firstImages(count: number): Promise<FirstImages>
  /** Single images of the plan made again as they were streamed, each with what it was before corruption; an image that cannot be read gives words. */
  remake(wanted: readonly PlannedPlace[]): Promise<(RemadeImage | { readonly problem: string })[]>
  /** Files that could not be read: the first thousand by name, and how many in all. */
  readonly skipped: { readonly files: readonly SkippedFile[]; readonly total: number }
  /** What the images were that were read so far; whoever goes on with a run gives it what was read before. */
  readonly sums: ImageSums
  /** Milliseconds that the reader of `batches` has waited. */
  readonly waitMs: number
  close(): Promise<void>
}

export interface StreamContext extends InputFolders {
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
