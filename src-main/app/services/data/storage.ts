// What the runs take on the disk, what is kept of their checkpoints, and giving space back. The policy is a setting of the data folder, applied when a run
// ends and when somebody asks for it. Never removes what a run under way, or one that the guard may put back, could still need.
import { PalmError } from '#contract/errors.ts'
import { isUnderWay, resumableStatuses, type RunSummary } from '#contract/tables/report.ts'
import {
  keepPolicySchema,
  toForget,
  type KeepPolicy,
  type StoragePlan,
  type StorageUsage,
} from '#contract/data/storage.ts'
import type { Records } from '#app/services/runs/records.ts'

const policyKey = 'keep-checkpoints'
/** Pages that are given back before others are let in. */
const pagesAtOnce = 500

export function readPolicy(store: Pick<Records, 'settings'>): KeepPolicy {
  const parsed = keepPolicySchema.safeParse(store.settings.get(policyKey))
  return parsed.success ? parsed.data : { keep: 'all' }
}

export interface StorageParts {
  readonly store: Records
  /** Tells whoever looks at the run. */
  readonly forgot: (run: number, seq: number, checkpoints: number[]) => void
}

/** Removes what the policy does not keep of an ended run. @returns what went */
export function forgetBy(
  policy: KeepPolicy,
  run: RunSummary,
  { store, forgot }: StorageParts,
): { checkpoints: number; bytes: number } {
  const none = { checkpoints: 0, bytes: 0 }
  if (policy.keep === 'all' || !mayForget(run)) return none
  const done = store.transaction(() => {
    const gone = toForget(store.checkpoints.read(run.id).rows, policy, store.branches.pointsOf(run.id))
    if (gone.length === 0) return null
    store.checkpoints.remove(
      run.id,
      gone.map(({ id }) => id),
    )
    return { gone, seq: store.runs.nextSeq(run.id) }
  })
  if (!done) return none
  forgot(
    run.id,
    done.seq,
    done.gone.map(({ id }) => id),
  )
  return { checkpoints: done.gone.length, bytes: done.gone.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) }
}

/** The guard may put a lane back to an earlier checkpoint when the run goes on. */
const mayForget = ({ status, options }: RunSummary): boolean =>
  !isUnderWay(status) && !(options.guard && resumableStatuses.includes(status))

export interface StorageServiceParts extends StorageParts {
  /** One that is under way; null = none is. */
  readonly activeRun: () => number | null
  /** Writes the database file anew, elsewhere than in this process. */
  readonly rewrite: () => Promise<void>
}

export class StorageService {
  private readonly parts: StorageServiceParts
  private shrinking = false

  constructor(parts: StorageServiceParts) {
    this.parts = parts
  }

  /** Asks piece by piece and lets others in between. */
  async usage(): Promise<StorageUsage> {
    const { store } = this.parts
    const runs = []
    for (const { id } of store.runs.list({ deleted: true })) {
      const measuring = store.space.ofRun(id)
      for (let piece = measuring.next(); ; piece = measuring.next()) {
        await pause()
        if (!piece.done) continue
        runs.push(piece.value)
        break
      }
    }
    return { file: store.space.ofFile(), runs, policy: readPolicy(store) }
  }

  /** For runs to come, and for those that end from now on. */
  setPolicy(policy: KeepPolicy): KeepPolicy {
    const { store } = this.parts
    store.transaction(() => store.settings.set(policyKey, policy))
    return policy
  }

  /** What applying the policy now would free. */
  async plan(policy: KeepPolicy, runs: readonly number[] | null): Promise<StoragePlan> {
    const { store } = this.parts
    const plan = { runs: 0, checkpoints: 0, bytes: 0, left: 0 }
    for (const run of this.these(runs)) {
      const gone = toForget(store.checkpoints.read(run.id).rows, policy, store.branches.pointsOf(run.id))
      if (gone.length > 0 && !mayForget(run)) plan.left += 1
      else if (gone.length > 0) {
        plan.runs += 1
        plan.checkpoints += gone.length
        plan.bytes += gone.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      }
      await pause()
    }
    return plan
  }

  /** Removes for good. @returns what went */
  async apply(policy: KeepPolicy, runs: readonly number[] | null): Promise<{ checkpoints: number; bytes: number }> {
    const all = { checkpoints: 0, bytes: 0 }
    for (const run of this.these(runs)) {
      const { checkpoints, bytes } = forgetBy(policy, run, this.parts)
      all.checkpoints += checkpoints
      all.bytes += bytes
      await pause()
    }
    return all
  }

  /** Gives unused space back to the system. @throws PalmError `run-busy` while a run is under way, `disk-full` */
  async shrink(): Promise<{ before: number; after: number }> {
    const { store, activeRun, rewrite } = this.parts
    const busy = activeRun()
    if (busy !== null) throw new PalmError('run-busy', `Run ${busy} is under way: shrink the file when it is over.`)
    if (this.shrinking) throw new PalmError('run-busy', 'The file is being shrunk already.')
    this.shrinking = true
    try {
      const before = store.space.ofFile()
      if (before.releasable) while (activeRun() === null && store.space.release(pagesAtOnce) > 0) await pause()
      else await rewrite()
      return { before: before.fileBytes, after: store.space.ofFile().fileBytes }
    } finally {
      this.shrinking = false
    }
  }

  private these(runs: readonly number[] | null): RunSummary[] {
    const { store } = this.parts
    return runs ? runs.map((run) => store.runs.get(run)) : store.runs.list({ deleted: true })
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
