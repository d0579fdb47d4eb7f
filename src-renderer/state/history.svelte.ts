// The history of runs: which are shown in which order, which are chosen, and what is done to them. Runs without a page; the list itself is the app's.
import type { PalmClient } from '../../src-main/app/rpc/client.ts'
import { toWireError } from '../../src-main/contract/errors.ts'
import type { RunChanges, RunSummary } from '../../src-main/contract/report.ts'
import { strings } from '../lib/strings/strings.svelte.ts'
import { Undo } from './undo.svelte.ts'

export const sortKeys = ['id', 'name', 'status', 'input', 'best'] as const
export type SortKey = (typeof sortKeys)[number]
export const shelves = ['kept', 'archived', 'deleted'] as const
export type Shelf = (typeof shelves)[number]

const pageRows = 200

/** The lane with the lowest mean error; null without labelled images or results. */
export function bestLane(run: RunSummary): (RunSummary['lanes'][number] & { readonly meanErrorPct: number }) | null {
  let best: ReturnType<typeof bestLane> = null
  for (const lane of run.lanes) if (lane.meanErrorPct !== null && (best === null || lane.meanErrorPct < best.meanErrorPct)) best = { ...lane, meanErrorPct: lane.meanErrorPct }
  return best
}

const words = (run: RunSummary): string => [run.id, run.name, run.inputName, run.modelName, run.note, ...run.tags, ...run.lanes.map(({ label }) => label)].join('\n').toLowerCase()
const valueOf: Readonly<Record<SortKey, (run: RunSummary) => string | number>> = {
  id: ({ id }) => id,
  name: ({ name, inputName }) => (name || inputName).toLowerCase(),
  status: ({ status }) => status,
  input: ({ inputName, modelName }) => `${inputName}\n${modelName}`.toLowerCase(),
  best: (run) => bestLane(run)?.meanErrorPct ?? Number.POSITIVE_INFINITY,
}

export class History {
  /** What a run must hold, every word of it. */
  query = $state('')
  shelf = $state<Shelf>('kept')
  sort = $state<SortKey>('id')
  rising = $state(false)
  /** Marked for what is done to several. */
  marked = $state.raw<ReadonlySet<number>>(new Set())
  /** The one that is looked at. */
  chosen = $state<number | null>(null)
  /** Rows on the screen; `more` shows the next ones. */
  limit = $state(pageRows)
  problem = $state('')
  /** What was done last can be taken back there: the window's own. */
  private readonly last: Undo
  private readonly client: PalmClient
  private readonly all: () => readonly RunSummary[]

  constructor(client: PalmClient, all: () => readonly RunSummary[], last: Undo = new Undo()) {
    this.client = client
    this.all = all
    this.last = last
  }

  /** What was done last and can be undone; '' = nothing. */
  get done(): string {
    return this.last.done
  }

  /** Searched and sorted anew at each call: ask once. */
  get found(): readonly RunSummary[] {
    const wanted = this.query.toLowerCase().split(/\s+/).filter(Boolean)
    const value = valueOf[this.sort]
    const sign = this.rising ? 1 : -1
    return this.all()
      .filter((run) => shelfOf(run) === this.shelf && wanted.every((word) => words(run).includes(word)))
      .toSorted((a, b) => {
        const [x, y] = [value(a), value(b)]
        return x === y ? b.id - a.id : sign * (x < y ? -1 : 1)
      })
  }

  get run(): RunSummary | null {
    return this.all().find(({ id }) => id === this.chosen) ?? null
  }

  /** Marked and still found: nothing is done to what is out of sight. */
  markedOf(found: readonly RunSummary[]): readonly number[] {
    return found.filter(({ id }) => this.marked.has(id)).map(({ id }) => id)
  }

  more(): void {
    this.limit += pageRows
  }

  sortBy(key: SortKey): void {
    this.rising = key === this.sort ? !this.rising : key !== 'id'
    this.sort = key
  }

  show(shelf: Shelf): void {
    this.shelf = shelf
    this.marked = new Set()
    this.chosen = null
    this.limit = pageRows
  }

  mark(run: number): void {
    const marked = new Set(this.marked)
    if (!marked.delete(run)) marked.add(run)
    this.marked = marked
  }

  /** All that are found, or none. */
  markAll(): void {
    const { found } = this
    this.marked = this.markedOf(found).length === found.length ? new Set() : new Set(found.map(({ id }) => id))
  }

  /** @returns whether it was taken */
  async change(changes: RunChanges): Promise<boolean> {
    const { run } = this
    if (!run) return false
    const { name, note, tags, archived } = run
    const before = { ...(changes.name === undefined ? {} : { name }), ...(changes.note === undefined ? {} : { note }), ...(changes.tags === undefined ? {} : { tags: [...tags] }), ...(changes.archived === undefined ? {} : { archived }) }
    return this.act(() => this.client.call('runs.change', { run: run.id, changes }), strings.history.changed(run.id), () => this.client.call('runs.change', { run: run.id, changes: before }))
  }

  /** Tags as they are typed: a comma between them. */
  async setTags(typed: string): Promise<boolean> {
    const tags = [...new Set(typed.split(',').map((tag) => tag.trim()).filter(Boolean))]
    if (tags.length > 20 || tags.some((tag) => tag.length > 40)) {
      this.problem = strings.history.tagsWrong
      return false
    }
    return this.change({ tags })
  }

  async archive(runs: readonly number[], archived: boolean): Promise<boolean> {
    const these = [...runs]
    return this.act(() => this.client.call('runs.archive', { runs: these, archived }), archived ? strings.history.archivedDone(these.length) : strings.history.unarchivedDone(these.length), () => this.client.call('runs.archive', { runs: these, archived: !archived }))
  }

  async remove(runs: readonly number[]): Promise<boolean> {
    const these = [...runs]
    return this.act(() => this.client.call('runs.remove', { runs: these }), strings.history.removedDone(these.length), () => this.client.call('runs.restore', { runs: these }))
  }

  async restore(runs: readonly number[]): Promise<boolean> {
    const these = [...runs]
    return this.act(() => this.client.call('runs.restore', { runs: these }), strings.history.restoredDone(these.length), () => this.client.call('runs.remove', { runs: these }))
  }

  undo(): Promise<void> {
    return this.last.undo()
  }

  private async act(work: () => Promise<unknown>, done: string, back: () => Promise<unknown>): Promise<boolean> {
    if (!(await this.attempt(work))) return false
    this.marked = new Set()
    this.last.offer(done, back)
    return true
  }

  private async attempt(work: () => Promise<unknown>): Promise<boolean> {
    this.problem = ''
    try {
      await work()
      return true
    } catch (thrown) {
      this.problem = toWireError(thrown).message
      return false
    }
  }
}

export const shelfOf = ({ archived, deletedAt }: RunSummary): Shelf => (deletedAt !== null ? 'deleted' : archived ? 'archived' : 'kept')
