// How the live screen is divided: what was dragged, remembered for wide and for narrow windows, and which panel has all of the room. Runs without a page.
import type { LayoutShares, Layouts } from '#contract/app/layout.ts'

export const livePanels = ['accuracy', 'domains', 'layers', 'batch'] as const
export type LivePanel = (typeof livePanels)[number]
export type LayoutPart = keyof LayoutShares

/** The layer map is what one looks at: it has more than half of its column. */
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

  /** All of the room for one panel, and back. */
  focus(panel: LivePanel): void {
    this.focused = this.focused === panel ? null : panel
  }
}
