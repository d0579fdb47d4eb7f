// The queue of runs as the window needs it: what is lined up, whether something computes, and what is done to both. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import type { DeviceChoice } from '#contract/devices.ts'
import { slotsFor, wholeMachine, type SlotUse, type UsedSlot } from '#contract/runs/device-slots.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import {
  blockerOf,
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
  readonly runs: Pick<RunList, 'underWay'>
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

/** At once, when what is under way ends, or in its place. */
export type How = 'now' | 'later' | 'instead'

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

  /** What a run that asks for this device would have to wait for; `asks` null = as the settings say. */
  under(asks: DeviceChoice | null = null, kind: QueueItem['kind'] = 'start'): Under | null {
    const { state } = this
    const blocker = blockerOf(state, { kind, asks: asks ?? state.asks })
    if (blocker?.kind === 'run') return blocker
    if (blocker) return { kind: blocker.kind === 'sweep' ? 'sweep' : 'other' }
    // A run that has just begun: the queue will hear of it.
    const [first] = this.parts.runs.underWay
    return first && state.slots.length <= 1 ? { kind: 'run', run: first.id } : null
  }

  /** Whether something computes that such a run would have to wait for. */
  busyFor(asks: DeviceChoice | null = null): boolean {
    return this.under(asks) !== null
  }

  /** What is in the way of a run that says nothing of its device, or belongs to the sweep that is. */
  get inTheWay(): RunSummary | null {
    const under = this.under()
    const { underWay } = this.parts.runs
    if (!under) return null
    return (under.kind === 'run' ? underWay.find(({ id }) => id === under.run) : underWay[0]) ?? null
  }

  /** What computes a run, in words; '' where there is nothing to choose from. */
  deviceOf(run: number): string {
    const { slots } = this.state
    const slot = slots.find(({ use }) => (use?.kind === 'run' || use?.kind === 'elsewhere') && use.run === run)
    return slots.length > 1 && slot ? slotName(slot) : ''
  }

  /** Whether the run is lined up to go on. */
  holds(run: number): boolean {
    return this.items.some((item) => item.kind === 'resume' && item.run === run)
  }

  /** Whether the sweep is lined up. */
  holdsSweep(sweep: number): boolean {
    return this.items.some((item) => item.sweep === sweep)
  }

  /** What the two buttons of a form say while something computes that its run would have to wait for; null = nothing does. */
  waiting(asks: DeviceChoice | null = null, kind: QueueItem['kind'] = 'start'): Waiting | null {
    const under = this.under(asks, kind)
    if (!under) return null
    const { startWhen, instead } = strings.queue
    return under.kind === 'run'
      ? { when: startWhen.run(under.run), instead: instead.run(under.run) }
      : { when: startWhen[under.kind], instead: instead[under.kind] }
  }

  /** What the second of these buttons does. */
  otherWay(asks: DeviceChoice | null): How {
    const under = this.under(asks)
    return under === null ? 'later' : under.kind === 'other' ? 'now' : 'instead'
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

/** As a device is called where there are several. */
export const slotName = ({ kind, name }: Pick<UsedSlot, 'kind' | 'name'>): string => {
  const word = kind === null ? '' : strings.devices.kinds[kind]
  return kind === 'cpu' || name === '' ? word : `${word} ${name}`
}

/**
 * Time until all that is lined up is done, each where it can begin first; `left`: ms of a run under way, null = not known. `unknown` of them say nothing.
 */
export function totalOf(
  { items, slots }: Pick<QueueState, 'items' | 'slots'>,
  left: (use: SlotUse) => number | null,
): { readonly low: number; readonly high: number; readonly unknown: number } {
  const counted = items.filter(({ held, problem }) => !held && problem === null)
  const times = (slots.length > 0 ? slots : [{ ...wholeMachine, use: null }]).map((slot) => {
    const now = (slot.use && left(slot.use)) ?? 0
    return { ...slot, low: now, high: now }
  })
  for (const { asks, estimateMs } of counted) {
    const [first, ...others] = slotsFor(asks, times)
    if (!first) continue
    const free = others.reduce((best, one) => (one.high < best.high ? one : best), first)
    free.low += estimateMs?.low ?? 0
    free.high += estimateMs?.high ?? 0
  }
  return {
    low: Math.max(...times.map(({ low }) => low)),
    high: Math.max(...times.map(({ high }) => high)),
    unknown: counted.filter(({ estimateMs }) => estimateMs === null).length,
  }
}
