// What an input turned out to hold: samples with their classes, and from where each one's pixels come. Only names and places; nothing is decoded.
import type { CorruptionName, Severity } from '#contract/inputs/corruption.ts'
import type { InputLayout } from '#contract/inputs/input-layouts.ts'
import type { ImagePlace } from './places/place.ts'

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

export interface Listing {
  readonly kind: InputLayout
  /** Where it lies. */
  readonly path: string
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
  /** Set where the files do not say which severities they hold: what lies where, once it is known which are asked for. @throws PalmError `input-empty` */
  readonly forVariants?: (asked: readonly Variant[]) => Pick<Listing, 'placeOf'>
}

/** What a layout's driver finds; of which layout it is, and where, is added to it. */
export type LaidOut = Omit<Listing, 'kind' | 'path'>

/** Of images that come as they are, all in one domain. */
export const plain = {
  emptyClasses: [],
  domains: null,
  ordered: false,
  variants: null,
  splits: [],
  split: null,
  problems: [],
} as const satisfies Partial<Listing>

export const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
