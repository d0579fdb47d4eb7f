// The stretch of steps that a chart over time shows, and what zooming and panning make of it. Steps, not pixels; pure.

/** Steps [from, to); fractions while it moves. */
export interface TimeView {
  readonly from: number
  readonly to: number
}

/** Fewer steps than this fill no picture. */
export const leastSpan = 8

export const spanOf = ({ from, to }: TimeView): number => to - from

/** Moved back into `whole`, its span kept where that fits. */
export function within(view: TimeView, whole: TimeView): TimeView {
  const span = Math.min(spanOf(view), spanOf(whole))
  const from = Math.max(whole.from, Math.min(whole.to - span, view.from))
  return { from, to: from + span }
}

/** `factor` < 1 goes nearer; the step `at` stays where it is. */
export function zoomed(view: TimeView, whole: TimeView, factor: number, at: number): TimeView {
  const span = spanOf(view)
  const next = Math.max(Math.min(leastSpan, spanOf(whole)), Math.min(spanOf(whole), span * factor))
  const from = at - ((at - view.from) * next) / span
  return within({ from, to: from + next }, whole)
}

/** The least move that brings the step into view, with a little room. */
export function showing(view: TimeView, whole: TimeView, step: number): TimeView {
  const room = Math.min(spanOf(view) / 10, 10)
  if (step - room < view.from) return within({ from: step - room, to: step - room + spanOf(view) }, whole)
  if (step + 1 + room > view.to) return within({ from: step + 1 + room - spanOf(view), to: step + 1 + room }, whole)
  return within(view, whole)
}
