// What charts over one stream share, as a chart sees it: which steps are shown, where the cursor is, how much is smoothed, which lanes are drawn.
// The class behind it is state/live/chart-range.svelte.ts. Types only.
import type { StepRange } from './step-range.ts'

export interface ChartKey {
  readonly key: string
  readonly shiftKey: boolean
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

export interface ChartView {
  readonly range: StepRange
  /** Part of the stream only. */
  readonly zoomed: boolean
  /** A step; null = the newest. */
  readonly cursor: number | null
  /** Batches that the strong line is a mean of; 1 = it is the batches themselves. */
  readonly window: number
  readonly hidden: ReadonlySet<string>
  /** The end of a run under way is kept in view. */
  readonly follow: boolean
  /** Dragging moves the picture; otherwise it marks what to zoom to. */
  readonly panning: boolean
  /** The vertical axis holds what is to be seen, not all that there can be. */
  readonly fit: boolean
  show(range: StepRange | null): void
  zoomAround(factor: number, step: number): void
  panBy(steps: number): void
  moveCursor(step: number | null): void
  setWindow(batches: number): void
  toggleLane(lane: string): void
  setFollow(follow: boolean): void
  setPanning(panning: boolean): void
  setFit(fit: boolean): void
  /** @returns whether the key means something here */
  press(key: ChartKey): boolean
}
