// The few images of an input that the unadapted model is shown before a run: as they are, or where they came corrupted, with the mildest corruption there is.
import type { CorruptionName } from '#contract/inputs/corruption.ts'
import { familyForSize } from './corruptions/registry.ts'
import { ImageMaker, type MakerContext } from './image-maker.ts'
import type { Listing, Variant } from './inputs/listing.ts'
import type { OpenedInput } from './opened-input.ts'
import type { FirstImages } from './stream.ts'

/** How much a corruption of severity 5 harms: error in % of the unadapted network on CIFAR-10-C (Maharana, Zhang, Guo, AAAI 2025, Table 1). */
const harm: Readonly<Partial<Record<CorruptionName, number>>> = {
  gaussian_noise: 72.3,
  shot_noise: 65.7,
  impulse_noise: 72.9,
  defocus_blur: 46.9,
  glass_blur: 54.3,
  motion_blur: 34.8,
  zoom_blur: 42,
  snow: 25.1,
  frost: 41.3,
  fog: 26,
  brightness: 9.3,
  contrast: 46.7,
  elastic_transform: 26.6,
  pixelate: 58.5,
  jpeg_compression: 30.3,
}
const usualHarm = 45

/** Of those that are asked for, where any of them is there, else of all. Null = the images are clean. */
export function mildest({ variants }: Pick<Listing, 'variants'>, asked: readonly Variant[]): Variant | null {
  const isAsked = (one: Variant) =>
    asked.some(({ corruption, severity }) => corruption === one.corruption && severity === one.severity)
  const wanted = variants?.filter(isAsked) ?? []
  const harmOf = ({ corruption, severity }: Variant) => severity * (harm[corruption] ?? usualHarm)
  return (wanted.length > 0 ? wanted : (variants ?? [])).toSorted((a, b) => harmOf(a) - harmOf(b))[0] ?? null
}

/** At most `count` of the samples, spread evenly: those with labels where there are any, else those without. */
function spread(labels: Int32Array, count: number): number[] {
  const withLabel = [...labels.keys()].filter((sample) => (labels[sample] as number) >= 0)
  const pool = withLabel.length > 0 ? withLabel : [...labels.keys()].filter((sample) => labels[sample] === -1)
  const taken = Math.min(count, pool.length)
  return Array.from({ length: taken }, (_, i) => pool[Math.floor((i * pool.length) / taken)] as number)
}

/** `maker` of the same listing and size. */
export async function firstImagesOf(
  maker: ImageMaker,
  { listing, labels, asked, width, height }: OpenedInput,
  count: number,
): Promise<FirstImages> {
  const variant = mildest(listing, asked)
  const samples = spread(labels, count)
  const { pixels, errors } = await maker.make(
    samples.map((sample) => maker.ownWorkOf(sample, variant)),
    0,
  )
  const readable = samples.flatMap((sample, i) => (errors[i] ? [] : [{ i, sample }]))
  const kept = new Uint8Array(readable.length * maker.bytes)
  for (const [at, { i }] of readable.entries())
    kept.set(pixels.subarray(i * maker.bytes, (i + 1) * maker.bytes), at * maker.bytes)
  return {
    pixels: kept,
    labels: Int32Array.from(readable, ({ sample }) => labels[sample] as number),
    ids: readable.map(({ sample }) => listing.samples[sample]?.id ?? ''),
    seen: variant ?? { corruption: null, severity: null },
    height,
    width,
  }
}

/** The same without a stream. */
export async function firstImages(opened: OpenedInput, context: MakerContext, count: number): Promise<FirstImages> {
  const { listing, width, height } = opened
  const maker = new ImageMaker({ width, height, family: familyForSize(width, height) }, listing, 0, context)
  try {
    return await firstImagesOf(maker, opened, count)
  } finally {
    await maker.close()
  }
}
