// Whether a run can go on in a new session, and why it cannot.
import { inputKindOf } from '#contract/inputs/input-kinds.ts'
import { PalmError } from '#contract/errors.ts'
import { isUnderWay, resumableStatuses, type RunSummary } from '#contract/tables/report.ts'

/** `locked`: a living process holds it. @throws PalmError `run-busy` */
export function refuseResume({ id, status, options, deletedAt }: RunSummary, locked: boolean): void {
  if (deletedAt !== null) throw new PalmError('run-busy', `Run ${id} was deleted: bring it back first.`)
  if (!inputKindOf(options.input).kept)
    throw new PalmError(
      'run-busy',
      `Run ${id} was over a webcam, whose frames are gone: start a new one. Its checkpoints can still be exported.`,
    )
  if (status === 'done') throw new PalmError('run-busy', `Run ${id} is complete: there is nothing to resume.`)
  const orphaned = isUnderWay(status) && !locked
  if (!resumableStatuses.includes(status) && !orphaned)
    throw new PalmError('run-busy', `Run ${id} is ${status} in another window or command. Stop it there first.`)
}
