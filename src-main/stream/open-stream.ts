// Plans a run's stream: opens its input, matches the classes, and cuts the schedule into batches. Nothing is decoded yet.
import { createHash } from 'node:crypto'
import { PalmError } from '#contract/errors.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { planBatches, type PlannedBatch } from './batcher.ts'
import { familyForSize } from './corruptions/registry.ts'
import type { Listing, Variant } from './inputs/listing.ts'
import { openFor } from './opened-input.ts'
import { PlannedStream } from './planned-stream.ts'
import { scheduleDomains } from './schedule.ts'
import type { Stream, StreamContext, StreamPlan } from './stream.ts'

/** @throws PalmError `input-unreadable`, `input-empty`, `input-labels`, `input-size` */
export async function openStream(options: RunOptions, context: StreamContext): Promise<Stream> {
  const asked = scheduleDomains(options).flatMap(({ corruption, severity }) =>
    corruption !== null && severity !== null ? [{ corruption, severity }] : [],
  )
  const opened = await openFor(options.input, context, asked)
  const { listing, labels, width, height } = opened
  const { name: inputName } = listing
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
  return new PlannedStream(plan, batches, opened, options.seed, context)
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
