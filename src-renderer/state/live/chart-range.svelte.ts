// What the charts of one run share: the steps that are shown, the cursor, the smoothing, the lanes that are drawn. Runs without a page.
import type { ChartKey, ChartView } from '#renderer/lib/charts/chart-view.ts'
import { atEnd, fitted, panned, widthOf, wholeOf, zoomed, type StepRange } from '#renderer/lib/charts/step-range.ts'

export const mostWindow = 10_000
/** The next run is smoothed as the last one was. */
let lastWindow = 5

export class ChartRange implements ChartView {
  private zoom = $state.raw<StepRange | null>(null)
  private totalSteps = $state(1)
  private lastStep = -1
  private live = false
  cursor = $state<number | null>(null)
  window = $state(lastWindow)
  hidden = $state.raw<ReadonlySet<string>>(new Set())
  follow = $state(true)
  panning = $state(false)
  fit = $state(false)

  get range(): StepRange {
    return this.zoom ?? wholeOf(this.totalSteps)
  }

  get zoomed(): boolean {
    return this.zoom !== null
  }

  /** The run is that long, and so far, and under way or not: a zoomed chart that follows moves along. */
  grew(totalSteps: number, lastStep: number, live: boolean): void {
    this.live = live
    if (totalSteps !== this.totalSteps) this.totalSteps = totalSteps
    if (lastStep === this.lastStep) return
    this.lastStep = lastStep
    if (live && this.zoom && this.follow) this.zoom = atEnd(this.zoom, lastStep, this.totalSteps)
  }

  show(range: StepRange | null): void {
    this.set(range && fitted(range, this.totalSteps))
  }

  /** While the end is followed it stays at the end. */
  zoomAround(factor: number, step: number): void {
    const zoom = zoomed(this.range, factor, step, this.totalSteps)
    if (this.live && this.follow) this.zoom = zoom && atEnd(zoom, this.lastStep, this.totalSteps)
    else this.set(zoom)
  }

  panBy(steps: number): void {
    if (this.zoom) this.set(panned(this.zoom, steps, this.totalSteps))
  }

  moveCursor(step: number | null): void {
    this.cursor = step === null ? null : Math.max(0, Math.min(Math.max(0, this.lastStep), Math.round(step)))
  }

  setWindow(batches: number): void {
    if (!Number.isFinite(batches)) return
    this.window = Math.max(1, Math.min(mostWindow, Math.round(batches)))
    lastWindow = this.window
  }

  toggleLane(lane: string): void {
    const hidden = new Set(this.hidden)
    if (!hidden.delete(lane)) hidden.add(lane)
    this.hidden = hidden
  }

  setFollow(follow: boolean): void {
    this.follow = follow
    if (follow && this.zoom) this.zoom = atEnd(this.zoom, this.lastStep, this.totalSteps)
  }

  setPanning(panning: boolean): void {
    this.panning = panning
  }

  setFit(fit: boolean): void {
    this.fit = fit
  }

  press({ key, shiftKey, ctrlKey, metaKey, altKey }: ChartKey): boolean {
    if (ctrlKey || metaKey || altKey) return false
    const width = widthOf(this.range)
    const at = this.cursor ?? this.lastStep
    const inView = (step: number) =>
      step >= this.range.from && step <= this.range.to ? step : (this.range.from + this.range.to) / 2
    const pans: Readonly<Record<string, number>> = {
      ArrowLeft: -0.1,
      ArrowRight: 0.1,
      PageUp: -1,
      PageDown: 1,
      Home: -Infinity,
      End: Infinity,
    }
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      PageUp: -20,
      PageDown: 20,
      Home: -Infinity,
      End: Infinity,
    }
    if (shiftKey && key in pans)
      this.panBy(Math.max(-this.totalSteps, Math.min(this.totalSteps, (pans[key] ?? 0) * width)))
    else if (key in moves) this.step(at + (moves[key] ?? 0))
    else if (key === '+' || key === '=') this.zoomAround(0.5, inView(at))
    else if (key === '-' || key === '_') this.zoomAround(2, inView(at))
    else if (key === '0') this.show(null)
    else if (key === 'f') this.setFollow(!this.follow)
    else if (key === 'p') this.setPanning(!this.panning)
    else if (key === 'y') this.setFit(!this.fit)
    else if (key === 'Escape' && this.cursor !== null) this.cursor = null
    else return false
    return true
  }

  /** Moves the cursor, and the picture after it where it would leave it. */
  private step(to: number): void {
    if (this.lastStep < 0) return
    this.moveCursor(Math.max(0, Math.min(this.lastStep, to)))
    const { from, to: end } = this.range
    const at = this.cursor ?? 0
    if (!this.zoom) return
    if (at < from) this.panBy(at - from - 0.5)
    else if (at > end) this.panBy(at - end + 0.5)
  }

  /** Somebody looks elsewhere than at the end: it is not followed any more; who looks at all of it, or at the end, follows. */
  private set(zoom: StepRange | null): void {
    this.zoom = zoom
    this.follow = zoom === null || (this.lastStep >= zoom.from && this.lastStep <= zoom.to)
  }
}
