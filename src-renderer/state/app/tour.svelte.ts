// The tour for newcomers: which step it is at. Where the steps point is the page's business. Runs without a page.
export const tourSteps = ['accuracy', 'map', 'controls', 'views', 'settings', 'help'] as const
export type TourStep = (typeof tourSteps)[number]

export class Tour {
  /** -1 = it is not shown. */
  at = $state(-1)
  private readonly seen: () => void

  /** `seen` is told when it ends in any way: it does not come again by itself. */
  constructor(seen: () => void) {
    this.seen = seen
  }

  get step(): TourStep | null {
    return tourSteps[this.at] ?? null
  }

  get isFirst(): boolean {
    return this.at === 0
  }

  get isLast(): boolean {
    return this.at === tourSteps.length - 1
  }

  start(): void {
    this.at = 0
  }

  next(): void {
    if (this.at < 0) return
    if (this.isLast) this.end()
    else this.at += 1
  }

  back(): void {
    if (this.at > 0) this.at -= 1
  }

  end(): void {
    if (this.at < 0) return
    this.at = -1
    this.seen()
  }

  /** It was ended in another window. */
  close(): void {
    this.at = -1
  }
}
