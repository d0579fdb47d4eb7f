// The history of runs: which are shown in which order, which are chosen, and what is done to them. Runs without a page; the list itself is the app's.
import type { PalmClient } from '#app/rpc/client.ts'
import { mostCompared } from '#contract/compare/compare.ts'
import { toWireError } from '#contract/errors.ts'
import type { HistoryFilter, HistoryView } from '#contract/runs/history.ts'
import type { RunChanges, RunSummary } from '#contract/tables/report.ts'
import { folderOf, listedRuns, type RunFolder, type SortKey } from '#renderer/lib/runs/run-list.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { Undo } from '#renderer/state/app/undo.svelte.ts'

const pageRows = 200

/** Each takes the other back. */
type Exchange = 'runs.remove' | 'runs.restore'

/** Where the way of looking at the list is kept. */
export interface KeptView {
  readonly view: HistoryView | undefined
  keep(view: HistoryView): void
}

export class History {
  /** What a run must hold, every word of it. */
  query = $state('')
  folder = $state<RunFolder>('kept')
  sort = $state<SortKey>('id')
  rising = $state(false)
  /** Each narrows the list. */
  filters = $state.raw<readonly HistoryFilter[]>([])
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
  private readonly kept: KeptView | null
  /** Where a range of marks begins, and what was marked before it. */
  private anchor: number | null = null
  private beforeRange: ReadonlySet<number> = new Set()

  constructor(
    client: PalmClient,
    all: () => readonly RunSummary[],
    last: Undo = new Undo(),
    kept: KeptView | null = null,
  ) {
    this.client = client
    this.all = all
    this.last = last
    this.kept = kept
    if (!kept?.view) return
    this.filters = kept.view.filters
    this.sort = kept.view.sort
    this.rising = kept.view.rising
  }

  /** What was done last and can be undone; '' = nothing. */
  get done(): string {
    return this.last.done
  }

  /** Searched and sorted at each call: ask once. */
  get found(): readonly RunSummary[] {
    return listedRuns(this.all(), this)
  }

  /** The runs of the folder that is open, whatever they are narrowed to: what filters can be made of. */
  get inFolder(): readonly RunSummary[] {
    return this.all().filter((run) => folderOf(run) === this.folder)
  }

  addFilter(filter: HistoryFilter): void {
    const key = JSON.stringify(filter)
    // A range replaces the other one of its kind: two of them would widen each other.
    const others = this.filters.filter(
      (one) =>
        JSON.stringify(one) !== key &&
        !((filter.field === 'started' || filter.field === 'error') && one.field === filter.field),
    )
    this.setFilters([...others, filter])
  }

  removeFilter(filter: HistoryFilter): void {
    this.setFilters(this.filters.filter((one) => one !== filter))
  }

  setFilters(filters: readonly HistoryFilter[]): void {
    this.filters = filters
    this.limit = pageRows
    this.keep()
  }

  private keep(): void {
    this.kept?.keep({ filters: [...this.filters], sort: this.sort, rising: this.rising })
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
    this.keep()
  }

  show(folder: RunFolder): void {
    this.folder = folder
    this.unmark()
    this.chosen = null
    this.limit = pageRows
  }

  mark(run: number): void {
    const marked = new Set(this.marked)
    if (!marked.delete(run)) marked.add(run)
    this.marked = marked
    this.anchor = run
    this.beforeRange = marked
  }

  /** Everything between the last mark and this run; the same range may grow and shrink. `from`: where it begins when nothing was marked before. */
  markTo(run: number, found: readonly RunSummary[], from = run): void {
    const index = (id: number | null) => found.findIndex((one) => one.id === id)
    if (index(this.anchor) < 0) {
      this.anchor = from
      this.beforeRange = this.marked
    }
    const [start, end] = [index(this.anchor), index(run)].sort((a, b) => a - b) as [number, number]
    if (start < 0) return
    this.marked = new Set([...this.beforeRange, ...found.slice(start, end + 1).map(({ id }) => id)])
  }

  unmark(): void {
    this.marked = new Set()
    this.anchor = null
    this.beforeRange = this.marked
  }

  /** The marked runs in the order of their numbers, when they can be compared; else why not is said. */
  comparable(): readonly number[] {
    const runs = this.markedOf(this.found)
    this.problem =
      runs.length === 0
        ? strings.compare.tooFew
        : runs.length > mostCompared
          ? strings.compare.tooMany(runs.length, mostCompared)
          : ''
    return this.problem === '' ? runs.toSorted((a, b) => a - b) : []
  }

  /** All that are found, or none. */
  markAll(): void {
    const { found } = this
    if (this.markedOf(found).length === found.length) this.unmark()
    else this.markEach(found)
  }

  markEach(found: readonly RunSummary[]): void {
    this.marked = new Set(found.map(({ id }) => id))
    this.anchor = null
    this.beforeRange = this.marked
  }

  /** @returns whether it was taken */
  async change(changes: RunChanges): Promise<boolean> {
    const { run } = this
    if (!run) return false
    const { name, note, tags, archived } = run
    const before = {
      ...(changes.name === undefined ? {} : { name }),
      ...(changes.note === undefined ? {} : { note }),
      ...(changes.tags === undefined ? {} : { tags: [...tags] }),
      ...(changes.archived === undefined ? {} : { archived }),
    }
    return this.act(
      () => this.client.call('runs.change', { run: run.id, changes }),
      () => strings.history.changed(run.id),
      () => this.client.call('runs.change', { run: run.id, changes: before }),
    )
  }

  /** Tags as they are typed: a comma between them. */
  async setTags(typed: string): Promise<boolean> {
    const tags = [
      ...new Set(
        typed
          .split(',')
          .map((tag) => tag.trim())
          .filter(Boolean),
      ),
    ]
    if (tags.length > 20 || tags.some((tag) => tag.length > 40)) {
      this.problem = strings.history.tagsWrong
      return false
    }
    return this.change({ tags })
  }

  /** Adds a tag, or takes it away; only what really changes is changed, and taken back. */
  async tag(runs: readonly number[], typed: string, add: boolean): Promise<boolean> {
    const tag = typed.trim()
    if (tag === '' || tag.length > 40 || tag.includes(',')) {
      this.problem = strings.compare.bulk.tagWrong
      return false
    }
    const chosen = new Set(runs)
    const these = this.all()
      .filter((run) => chosen.has(run.id) && run.tags.includes(tag) !== add)
      .map(({ id }) => id)
    const call = (adding: boolean) =>
      this.client.call('runs.tag', { runs: these, add: adding ? [tag] : [], remove: adding ? [] : [tag] })
    const said = () => strings.compare.bulk[add ? 'tagged' : 'untagged'](these.length, tag)
    if (these.length === 0) {
      this.last.offer(said, null)
      return true
    }
    return this.act(
      () => call(add),
      said,
      () => call(!add),
      true,
    )
  }

  /** There is something to take back. */
  get canUndo(): boolean {
    return this.last.canUndo
  }

  async archive(runs: readonly number[], archived: boolean): Promise<boolean> {
    const these = [...runs]
    return this.act(
      () => this.client.call('runs.archive', { runs: these, archived }),
      () => strings.history[archived ? 'archivedDone' : 'unarchivedDone'](these.length),
      () => this.client.call('runs.archive', { runs: these, archived: !archived }),
    )
  }

  remove(runs: readonly number[]): Promise<boolean> {
    return this.exchange(runs, 'runs.remove', 'runs.restore', () => strings.history.removedDone(runs.length))
  }

  restore(runs: readonly number[]): Promise<boolean> {
    return this.exchange(runs, 'runs.restore', 'runs.remove', () => strings.history.restoredDone(runs.length))
  }

  undo(): Promise<void> {
    return this.last.undo()
  }

  private exchange(runs: readonly number[], to: Exchange, back: Exchange, done: () => string): Promise<boolean> {
    const these = [...runs]
    return this.act(
      () => this.client.call(to, { runs: these }),
      done,
      () => this.client.call(back, { runs: these }),
    )
  }

  private async act(
    work: () => Promise<unknown>,
    done: () => string,
    back: () => Promise<unknown>,
    keepMarks = false,
  ): Promise<boolean> {
    if (!(await this.attempt(work))) return false
    if (!keepMarks) this.unmark()
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
