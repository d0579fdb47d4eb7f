// Batches that a run goes through in parts, because they did not fit into the device's memory: asked for by a person when the run is resumed, recorded with the run, and said wherever
// its numbers are, for they are others than those of whole batches. The stream stays as it is: a step is a batch of images, which every lane takes in so many parts, one after the
// other, each as a batch of its own.
import { z } from 'zod'

export const halvingSchema = z.object({
  from: z.number().int().nonnegative(), // the first step that it applies to
  parts: z.number().int().min(2).max(4096), // 2, 4, 8, …
})
export type Halving = z.output<typeof halvingSchema>

/** Parts of a batch in a step: 1 = whole. */
export const partsAt = (halvings: readonly Halving[], step: number): number =>
  halvings.findLast(({ from }) => from <= step)?.parts ?? 1

/** Halved once more from `step` on. */
export function halvedFrom(halvings: readonly Halving[], step: number): Halving[] {
  const earlier = halvings.filter(({ from }) => from < step)
  return [...earlier, { from: step, parts: 2 * partsAt(halvings, step) }]
}

/** In English; empty for whole batches. */
export const halvingText = (halvings: readonly Halving[], batchSize: number): string =>
  halvings
    .map(({ from, parts }) => `From step ${from + 1} on in batches of ${Math.ceil(batchSize / parts)}: memory ran out.`)
    .join(' ')
