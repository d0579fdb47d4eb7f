// Our readers against the tools that other people read the same files with: generated files of one kind after the other, until the two disagree. The
// suite compares a few hundred of each, `npm run fuzz -- --differential` two thousand.
import { checkpoints } from './checkpoints.ts'
import { graphs } from './graphs.ts'
import { lists, trees } from './listings.ts'

export interface DifferentialKind {
  readonly name: string
  /** What it needs and this machine lacks, and how to get it; absent or null = nothing. */
  readonly missing?: () => Promise<string | null>
  /**
   * Makes the file of that seed and reads it with both. Null = they agree (also in refusing it, and where ours refuses by name what it does not support);
   * else how they disagree. `keep` is a folder in which the file is left then.
   */
  readonly one: (seed: number, keep: string) => Promise<string | null>
  /** Ends what `one` has started. */
  readonly close?: () => Promise<void>
}

/** In the order of the help. */
export const kinds: readonly DifferentialKind[] = [graphs, checkpoints, trees, lists]

export interface DifferentialResult {
  readonly compared: number
  /** The first one; nothing is compared after it. */
  readonly disagreement: { readonly seed: number; readonly what: string } | null
  readonly seconds: number
}

/** Compares the files of `count` seeds from `from` on, until the first disagreement. */
export async function differential(
  { one }: DifferentialKind,
  { from, count, keep }: { readonly from: number; readonly count: number; readonly keep: string },
): Promise<DifferentialResult> {
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  for (let seed = from; seed < from + count; seed++) {
    const what = await one(seed, keep)
    if (what !== null) return { compared: seed - from + 1, disagreement: { seed, what }, seconds: seconds() }
  }
  return { compared: count, disagreement: null, seconds: seconds() }
}
