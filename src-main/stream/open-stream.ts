// Plans a run's stream: opens its input, matches the classes, and cuts the schedule into batches. Nothing is decoded yet.
import { createHash } from 'node:crypto'
import { countingOf, labelsOf } from '#contract/inputs/input-kinds.ts'
import { PalmError } from '#contract/errors.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { leftOut, planBatches, type PlannedBatch } from './batcher.ts'
import { familyForSize } from './corruptions/registry.ts'
import { firstImageSize } from './inputs/first-image.ts'
import { emptyOf, matchClasses } from './inputs/labels.ts'
import type { Listing, Variant } from './inputs/listing.ts'
import { openInput } from './inputs/open-input.ts'
import { PlannedStream } from './planned-stream.ts'
import { scheduleDomains } from './schedule.ts'
import type { Stream, StreamContext, StreamPlan } from './stream.ts'

/** @throws PalmError `input-unreadable`, `input-empty`, `input-labels`, `input-size` */
export async function openStream(options: RunOptions, context: StreamContext): Promise<Stream> {
  const { input } = options
  const found = await openInput(input, context)
  const { name: inputName } = found
  const asked = scheduleDomains(options).flatMap(({ corruption, severity }) =>
    corruption !== null && severity !== null ? [{ corruption, severity }] : [],
  )
  const listing = { ...found, ...found.forVariants?.(asked) }
  const classOf = matchClasses(
    listing.classNames,
    {
      modelClasses: context.modelClasses,
      modelNames: context.classNames,
      chosen: labelsOf(input),
      counting: countingOf(input),
      ...emptyOf(listing),
      imageNet: context.imageNet,
    },
    inputName,
  )
  const labels = Int32Array.from(listing.samples, (sample) =>
    sample.classIndex < 0 ? -1 : classOf[sample.classIndex] === -1 ? leftOut : (classOf[sample.classIndex] as number),
  )
  const { width, height } =
    context.inputSize === null ? await firstImageSize(listing) : { width: context.inputSize, height: context.inputSize }
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
  const plan: StreamPlan = {
    domains,
    totalSteps: batches.length,
    totalImages: domains.reduce((sum, { images }) => sum + images, 0),
    family: options.family === 'auto' ? familyForSize(width, height) : options.family,
    inputName,
    inputHash: hashOf(listing, labels),
    width,
    height,
  }
  return new PlannedStream(plan, batches, listing, labels, options.seed, context)
}

/** Over ids and labels, in order: a resumed run finds by it whether the input is what it was. */
function hashOf({ samples }: Listing, labels: Int32Array): string {
  const hash = createHash('sha256')
  for (let at = 0; at < samples.length; at += 1000)
    hash.update(
      samples
        .slice(at, at + 1000)
        .map(({ id }, i) => `${id}\u0000${labels[at + i]}\n`)
        .join(''),
    )
  return hash.digest('hex')
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
