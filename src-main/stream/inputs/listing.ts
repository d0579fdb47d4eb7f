// What an input turned out to hold: samples with their classes, and from where each one's pixels come. Only names and places; nothing is decoded.
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'

/** Where the bytes of an image lie. Plain data: it travels to the worker threads. */
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

export interface InputSample {
  /** Stable across machines: the path relative to the input, with `/`; what the random numbers of its corruption follow from. */
  readonly id: string
  /** Index into `classNames`; -1 without a label. */
  readonly classIndex: number
  /** Index into `domains`; 0 when there are none. */
  readonly domain: number
}

/** Images that are corrupted already. */
export interface Variant {
  readonly corruption: CorruptionName
  readonly severity: Severity
}

export type InputKind = 'class-folders' | 'flat-folder' | 'table' | 'imagenet-c' | 'cifar-c' | 'array'

export interface Listing {
  readonly kind: InputKind
  readonly name: string
  readonly classNames: readonly string[]
  readonly emptyClasses: readonly string[]
  readonly samples: readonly InputSample[]
  /** Real drift: names of domains in their order; null = the images are one. */
  readonly domains: readonly string[] | null
  /** Whether the order within a domain is that of the world, and not to be shuffled. */
  readonly ordered: boolean
  /** Set when the images are corrupted already: what there is of them. */
  readonly variants: readonly Variant[] | null
  /** `train`, `val`, … where the input has such parts, and the one that was taken. */
  readonly splits: readonly string[]
  readonly split: string | null
  readonly problems: readonly string[]
  /** `variant` null = as it is. */
  readonly placeOf: (sample: number, variant: Variant | null) => ImagePlace
}

export const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
