// Computes what is missing of a sweep, run by run, on each device that it holds.
import type { DeviceChoice } from '#contract/devices.ts'
import type { Lane } from '#contract/runs/run-options.ts'
import type { SweepDefinition } from '#contract/sweeps/sweep.ts'
import type { SlotHold } from '#app/services/runs/machine-slots.ts'
import type { Runs } from '#app/services/runs/runs.ts'
import { runOf, type Cell } from './sweep-cells.ts'
import type { SweepPlanner } from './sweep-planner.ts'
import type { SweepRecords } from './sweep-results.ts'

export interface SweepUnderWay {
  stopping: boolean
  /** Under way now, one on each device that it holds. */
  readonly runs: Set<number>
  /** Of new runs; null = as the settings say. */
  readonly device: DeviceChoice | null
}

export interface SweepComputingParts {
  readonly store: SweepRecords
  readonly runs: Runs
  readonly planner: SweepPlanner
  readonly definition: SweepDefinition
  readonly underWay: SweepUnderWay
  /** What is under way, or what is done, is another one than before. */
  readonly changed: () => void
  /** Everything of it ends after its step. */
  readonly stop: () => void
}

export class SweepComputing {
  private readonly parts: SweepComputingParts

  constructor(parts: SweepComputingParts) {
    this.parts = parts
  }

  /** @returns why some of it failed; null = it did not, or somebody stopped it. Rejects where it cannot be computed at all */
  async on(holds: readonly SlotHold[]): Promise<string | null> {
    const { planner, definition, underWay, stop } = this.parts
    const planned = await planner.forComputing(definition)
    const failures: string[] = []
    const tried = new Set<string>()
    const next = (): readonly Cell[] | undefined => {
      const [group] = planner.groups(planner.missing(planned).filter((cell) => !tried.has(cell.key)))
      for (const cell of group ?? []) tried.add(cell.key)
      return group
    }
    const computeOn = async (hold: SlotHold): Promise<void> => {
      while (!underWay.stopping) {
        const group = next()
        if (!group) return
        const failure = await this.compute(group, hold)
        if (failure !== null) failures.push(failure)
      }
    }
    // Where one cannot even begin, the others end after their step.
    const all = holds.map((hold) =>
      computeOn(hold).catch((thrown: unknown) => {
        stop()
        throw thrown
      }),
    )
    const broken = (await Promise.allSettled(all)).find((one) => one.status === 'rejected')
    if (broken) throw broken.reason
    return failures.length > 0 ? failures.join(' ') : null
  }

  /** @returns why it failed; null = it did not */
  private async compute(group: readonly Cell[], hold: SlotHold): Promise<string | null> {
    const { runs, underWay, changed, stop } = this.parts
    await runs.sessions.settled()
    if (underWay.stopping) return null
    const run = this.launch(group, hold)
    underWay.runs.add(run)
    changed()
    await runs.sessions.over(run)
    const { status, error } = runs.catalogue.get(run)
    underWay.runs.delete(run)
    if (status === 'stopped' || status === 'interrupted') {
      stop()
      return status === 'stopped' ? null : (error?.message ?? 'The session ended early.')
    }
    changed()
    if (status !== 'failed') return null
    return `${group.map((cell) => cell.label).join(', ')}: ${error?.message ?? 'failed'}`
  }

  /** Goes on with the run that these cells already have, or starts one. */
  private launch(group: readonly Cell[], hold: SlotHold): number {
    const { store, runs, planner, definition, underWay } = this.parts
    const first = group[0] as Cell
    const begun = planner.begunRun(first.key)
    if (begun !== null) {
      runs.sessions.resume(begun, null, false, hold)
      return begun
    }
    const lanes = uniqueLanes(group)
    const run = runs.sessions.start({ ...runOf(definition, first, lanes), device: underWay.device }, hold)
    store.transaction(() => {
      for (const [i, cell] of group.entries()) store.cells.put(cell.key, run, lanes[i]?.id ?? '')
    })
    return run
  }
}

function uniqueLanes(group: readonly Cell[]): Lane[] {
  const counts = new Map<string, number>()
  return group.map((cell) => {
    const { method } = cell.options
    const n = (counts.get(method) ?? 0) + 1
    counts.set(method, n)
    return { id: n === 1 ? method : `${method}-${n}`, label: cell.label.slice(0, 80), options: cell.options }
  })
}
