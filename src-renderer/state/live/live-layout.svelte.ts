// How the live screen is divided: what was dragged, which panel stands where, remembered for wide and for narrow windows, and which panel has all of the room. Runs without
// a page.
import { livePanels, type LayoutShares, type Layouts, type LivePanel } from '#contract/app/layout.ts'

export { livePanels, type LivePanel }
export type LayoutPart = Exclude<keyof LayoutShares, 'panels'>
export type Direction = 'left' | 'right' | 'up' | 'down'

/** Left above, left below, right above, right below. The layer map is what one looks at: it has more than half of its column. */
const panelsAtFirst: readonly LivePanel[] = ['accuracy', 'layers', 'domains', 'batch']
const atFirst: Readonly<Record<keyof Layouts, LayoutShares>> = {
  wide: { columns: 0.61, left: 0.42, right: 0.5 },
  narrow: { columns: 0.56, left: 0.43, right: 0.46 },
}
/** What a panel keeps whatever is dragged. */
export const leastShare = 0.25

interface Remembered {
  readonly read: () => Layouts | undefined
  readonly write: (layouts: Layouts) => void
}

export class LiveLayout {
  /** The panel that has all of the room. */
  focused = $state<LivePanel | null>(null)
  /** The window is narrow. */
  narrow = $state(false)
  /** The panel that is carried by the pointer, and the one below it, with which it would change places. */
  carried = $state<LivePanel | null>(null)
  target = $state<LivePanel | null>(null)
  /** Which two changed places last, the one that was moved first: told to screen readers. */
  exchanged = $state.raw<readonly [LivePanel, LivePanel] | null>(null)
  /** While it is dragged, before it is remembered. */
  private dragged = $state.raw<LayoutShares | null>(null)
  private readonly remembered: Remembered

  constructor(remembered: Remembered) {
    this.remembered = remembered
  }

  private get size(): keyof Layouts {
    return this.narrow ? 'narrow' : 'wide'
  }

  get shares(): LayoutShares {
    return this.dragged ?? this.remembered.read()?.[this.size] ?? atFirst[this.size]
  }

  /** Left above, left below, right above, right below. */
  get panels(): readonly LivePanel[] {
    return this.shares.panels ?? panelsAtFirst
  }

  /** Whether there is something to put back. */
  get changed(): boolean {
    return this.dragged !== null || this.remembered.read()?.[this.size] !== undefined
  }

  drag(part: LayoutPart, share: number): void {
    const within = Math.max(leastShare, Math.min(1 - leastShare, share))
    this.dragged = { ...this.shares, [part]: Math.round(1000 * within) / 1000 }
  }

  /** What was dragged stays, also after a restart. */
  keep(): void {
    if (!this.dragged) return
    this.remembered.write({ ...this.remembered.read(), [this.size]: this.dragged })
    this.dragged = null
  }

  /** One part as it was at first. */
  resetPart(part: LayoutPart): void {
    this.drag(part, atFirst[this.size][part])
    this.keep()
  }

  reset(): void {
    this.dragged = null
    const { [this.size]: _, ...others } = this.remembered.read() ?? {}
    this.remembered.write(others)
  }

  /** Two panels change places, and stay there after a restart, too. */
  exchange(panel: LivePanel, other: LivePanel): void {
    if (panel === other) return
    const panels = this.panels.map((one) => (one === panel ? other : one === other ? panel : one))
    this.dragged = { ...this.shares, panels }
    this.keep()
    this.exchanged = [panel, other]
  }

  /** With the neighbour in that direction. @returns whether there is one */
  move(panel: LivePanel, direction: Direction): boolean {
    const place = this.panels.indexOf(panel)
    const above = place % 2 === 0
    const left = place < 2
    const to = {
      left: left ? -1 : place - 2,
      right: left ? place + 2 : -1,
      up: above ? -1 : place - 1,
      down: above ? place + 1 : -1,
    }
    const other = this.panels[to[direction]]
    if (other) this.exchange(panel, other)
    return other !== undefined
  }

  /** A panel is taken up by the pointer; over `null` nothing would happen. */
  carry(panel: LivePanel, over: LivePanel | null): void {
    this.carried = panel
    this.target = over === panel ? null : over
  }

  /** What is carried changes places with what is below it. */
  drop(): void {
    const { carried, target } = this
    this.letGo()
    if (carried && target) this.exchange(carried, target)
  }

  /** What is carried stays where it was. */
  letGo(): void {
    this.carried = null
    this.target = null
  }

  /** All of the room for one panel, and back. */
  focus(panel: LivePanel): void {
    this.focused = this.focused === panel ? null : panel
  }
}
