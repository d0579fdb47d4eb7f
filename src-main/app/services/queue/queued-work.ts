// What can be said of something that is lined up before it begins: what it will compute and how long that takes, and which of its places is gone.
import { access } from 'node:fs/promises'
import type { DeviceChoice } from '#contract/devices.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import { inputKindOf } from '#contract/inputs/input-kinds.ts'
import type { QueueEstimate, QueueItem, QueuedWork } from '#contract/runs/queue.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import type { Progress } from '#contract/tables/report.ts'
import type { SweepDefinition } from '#contract/sweeps/sweep.ts'
import { placesIn } from '#app/services/grants.ts'
import type { Records } from '#app/services/runs/records.ts'

export interface QueueRow {
  readonly id: number
  readonly work: QueuedWork
  readonly estimate: QueueEstimate | null
  readonly addedAt: number
  readonly held: boolean
  readonly problem: WireError | null
}

export interface QueueRecords extends Pick<Records, 'settings' | 'transaction'> {
  readonly runs: Pick<Records['runs'], 'get' | 'plan'> & { progress(run: number): Progress | null }
  readonly sweeps: { get(which: string): { readonly definition: SweepDefinition } }
  readonly queue: {
    /** Next first. */
    list(): QueueRow[]
    add(work: QueuedWork, estimate: QueueEstimate | null, addedAt: number, first: boolean): number
    arrange(ids: readonly number[]): void
    hold(id: number, held: boolean): void
    setProblem(id: number, problem: WireError): void
    remove(id: number, at: number): void
    restore(id: number): void
    take(id: number): boolean
    purge(): void
  }
}

/** How far the rest of a run may be off what its steps took so far. */
const spread = { low: 0.8, high: 1.3 } as const

/** Never throws: what cannot be told any more (a run that is gone) has a problem of its own. */
export function describeQueued(
  store: Pick<QueueRecords, 'runs' | 'sweeps'>,
  row: QueueRow,
  asks: DeviceChoice,
): QueueItem {
  const { id, work, estimate, addedAt, held, problem } = row
  const item = {
    id,
    kind: work.kind,
    run: null,
    sweep: null,
    step: null,
    addedAt,
    asks,
    estimateMs: estimate,
    held,
    problem,
  }
  const nothing = { name: '', inputName: '', modelName: '', methods: [] }
  try {
    switch (work.kind) {
      case 'start':
        return { ...item, ...said(work.options) }
      case 'resume':
      case 'branch': {
        const { run } = work
        const { name, inputName, modelName, lanes, step } = store.runs.get(run)
        const from = work.kind === 'branch' ? work.step + 1 : step
        return {
          ...item,
          name: work.kind === 'branch' ? work.name || name : name,
          inputName,
          modelName,
          methods: lanes.map(({ label }) => label),
          run,
          step: from,
          estimateMs: estimate ?? restOf(store, run, from),
        }
      }
      case 'sweep': {
        const { name, title, methods } = store.sweeps.get(String(work.sweep)).definition
        return {
          ...item,
          ...nothing,
          sweep: work.sweep,
          name: title || name,
          methods: methods.map((method) => (typeof method === 'string' ? method : (method.label ?? method.method))),
        }
      }
    }
  } catch (thrown) {
    return { ...item, ...nothing, problem: problem ?? toWireError(thrown) }
  }
}

/** The first place that is not there any more, in words; null = all are. */
export async function missingPlace(store: Pick<QueueRecords, 'runs'>, work: QueuedWork): Promise<WireError | null> {
  if (work.kind === 'sweep') return null // its own planning says it
  const options = work.kind === 'start' ? work.options : store.runs.get(work.run).options
  for (const path of placesIn(options)) {
    const there = await access(path).then(
      () => true,
      () => false,
    )
    if (!there)
      return {
        code: 'input-unreadable',
        message: `${path} is not there any more, or may not be read. Bring it back (plug the drive in) and try again, or remove this one.`,
      }
  }
  return null
}

function said(options: RunOptions): Pick<QueueItem, 'name' | 'inputName' | 'modelName' | 'methods'> {
  const { name, input, model, lanes } = options
  return {
    name,
    inputName: inputKindOf(input).nameOf(input),
    modelName: model.kind === 'sample' ? 'EuroSAT ResNet-20' : (model.name ?? model.path),
    methods: lanes.map(({ label }) => label),
  }
}

/** From what the run's steps took so far. */
function restOf(store: Pick<QueueRecords, 'runs'>, run: number, from: number): QueueEstimate | null {
  const plan = store.runs.plan(run)
  const progress = store.runs.progress(run)
  if (!plan || !progress || progress.imagesPerSecond <= 0 || plan.totalSteps === 0) return null
  const images = plan.totalImages * (1 - from / plan.totalSteps)
  const ms = (1000 * images) / progress.imagesPerSecond
  return { low: spread.low * ms, high: spread.high * ms }
}
