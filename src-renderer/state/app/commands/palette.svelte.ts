// The command palette: what can be chosen, what fits the letters that are typed, and which one the keys stand on. Runs without a page.
import { rank, type Choice, type Ranked } from '#renderer/lib/text/fuzzy.ts'

export interface PaletteItem extends Choice {
  /** What kind of thing it is, in words. */
  readonly group: string
  /** What else can be pressed for it; '' = nothing. */
  readonly shortcut: string
  run(): void
}

const shown = 50

export class Palette {
  query = $state('')
  at = $state(0)
  private readonly items: () => readonly PaletteItem[]
  private readonly recent: () => readonly string[]
  private readonly remember: (recent: string[]) => void
  private readonly all: readonly PaletteItem[] = $derived.by(() => this.items())
  readonly found: readonly Ranked<PaletteItem>[] = $derived.by(() => rank(this.query, this.all, this.recent(), shown))

  /** `recent`: ids of what was chosen lately, newest first; `remember` keeps them for the next time. */
  constructor(parts: {
    readonly items: () => readonly PaletteItem[]
    readonly recent: () => readonly string[]
    readonly remember: (recent: string[]) => void
  }) {
    this.items = parts.items
    this.recent = parts.recent
    this.remember = parts.remember
  }

  type(query: string): void {
    this.query = query
    this.at = 0
  }

  /** Beyond an end it goes on at the other. */
  move(by: number): void {
    const { length } = this.found
    if (length > 0) this.at = (this.at + by + length) % length
  }

  moveTo(at: number): void {
    this.at = Math.max(0, Math.min(this.found.length - 1, at))
  }

  get current(): PaletteItem | null {
    return this.found[this.at]?.choice ?? null
  }

  /** @returns whether something was done */
  choose(item: PaletteItem | null = this.current): boolean {
    if (!item) return false
    this.remember([item.id, ...this.recent().filter((id) => id !== item.id)].slice(0, 12))
    item.run()
    return true
  }
}
