// One sweep of the app in a lab's queue: what images and models hold, its cells put in, its results taken.
import { PalmError, toWireError } from '#contract/errors.ts'
import type { LabSweepView } from '#contract/sweeps/lab-view.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { LabCollect } from './lab-collect.ts'
import type { LabSweep } from './lab-sweep.ts'

interface SweepInLabParts {
  readonly sweep: number
  readonly name: string
  readonly sweeps: Pick<SweepService, 'left' | 'changed'>
  readonly lab: (told: (note: string) => void, signal: AbortSignal) => Pick<LabSweep, 'put' | 'collector'>
  readonly changed: () => void
}

const mostNotes = 20

export class SweepInLab {
  view: LabSweepView
  private readonly parts: SweepInLabParts
  private readonly lab: Pick<LabSweep, 'put' | 'collector'>
  private collector: LabCollect | null = null
  private readonly end = new AbortController()
  private working: Promise<void> = Promise.resolve()

  constructor(parts: SweepInLabParts) {
    this.parts = parts
    const { sweep, name } = parts
    this.view = { sweep, name, phase: 'reading', cells: 0, put: 0, done: 0, aside: 0, notes: [], error: null }
    this.lab = parts.lab((note) => {
      if (!this.view.notes.includes(note)) this.set({ notes: [...this.view.notes, note].slice(-mostNotes) })
    }, this.end.signal)
  }

  /** `put`: puts in what is missing; else it is there already. Resolves when its results are waited for; what goes wrong is in the view. */
  begin(put: boolean): Promise<void> {
    this.working = this.work(put).catch((thrown: unknown) => {
      this.set({ phase: 'failed', error: toWireError(thrown).message })
    })
    return this.working
  }

  /** What has come. @throws what the connection says; what is wrong with a result is in the view */
  async take(enough: () => boolean): Promise<void> {
    const { collector } = this
    let more = this.view.phase === 'waiting'
    while (more && collector && !this.end.signal.aborted && !enough()) {
      try {
        const { done, aside, came, more: some } = await collector.take()
        more = some
        this.set({ done, aside: aside.length, phase: collector.isOver ? 'over' : 'waiting' })
        if (came > 0) this.parts.sweeps.changed(this.parts.sweep)
      } catch (thrown) {
        if (!(thrown instanceof PalmError)) throw thrown
        return this.set({ phase: 'failed', error: thrown.message })
      }
    }
  }

  again(key: string): void {
    if (!this.collector?.keys.includes(key)) return
    this.collector.again(key)
    if (this.view.phase === 'over') this.set({ phase: 'waiting' })
  }

  /** Resolves when nothing of it is on its way any more. */
  async stop(): Promise<void> {
    this.end.abort()
    await this.working
  }

  private async work(put: boolean): Promise<void> {
    const { sweeps, sweep } = this.parts
    if (put) {
      const { planned, cells } = await this.lab.put(String(sweep), (sent, of) =>
        this.set({ phase: 'putting', put: sent, cells: of }),
      )
      this.wait(planned, cells)
    } else {
      const { planned, cells } = await sweeps.left(String(sweep))
      this.wait(planned, cells)
    }
  }

  private wait(...[planned, cells]: Parameters<LabSweep['collector']>): void {
    this.collector = this.lab.collector(planned, cells)
    this.set({ phase: cells.length === 0 ? 'over' : 'waiting', cells: cells.length, put: cells.length })
  }

  private set(changes: Partial<LabSweepView>): void {
    if (this.end.signal.aborted) return
    this.view = { ...this.view, ...changes }
    this.parts.changed()
  }
}
