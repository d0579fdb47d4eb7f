// The confusion matrix of the run on the screen: which lane, against which, over which domain; fetched again while the run goes on, seldom enough to cost little.
// Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError, type WireError } from '#contract/errors.ts'
import type { Confusion } from '#contract/runs/images.ts'
import { matrixOf, mostConfused, type Matrix } from '#renderer/lib/runs/confusion.ts'

/** Between two fetches; after one that took long, ten times that. */
const leastMs = 1500
/** As many classes as a picture can name. */
export const shownClasses = [15, 30, 60, 1000] as const

/** And a table: its cells are the square of it. */
const tableClasses = 30

export interface Timing {
  now(): number
  later(ms: number, work: () => void): () => void
}
const clock: Timing = {
  now: () => performance.now(),
  later: (ms, work) => {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  },
}

export class ConfusionView {
  private chosen = $state<string | null>(null)
  /** The lane that the first is held against; null = none. */
  versus = $state<string | null>(null)
  domain = $state<number | null>(null)
  scale = $state<'count' | 'share'>('share')
  view = $state<'picture' | 'table' | 'pairs'>('picture')
  most = $state<number>(shownClasses[0])
  own = $state.raw<Matrix | null>(null)
  other = $state.raw<Matrix | null>(null)
  coverage = $state.raw<Confusion['coverage'] | null>(null)
  error = $state.raw<WireError | null>(null)
  /** Classes in the picture or the table. */
  readonly shown = $derived(
    this.own
      ? mostConfused(this.own, this.other, this.view === 'table' ? Math.min(this.most, tableClasses) : this.most)
      : [],
  )
  private readonly run: number
  private readonly usual: () => string
  private readonly client: Pick<PalmClient, 'call'>
  private readonly timing: Timing
  private asked = 0
  private busy = false
  private again = false
  private rest: (() => void) | null = null
  private nextAt = 0

  /** `usual`: the lane that is shown until another is chosen. */
  constructor(run: number, usual: () => string, client: Pick<PalmClient, 'call'>, timing: Timing = clock) {
    this.run = run
    this.usual = usual
    this.client = client
    this.timing = timing
  }

  get lane(): string {
    return this.chosen ?? this.usual()
  }

  choose(what: { readonly lane?: string; readonly versus?: string | null; readonly domain?: number | null }): void {
    if (what.lane !== undefined) this.chosen = what.lane
    if (what.versus !== undefined) this.versus = what.versus
    if (what.domain !== undefined) this.domain = what.domain
    if (this.versus === this.lane) this.versus = null
    this.asked += 1
    // What is on the screen belongs to another choice.
    this.own = null
    this.other = null
    this.nextAt = 0
    this.refresh()
  }

  /** There may be more to show: fetches now, or as soon as it may again. Call it as often as you like. */
  refresh(): void {
    if (this.lane === '') return
    if (this.busy) {
      this.again = true
      return
    }
    const wait = this.nextAt - this.timing.now()
    if (wait <= 0) {
      this.rest?.()
      this.rest = null
      void this.fetch()
    } else
      this.rest ??= this.timing.later(wait, () => {
        this.rest = null
        void this.fetch()
      })
  }

  /** Nothing is fetched any more until `refresh`. */
  close(): void {
    this.rest?.()
    this.rest = null
    this.again = false
  }

  private async fetch(): Promise<void> {
    const { run, lane, versus, domain, asked } = this
    this.busy = true
    this.again = false
    const begun = this.timing.now()
    try {
      const own = await this.client.call('runs.confusion', { run, lane, domain })
      const other = versus === null ? null : await this.client.call('runs.confusion', { run, lane: versus, domain })
      if (asked === this.asked) {
        this.own = matrixOf(own)
        this.other = other && matrixOf(other)
        this.coverage = { ...own.coverage, damaged: own.coverage.damaged ?? other?.coverage.damaged ?? null }
        this.error = null
      }
    } catch (thrown) {
      if (asked === this.asked) this.error = toWireError(thrown)
    }
    this.busy = false
    if (asked !== this.asked) return void this.fetch()
    this.nextAt = this.timing.now() + Math.max(leastMs, 10 * (this.timing.now() - begun))
    if (this.again) this.refresh()
  }
}
