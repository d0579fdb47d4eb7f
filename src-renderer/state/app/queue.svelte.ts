// The queue of runs as the window needs it: what is lined up, whether something computes, and what is done to both. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import {
  emptyQueue,
  type QueueItem,
  type QueuedWorkInput,
  type QueueEstimate,
  type QueueState,
} from '#contract/runs/queue.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { Problems } from './problems.svelte.ts'
import type { RunList } from './run-list.svelte.ts'
import type { Undo } from './undo.svelte.ts'

export interface QueueParts {
  readonly caller: Pick<PalmClient, 'call'>
  readonly runs: Pick<RunList, 'active'>
  readonly problems: Problems
  readonly undo: Pick<Undo, 'offer'>
}

/** What computes now, for the words of a button; null = nothing. */
export type Under = { readonly kind: 'run'; readonly run: number } | { readonly kind: 'sweep' | 'other' }

/** To begin at its end, or in its place. */
export interface Waiting {
  readonly when: string
  readonly instead: string
}

export class Queue {
  state = $state.raw<QueueState>(emptyQueue)
  /** What was done last, to be read out. */
  said = $state('')
  private readonly parts: QueueParts

  constructor(parts: QueueParts) {
    this.parts = parts
  }

  follow(client: PalmClient): void {
    client.subscribe(
      'queue',
      {},
      {
        snapshot: (state) => (this.state = state),
        event: (state) => (this.state = state),
        error: this.parts.problems.show,
      },
    )
  }

  get items(): readonly QueueItem[] {
    return this.state.items
  }

  get under(): Under | null {
    const { waitsFor } = this.state
    if (waitsFor?.kind === 'run') return waitsFor
    if (waitsFor) return { kind: waitsFor.kind === 'sweep' ? 'sweep' : 'other' }
    const { active } = this.parts.runs
    return active && { kind: 'run', run: active.id }
  }

  /** Whether something computes that the next one would have to wait for. */
  get busy(): boolean {
    return this.under !== null
  }

  /** Whether the run is lined up to go on. */
  holds(run: number): boolean {
    return this.items.some((item) => item.kind === 'resume' && item.run === run)
  }

  /** Whether the sweep is lined up. */
  holdsSweep(sweep: number): boolean {
    return this.items.some((item) => item.sweep === sweep)
  }

  /** What the two buttons of a form say while something computes; null = nothing does. */
  get waiting(): Waiting | null {
    const { under } = this
    if (!under) return null
    const { startWhen, instead } = strings.queue
    return under.kind === 'run'
      ? { when: startWhen.run(under.run), instead: instead.run(under.run) }
      : { when: startWhen[under.kind], instead: instead[under.kind] }
  }

  /** Told with the way back. Rejects with what was wrong. */
  async lineUp(work: QueuedWorkInput, name: string, estimateMs: QueueEstimate | null = null): Promise<void> {
    const { caller, undo } = this.parts
    const { id } = await caller.call('queue.add', { work, estimateMs })
    const at = this.items.findIndex((item) => item.id === id)
    const place = at >= 0 ? at + 1 : this.items.length + 1
    const stands = this.state.paused === 'user' || this.state.paused === 'trouble'
    const told = () => (stands ? strings.queue.linedUpPaused(name) : strings.queue.linedUp(name, place))
    undo.offer(told, () => caller.call('queue.remove', { id }))
  }

  /** What is under way is stopped for it. @returns its run; null = it is a sweep. Rejects with what was wrong */
  async instead(work: QueuedWorkInput): Promise<number | null> {
    return (await this.parts.caller.call('queue.instead', { work })).run
  }

  /** `by` places, as far as there are some. */
  async move(item: QueueItem, by: number): Promise<void> {
    const from = this.items.findIndex(({ id }) => id === item.id)
    await this.moveTo(item, Math.max(0, Math.min(this.items.length - 1, from + by)))
  }

  /** To a place, counted from 0. */
  async moveTo({ id }: QueueItem, to: number): Promise<void> {
    const from = this.items.findIndex((item) => item.id === id)
    const item = this.items[from]
    if (!item || from === to) return
    // Seen at once; what the program says comes after it.
    const others = this.items.filter((one) => one !== item)
    this.state = { ...this.state, items: [...others.slice(0, to), item, ...others.slice(to)] }
    const done = await this.attempt(() => this.parts.caller.call('queue.move', { id, to }))
    if (done) this.said = strings.queue.moved(nameOf(item), to + 1, this.items.length)
  }

  hold({ id }: QueueItem, held: boolean): Promise<boolean> {
    return this.attempt(() => this.parts.caller.call('queue.hold', { id, held }))
  }

  async remove(item: QueueItem): Promise<void> {
    const { caller, undo } = this.parts
    const { id } = item
    if (await this.attempt(() => caller.call('queue.remove', { id })))
      undo.offer(
        () => strings.queue.removed(nameOf(item)),
        () => caller.call('queue.restore', { id }),
      )
  }

  pause(paused: boolean): Promise<boolean> {
    return this.attempt(() => this.parts.caller.call('queue.pause', { paused }))
  }

  private attempt(work: () => Promise<unknown>): Promise<boolean> {
    return this.parts.problems.attempt(work)
  }
}

/** As a row is called. */
export const nameOf = ({ name, inputName, kind, run }: QueueItem): string =>
  name ||
  inputName ||
  (run === null ? strings.queue.kinds[kind === 'sweep' ? 'sweep' : 'start'] : `${strings.charts.run} ${run}`)

/** Time until all that is lined up is done, with `now` ms left of what is under way; `unknown` of them say nothing. */
export function totalOf(
  items: readonly QueueItem[],
  now: number | null,
): { readonly low: number; readonly high: number; readonly unknown: number } {
  const counted = items.filter(({ held, problem }) => !held && problem === null)
  const sum = (which: 'low' | 'high') =>
    counted.reduce((all, { estimateMs }) => all + (estimateMs?.[which] ?? 0), now ?? 0)
  return { low: sum('low'), high: sum('high'), unknown: counted.filter(({ estimateMs }) => estimateMs === null).length }
}
