// Takes the results of a sweep's cells out of a lab's queue into this data folder. What comes is held against what was asked for.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PalmError, type WireError } from '#contract/errors.ts'
import { keyOf, runOf, type Cell } from '#app/services/sweeps/sweep-cells.ts'
import type { Planned } from '#app/services/sweeps/sweep-results.ts'
import type { SweepService } from '#app/services/sweeps/sweeps.ts'
import type { Store } from '#store/store.ts'
import type { LabQueue } from './lab-queue.ts'

export interface LabCollectParts {
  readonly queue: Pick<LabQueue, 'results'>
  readonly store: Store
  readonly sweeps: Pick<SweepService, 'isDone'>
}

export interface Collected {
  readonly cells: number
  readonly done: number
  /** Labels and errors of cells that were set aside. */
  readonly aside: readonly { readonly label: string; readonly error: WireError }[]
  /** How many came with this look. */
  readonly came: number
  /** More lie there already. */
  readonly more: boolean
}

const atOnce = 100
const askedAtOnce = 2000
/** Results of transactions that were begun earlier and ended later. */
const overlap = 1000

export class LabCollect {
  private readonly parts: LabCollectParts
  private readonly planned: Planned
  private readonly cells: number
  private readonly waiting: Map<string, Cell>
  private readonly aside = new Map<string, { readonly cell: Cell; readonly error: WireError }>()
  /** Found and not taken yet. */
  private found: string[] = []
  /** The last result that was looked at; null = nothing was asked yet. */
  private seq: number | null = null

  constructor(parts: LabCollectParts, planned: Planned, cells: readonly Cell[]) {
    this.parts = parts
    this.planned = planned
    this.cells = cells.length
    this.waiting = new Map(cells.map((cell) => [cell.key, cell]))
  }

  get isOver(): boolean {
    return this.waiting.size === 0
  }

  /** The cells that are waited for, and those that were set aside. */
  get keys(): readonly string[] {
    return [...this.waiting.keys(), ...this.aside.keys()]
  }

  /** A cell that was set aside is tried again. */
  again(key: string): void {
    const cell = this.aside.get(key)?.cell
    if (!cell) return
    this.aside.delete(key)
    this.waiting.set(key, cell)
  }

  /** One look: at most a hundred results. @throws PalmError `bad-request`, `store-damaged` for a result that is not what was asked for; other errors are the connection's */
  async take(): Promise<Collected> {
    const { results } = this.parts.queue
    if (this.found.length === 0) await this.look()
    let came = 0
    for (const key of this.found.slice(0, atOnce)) {
      const cell = this.waiting.get(key)
      if (cell && (this.parts.sweeps.isDone(key) || (await this.takeResult(cell)))) {
        this.waiting.delete(key)
        came += 1
      }
      this.found.shift()
    }
    if (this.found.length === 0 && this.waiting.size > 0)
      for (const [key, error] of await results.aside([...this.waiting.keys()].slice(0, 10_000))) {
        const cell = this.waiting.get(key)
        if (cell) this.aside.set(key, { cell, error })
        this.waiting.delete(key)
      }
    return {
      cells: this.cells,
      done: this.cells - this.waiting.size - this.aside.size,
      aside: [...this.aside.values()].map(({ cell, error }) => ({ label: named(cell), error })),
      came,
      more: this.found.length > 0,
    }
  }

  /** At first by the cells, which a long history of other results does not slow down; then by what came since. */
  private async look(): Promise<void> {
    const { results } = this.parts.queue
    if (this.seq === null) {
      const before = await results.last()
      const keys = [...this.waiting.keys()]
      for (let at = 0; at < keys.length; at += askedAtOnce)
        this.found.push(...(await results.have(keys.slice(at, at + askedAtOnce))))
      this.seq = before
      return
    }
    for (;;) {
      const rows = await results.after(Math.max(0, this.seq - overlap), overlap + askedAtOnce)
      const last = rows.at(-1)?.seq ?? 0
      this.found.push(...rows.flatMap(({ key }) => (this.waiting.has(key) ? [key] : [])))
      if (last <= this.seq) break
      this.seq = last
    }
    this.found = [...new Set(this.found)]
  }

  /** @returns false where it has gone meanwhile */
  private async takeResult(cell: Cell): Promise<boolean> {
    const { queue, store, sweeps } = this.parts
    const result = await queue.results.one(cell.key)
    if (result === null) return false
    const folder = await mkdtemp(join(tmpdir(), 'palm-result-'))
    const file = join(folder, 'result.palmdb')
    try {
      await writeFile(file, result.bytes)
      const part = store.runFiles.open(file)
      try {
        const [run, ...more] = part.runs.list()
        const [place] = run ? part.cells.ofRun(run.id) : []
        const lane = run?.options.lanes[0]
        if (
          !run ||
          more.length > 0 ||
          part.runs.damaged().length > 0 ||
          run.status !== 'done' ||
          place?.key !== cell.key ||
          !lane
        )
          throw this.other(cell, result.worker)
        const { inputs, models, source } = this.planned
        const content = { input: inputs[cell.input]?.hash, model: models[cell.model]?.hash, source }
        if (keyOf(run.options, lane.options, content) !== cell.key) throw this.other(cell, result.worker)
        const own = { ...runOf(this.planned.definition, cell, [lane]), device: run.options.device }
        // Another program on this data folder may have taken it meanwhile.
        store.transaction(() => {
          if (!sweeps.isDone(cell.key)) store.cells.put(cell.key, part.take(run.id, own), lane.id)
        })
      } finally {
        part.close()
      }
      return true
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  private other(cell: Cell, worker: string): PalmError {
    return new PalmError(
      'bad-request',
      `What ${worker} sent for “${cell.label}” is not what was asked for. Nothing of it was taken.`,
    )
  }
}

export const named = (cell: Cell | undefined): string => (cell ? `${cell.label}, seed ${cell.seed}` : 'A cell')
