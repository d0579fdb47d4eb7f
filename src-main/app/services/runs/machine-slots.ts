// Which part of the machine computes which run. Until somebody has looked what there is, the machine counts as one.
import { PalmError } from '#contract/errors.ts'
import type { DeviceChoice, DeviceKind, RuledOut } from '#contract/devices.ts'
import {
  slotsFor,
  waitsFor,
  wholeMachine,
  type DeviceSlot,
  type SlotUse,
  type UsedSlot,
} from '#contract/runs/device-slots.ts'

/** Of a run or a sweep, until it lets go. */
export interface SlotHold {
  readonly slot: DeviceSlot
  /** What it computes on turned out to be of another kind. */
  computesOn(kind: DeviceKind): void
  release(): void
}

interface Held {
  slot: DeviceSlot
  /** What it asked for, or what it turned out to be. */
  choice: DeviceChoice
  readonly use: SlotUse
}

export class MachineSlots {
  private readonly look: (() => Promise<readonly DeviceSlot[]>) | null
  private readonly listeners = new Set<() => void>()
  private slots: readonly DeviceSlot[] = [wholeMachine]
  private looking: Promise<void> | null = null
  private held: readonly Held[] = []

  /** `look`: what there is, seconds; null = one run at a time, whatever there is. */
  constructor(look: (() => Promise<readonly DeviceSlot[]>) | null) {
    this.look = look
  }

  /** Once; where it fails the machine stays one, and the next who asks looks again. Never rejects. */
  find(): Promise<void> {
    const { look } = this
    if (!look) return Promise.resolve()
    this.looking ??= look().then(
      (found) => this.found(found),
      () => void (this.looking = null),
    )
    return this.looking
  }

  /** Whether it is known what there is, or nobody can look. */
  get isKnown(): boolean {
    return this.look === null || !this.slots.includes(wholeMachine)
  }

  /** Calls back when it is known what there is. */
  onFound(listener: () => void): void {
    this.listeners.add(listener)
  }

  /** `elsewhere`: runs of other programs, with the kind of device that computes them; null = it is not known, and may be any. `without`: kinds that are not used. */
  used(
    elsewhere: readonly { readonly run: number; readonly kind: DeviceKind | null }[] = [],
    without: RuledOut = [],
  ): UsedSlot[] {
    const theirs = elsewhere.map(({ run, kind }) => ({
      use: { kind: 'elsewhere', run } as const,
      slots: kind === null ? this.slots : slotsFor(kind, this.slots),
    }))
    return this.usable(without).map((slot) => ({
      ...slot,
      use:
        this.held.find((one) => one.slot === slot)?.use ??
        theirs.find(({ slots }) => slots.includes(slot))?.use ??
        null,
    }))
  }

  /** A free one for `choice`; null = there is none. `without`: kinds that are not tried. */
  take(choice: DeviceChoice, without: RuledOut, use: SlotUse): SlotHold | null {
    const free = this.freeFor(choice, without)[0]
    return free ? this.hold(free, choice, use) : null
  }

  /** Each that is free for `choice`. */
  takeAll(choice: DeviceChoice, without: RuledOut, use: SlotUse): SlotHold[] {
    return this.freeFor(choice, without).map((slot) => this.hold(slot, choice, use))
  }

  /** A free one, else one that is used: for what must go on now. */
  share(choice: DeviceChoice, without: RuledOut, use: SlotUse): SlotHold {
    const slot = this.freeFor(choice, without)[0] ?? this.wanted(choice, without)[0] ?? wholeMachine
    return this.hold(slot, choice, use)
  }

  /** What keeps `choice` waiting; null = nothing. */
  blocker(choice: DeviceChoice, without: RuledOut): SlotUse | null {
    return waitsFor(choice, this.used([], without))
  }

  private usable(without: RuledOut): readonly DeviceSlot[] {
    const left = this.slots.filter((slot) => !without.some(({ kind }) => kind === slot.kind))
    return left.length > 0 ? left : this.slots
  }

  private wanted(choice: DeviceChoice, without: RuledOut): readonly DeviceSlot[] {
    return slotsFor(choice, this.usable(without))
  }

  private freeFor(choice: DeviceChoice, without: RuledOut): readonly DeviceSlot[] {
    return this.wanted(choice, without).filter((slot) => !this.held.some((one) => one.slot === slot))
  }

  private hold(slot: DeviceSlot, choice: DeviceChoice, use: SlotUse): SlotHold {
    const held: Held = { slot, choice, use }
    this.held = [...this.held, held]
    return {
      get slot() {
        return held.slot
      },
      computesOn: (kind) => {
        held.choice = kind
        if (held.slot.kind === null || held.slot.kind === kind) return
        const slots = slotsFor(kind, this.slots)
        if (!slots.includes(held.slot)) held.slot = this.freeFor(kind, [])[0] ?? slots[0] ?? held.slot
      },
      release: () => void (this.held = this.held.filter((one) => one !== held)),
    }
  }

  private found(slots: readonly DeviceSlot[]): void {
    if (slots.length === 0) return
    this.slots = slots
    // What began before: on the first of those that it may have taken.
    for (const one of this.held) one.slot = slotsFor(one.choice, slots)[0] ?? one.slot
    for (const listener of this.listeners) listener()
  }
}

/** A sweep's slot is not let go with one of its runs. */
export const lentHold = (lent: SlotHold): SlotHold => ({
  slot: lent.slot,
  computesOn: () => undefined,
  release: () => undefined,
})

export function busyError(use: SlotUse | null): PalmError {
  if (use?.kind === 'sweep')
    return new PalmError(
      'run-busy',
      'A sweep is under way on this device. Stop it first: a run beside it would share the device and slow both down.',
    )
  return new PalmError(
    'run-busy',
    `Run ${use?.run ?? ''} is under way. Stop it first: two runs at once would share the device and slow each other down.`,
  )
}
