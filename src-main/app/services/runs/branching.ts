// From which checkpoint a run can be gone on with as a new run, and with which other options: looked at before anything is written.
import { inputKindOf } from '#contract/inputs/input-kinds.ts'
import { PalmError } from '#contract/errors.ts'
import { adjusted, changeOf, optionsAt, type OptionChange, type OptionRequest } from '#contract/runs/option-change.ts'
import { isUnderWay } from '#contract/tables/report.ts'
import type { Records } from './records.ts'

export interface BranchRequest {
  readonly run: number
  /** After this step. */
  readonly step: number
  /** Other options from there on. */
  readonly options: readonly OptionRequest[]
  /** '' = said by where it comes from. */
  readonly name: string
}

/** The new run as it would be recorded. @throws PalmError `run-not-found`, `run-busy`, `checkpoint-not-found`, `bad-request` */
export function planBranch(
  store: Pick<Records, 'runs' | 'checkpoints'>,
  { run, step, options: requests, name }: BranchRequest,
  now: number,
) {
  const parent = store.runs.get(run)
  const { options } = parent
  if (parent.deletedAt !== null) throw new PalmError('run-busy', `Run ${run} was deleted: bring it back first.`)
  if (!inputKindOf(options.input).kept)
    throw new PalmError(
      'run-busy',
      `Run ${run} was over a webcam, whose frames are gone: there is nothing to continue on. Its checkpoints can be exported.`,
    )
  const plan = store.runs.plan(run)
  const checkpoints = store.checkpoints.list(run)
  const here = checkpoints.filter((checkpoint) => checkpoint.step === step)
  const missing = (plan?.lanes ?? []).filter(
    ({ id, tensors }) => tensors.length > 0 && !here.some(({ lane }) => lane === id),
  )
  if (!plan || !here[0] || missing.length > 0) {
    const steps = [...new Set(checkpoints.map((checkpoint) => checkpoint.step))]
    throw new PalmError(
      'checkpoint-not-found',
      `Run ${run} has no checkpoint of ${missing.map(({ label }) => label).join(', ') || 'its lanes'} after step ${step}. ${steps.length > 0 ? `There are some after ${steps.slice(0, 20).join(', ')}${steps.length > 20 ? ' …' : ''}.` : 'It has none.'}`,
    )
  }
  if (step + 1 >= plan.totalSteps)
    throw new PalmError('bad-request', `Step ${step} is the last one of run ${run}: there is nothing to continue on.`)
  const lanes = optionsAt(options.lanes, parent.changes, step)
  const changes: Omit<OptionChange, 'id'>[] = []
  for (const request of requests) {
    const change = changeOf(lanes, request, step + 1, now)
    if (!change) continue
    changes.push(change)
    const before = lanes.get(change.lane)
    if (before) lanes.set(change.lane, adjusted(before, change.option, change.to))
  }
  return {
    point: { parent: run, step, domain: here[0].domain },
    options: { ...options, name: name || `Run ${run} from step ${step + 1}` },
    changes,
  }
}

/** Records the new run. Belongs in a transaction. @returns its number. @throws PalmError as `planBranch` */
export function recordBranch(
  store: Pick<Records, 'runs' | 'checkpoints' | 'branches'>,
  request: BranchRequest,
  now: number,
): number {
  if (isUnderWay(store.runs.get(request.run).status))
    throw new PalmError('run-busy', `Run ${request.run} is under way: stop it first.`)
  const { point, options, changes } = planBranch(store, request, now)
  return store.branches.create(point, options, changes, now)
}
