// Tensors that one program adapts and the other freezes because their score lies at the threshold: float32 sums in another order fall to either side.
import type { TensorReport } from '#engine/methods/method.ts'
import type { PalmTensor, TraceStep } from './fixture.ts'
import type { Mode } from './tally.ts'

export interface Tie {
  readonly method: string
  readonly mode: Mode
  readonly step: number
  readonly tensor: string
  /** Scores in units of eta. */
  readonly ours: number
  readonly theirs: number
  /** How far from 1 both may be to count as equal: the limit of a score's relative deviation. */
  readonly reach: number
}

/**
 * Every tensor on whose selection the two differ, with both scores within `reach` of eta. Null where they differ on one that is not: that is no tie.
 * `names` in the order of `tensors`.
 */
export function tiesOf(
  names: readonly string[],
  tensors: readonly TensorReport[],
  expected: TraceStep['per_tensor'],
  eta: number,
  reach: number,
): Pick<Tie, 'tensor' | 'ours' | 'theirs' | 'reach'>[] | null {
  const ties: Pick<Tie, 'tensor' | 'ours' | 'theirs' | 'reach'>[] = []
  for (const [i, tensor] of names.entries()) {
    const [mine, theirs] = [tensors[i], expected?.[tensor] as PalmTensor | undefined]
    if (!mine || !theirs || (mine.state === 'fresh') === theirs.selected) continue
    const tie = { tensor, ours: mine.score / eta, theirs: theirs.score / eta, reach }
    if (!(Math.abs(tie.ours - 1) <= reach && Math.abs(tie.theirs - 1) <= reach)) return null
    ties.push(tie)
  }
  return ties
}
