// Two checkpoints of a run side by side: which, what came back, and the rows as they are sorted and filtered. Runs without a page.
import type { CompareRequest, CompareResult, TensorDifference } from '#contract/compare/compare-checkpoints.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { CheckpointInfo } from '#contract/tables/report.ts'

export const differenceColumns = [
  'order',
  'name',
  'kind',
  'elements',
  'relative',
  'largest',
  'cosine',
  'changedShare',
] as const
export type DifferenceColumn = (typeof differenceColumns)[number]

export interface DifferenceRow extends TensorDifference {
  /** Place in the network, from 1. */
  readonly order: number
}

const rowsAtOnce = 200

export class Comparison {
  /** Null = the source model. */
  a = $state<number | null>(null)
  b = $state<number | null>(null)
  state = $state<'working' | 'done'>('working')
  error = $state.raw<WireError | null>(null)
  filter = $state('')
  changedOnly = $state(false)
  sort = $state.raw<{ readonly column: DifferenceColumn; readonly down: boolean }>({ column: 'order', down: false })
  limit = $state(rowsAtOnce)
  private result = $state.raw<CompareResult | null>(null)
  readonly checkpoints: readonly CheckpointInfo[]
  private readonly run: number
  private readonly ask: (request: CompareRequest) => Promise<CompareResult>
  /** The latest question; an answer to an earlier one is dropped. */
  private asked = 0

  constructor(
    run: number,
    checkpoints: readonly CheckpointInfo[],
    a: number | null,
    b: number | null,
    ask: (request: CompareRequest) => Promise<CompareResult>,
  ) {
    this.run = run
    this.checkpoints = checkpoints
    this.a = a
    this.b = b
    this.ask = ask
    void this.compare()
  }

  choose(side: 'a' | 'b', id: number | null): void {
    this[side] = id
    void this.compare()
  }

  swap(): void {
    ;[this.a, this.b] = [this.b, this.a]
    void this.compare()
  }

  private async compare(): Promise<void> {
    const asked = ++this.asked
    this.state = 'working'
    this.error = null
    try {
      const result = await this.ask({ run: this.run, a: this.a, b: this.b })
      if (asked === this.asked) this.result = result
    } catch (thrown) {
      if (asked === this.asked) {
        this.result = null
        this.error = toWireError(thrown)
      }
    }
    if (asked === this.asked) this.state = 'done'
  }

  /** In network order, before any filter; null before the first answer. */
  readonly all = $derived<readonly DifferenceRow[] | null>(
    this.result?.rows.map((row, i) => ({ ...row, order: i + 1 })) ?? null,
  )
  readonly unmatched = $derived(this.result?.unmatched.length ?? 0)

  /** In network order, of what the filter lets through. */
  readonly found = $derived.by<readonly DifferenceRow[]>(() => {
    const words = this.filter.toLowerCase().split(/\s+/).filter(Boolean)
    return (this.all ?? []).filter(
      ({ name, kind, block, changedShare }) =>
        (!this.changedOnly || changedShare > 0) &&
        words.every((word) => `${name} ${kind} ${block}`.toLowerCase().includes(word)),
    )
  })

  /** As sorted; what is not known comes last either way. */
  readonly rows = $derived.by<readonly DifferenceRow[]>(() => {
    const { column, down } = this.sort
    return this.found.toSorted((one, other) => {
      const [x, y] = [one[column], other[column]]
      if (x === null || y === null) return x === y ? one.order - other.order : x === null ? 1 : -1
      const order = typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y)
      return (down ? -order : order) || one.order - other.order
    })
  })

  /** The same column again turns it around; numbers begin with the largest. */
  sortBy(column: DifferenceColumn): void {
    this.sort = {
      column,
      down: this.sort.column === column ? !this.sort.down : !['order', 'name', 'kind'].includes(column),
    }
  }

  more(): void {
    this.limit += rowsAtOnce
  }

  /** The one that changed most, of all. */
  readonly most = $derived.by<DifferenceRow | null>(() =>
    (this.all ?? []).reduce<DifferenceRow | null>(
      (best, row) => ((row.relative ?? 0) > (best?.relative ?? 0) ? row : best),
      null,
    ),
  )
  readonly changed = $derived((this.all ?? []).filter(({ changedShare }) => changedShare > 0).length)

  /** The rows as they are sorted and filtered. */
  csv(): string {
    const cell = (value: string | number | null) =>
      value === null
        ? ''
        : typeof value === 'string' && /[",\n]/.test(value)
          ? `"${value.replaceAll('"', '""')}"`
          : String(value)
    const head = [
      'order',
      'name',
      'kind',
      'block',
      'elements',
      'relative',
      'largest',
      'cosine',
      'changedShare',
    ] as const
    return `${[head.join(','), ...this.rows.map((row) => head.map((column) => cell(row[column])).join(','))].join('\n')}\n`
  }
}
