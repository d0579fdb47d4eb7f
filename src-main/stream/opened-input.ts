// An input that was opened for a model: its images listed, their classes matched to the model's. Nothing is decoded yet.
import { countingOf, labelsOf, type InputOptions } from '#contract/inputs/input-kinds.ts'
import { leftOut } from './batcher.ts'
import { firstImageSize } from './inputs/first-image.ts'
import { emptyOf, matchClasses, proposeMatches, type ClassMatch } from './inputs/labels.ts'
import type { Listing, Variant } from './inputs/listing.ts'
import { openInput } from './inputs/open-input.ts'
import type { InputFound, StreamContext } from './stream.ts'

export interface OpenedInput {
  readonly listing: Listing
  /** Of the listing's samples, as classes of the model; -1 without one, `leftOut` where it is left out. */
  readonly labels: Int32Array
  readonly found: InputFound
  /** What was asked for of images that came corrupted. */
  readonly asked: readonly Variant[]
  /** Of an image as the model gets it. */
  readonly width: number
  readonly height: number
}

/** `asked`: what of it will be shown, where it came corrupted; empty = anything. @throws PalmError `input-unreadable`, `input-empty`, `input-labels` */
export async function openFor(
  input: InputOptions,
  context: Pick<StreamContext, 'sampleFolder' | 'inputSize' | 'modelClasses' | 'classNames' | 'imageNet'>,
  asked: readonly Variant[],
): Promise<OpenedInput> {
  const listed = await openInput(input, context)
  const listing = { ...listed, ...listed.forVariants?.(asked) }
  const match = {
    modelClasses: context.modelClasses,
    modelNames: context.classNames,
    chosen: labelsOf(input),
    counting: countingOf(input),
    ...emptyOf(listing),
    imageNet: context.imageNet,
  }
  const classOf = matchClasses(listing.classNames, match, listing.name)
  const labels = Int32Array.from(listing.samples, (sample) =>
    sample.classIndex < 0 ? -1 : classOf[sample.classIndex] === -1 ? leftOut : (classOf[sample.classIndex] as number),
  )
  const { width, height } =
    context.inputSize === null ? await firstImageSize(listing) : { width: context.inputSize, height: context.inputSize }
  return {
    listing,
    labels,
    found: foundIn(listing, labels, proposeMatches(listing.classNames, match)),
    asked,
    width,
    height,
  }
}

function foundIn({ samples, problems }: Listing, labels: Int32Array, matches: readonly ClassMatch[]): InputFound {
  const perClass = new Int32Array(matches.length)
  for (const { classIndex } of samples) if (classIndex >= 0) perClass[classIndex] = (perClass[classIndex] as number) + 1
  const kept = matches.filter(({ index }) => index !== null)
  const counts = [...perClass].filter((_, i) => matches[i]?.index != null).sort((a, b) => a - b)
  return {
    images: labels.reduce((sum, label) => sum + (label === leftOut ? 0 : 1), 0),
    labelled: labels.reduce((sum, label) => sum + (label >= 0 ? 1 : 0), 0),
    matched: [...Map.groupBy(kept, ({ how }) => how)].map(([how, classes]) => ({ how, classes: classes.length })),
    leftOut: matches.filter(({ index }, i) => index === null && (perClass[i] as number) > 0).length,
    perClass: counts.length === 0 ? null : { least: counts[0] as number, most: counts.at(-1) as number },
    notes: problems,
  }
}
