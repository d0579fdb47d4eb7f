// How a run goes on bit for bit where it was cut off: it must find what it began with, its lanes get the last state that was recorded
// for all of them, and steps that were recorded after that state must come out the same when they are computed again.
import { PalmError } from '#contract/errors.ts'
import type { RunPlan, StepReport } from '#contract/tables/report.ts'
import { restoreLane, type Lane } from '#session/lanes.ts'
import { sameStep } from '#session/measures/step-report.ts'
import type { Store } from '#store/store.ts'
import type { ImageSums } from '#stream/image-sums.ts'

/** Beside the states of the lanes, under a name that no lane can have: what the images were that were read so far. */
export const imagesKey = '#images'

/** A state to resume from is written at least this often, besides each domain's end and each stop. */
const everySteps = 50
const everyMs = 15_000

/** Says when the next state is due. Times in ms, of any clock that only rises. */
export class ResumeClock {
  private step: number
  private at: number

  constructor(step: number, now: number) {
    this.step = step
    this.at = now
  }

  isDue(step: number, now: number): boolean {
    return step - this.step >= everySteps || now - this.at >= everyMs
  }

  written(step: number, now: number): void {
    this.step = step
    this.at = now
  }
}

/** A resumed run must go on with what it began with, or its numbers would mean nothing. @throws PalmError `model-unreadable`, `input-labels` */
export function checkUnchanged(before: RunPlan | null, plan: RunPlan): void {
  if (!before) return
  if (before.model.hash !== plan.model.hash)
    throw new PalmError(
      'model-unreadable',
      `The weights in ${plan.model.path ?? plan.model.name} have changed since this run began. Start a new run.`,
    )
  if (JSON.stringify(before.model.normalization) !== JSON.stringify(plan.model.normalization))
    throw new PalmError(
      'model-unreadable',
      `${plan.model.path ?? plan.model.name} is read with another normalisation than when this run began (mean ${before.model.normalization.mean.join('/')}, std ${before.model.normalization.std.join('/')}): its numbers would not go together. Start a new run.`,
    )
  if (before.sourceHash !== plan.sourceHash)
    throw new PalmError('input-labels', 'The source images have changed since this run began. Start a new run.')
  if (before.inputHash !== plan.inputHash)
    throw new PalmError(
      'input-labels',
      `The images or classes of ${plan.inputName} have changed since this run began. Start a new run.`,
    )
}

/** Brings all lanes to the last state that was recorded for them, and `sums` to what was read for it. @returns that step, -1 = from the beginning */
export function restoreLanes(store: Store, run: number, lanes: readonly Lane[], sums: ImageSums): number {
  const states = new Map(store.checkpoints.resumeStates(run).map((row) => [row.lane, row]))
  // A run that goes on from a checkpoint begins with states of the lanes that adapt: the others have none.
  const step = states.values().next().value?.step
  if (step === undefined) return -1
  const isMissing = ({ id, method }: Lane) =>
    states.get(id)?.step !== step && (states.has(id) || method.adapts().length > 0)
  if (lanes.some(isMissing)) return -1
  for (const lane of lanes) {
    const found = states.get(lane.id)
    if (found) restoreLane(lane, found.state, `the state of lane ${lane.id} after step ${step}`)
  }
  const read = states.get(imagesKey)
  if (read?.step === step) sums.load(read.state)
  return step
}

/** @throws PalmError `internal` when a step came out otherwise than it is recorded */
export function checkSameSteps(reports: readonly StepReport[], recorded: readonly StepReport[]): void {
  for (const report of reports) {
    const before = recorded.find((row) => row.lane === report.lane)
    if (before && sameStep(report, before)) continue
    if (before && before.images !== report.images)
      throw new PalmError(
        'input-labels',
        `Step ${report.step} was made of ${before.images} images, of which ${report.images} can be read now: files of the input were removed, damaged or mended since. Put back what was there and resume, or start a new run.`,
      )
    throw new PalmError(
      'internal',
      `Step ${report.step} came out differently from what was recorded (lane ${report.lane}). An image of the input was replaced, or this machine, its thread count or the TensorFlow library differs from the one that began the run: put back what was there and resume, or start a new run here.`,
      JSON.stringify({ now: { ...report, layers: null }, before: { ...before, layers: null } }),
    )
  }
}
