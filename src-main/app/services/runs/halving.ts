// Whether a run may go on with batches of half the size.
import { PalmError } from '#contract/errors.ts'
import { partsAt } from '#contract/runs/halving.ts'
import type { Records } from './records.ts'

/** @throws PalmError `bad-request` saying why not */
export function checkHalving(store: Pick<Records, 'runs' | 'cells'>, run: number): void {
  const { options, step } = store.runs.get(run)
  const refuse = (why: string): never => {
    throw new PalmError('bad-request', `The batches of run ${run} cannot be halved: ${why}`)
  }
  if (store.cells.holds(run)) refuse('it computes cells of a sweep, whose settings must stay as they are.')
  if (options.window !== null)
    refuse(`its methods see a window of ${options.window} images at each step. Start a new run with a smaller window.`)
  const parts = partsAt(store.runs.plan(run)?.halvings ?? [], step)
  if (2 * parts > options.batchSize)
    refuse(`there is one image in each already. Start a new run with fewer methods or a smaller model.`)
}
