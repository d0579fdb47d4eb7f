// Is the unadapted model any better than guessing on clean images? A wrong normalisation, class order or input size still "works", only worse: this is
// how it shows before a whole table rests on it.
import { z } from 'zod'

export const cleanCheckSchema = z.object({
  labelled: z.number().int().positive(),
  correct: z.number().int().nonnegative(),
})
/** What the unadapted model got right of some labelled images before any corruption. */
export type CleanCheck = z.output<typeof cleanCheckSchema>

/** Fewer images cannot tell. */
export const fewestCleanImages = 30
/** A guessing model passes for a real one in one run of a thousand. */
const level = 1e-3

/** Whether guessing among `classes` gets as many right in more than one of a thousand tries (one-sided binomial test). */
export function nearChance({ labelled, correct }: CleanCheck, classes: number): boolean {
  return labelled >= fewestCleanImages && classes > 1 && atLeast(correct, labelled, 1 / classes) > level
}

/** P(X >= k), X ~ Binomial(n, p). */
export function atLeast(k: number, n: number, p: number): number {
  let log = n * Math.log1p(-p) // of P(X = 0)
  let below = 0
  for (let i = 0; i < k; i++) {
    below += Math.exp(log)
    log += Math.log((n - i) / (i + 1)) + Math.log(p) - Math.log1p(-p)
  }
  return Math.max(0, 1 - below)
}
