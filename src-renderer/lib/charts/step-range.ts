// The part of the stream that the charts show, in steps: zoom, pan and follow as sums. Both ends belong to it, and may lie between steps: the
// whole of a run of n steps is -0.5 to n - 0.5. Pure.

export interface StepRange {
  readonly from: number
  readonly to: number
}

/** Fewer would show no line. */
export const fewestSteps = 4

export const wholeOf = (totalSteps: number): StepRange => ({ from: -0.5, to: Math.max(fewestSteps, totalSteps) - 0.5 })
export const widthOf = ({ from, to }: StepRange): number => to - from

/** Inside the whole and not narrower than a line needs; null = all of it. */
export function fitted(range: StepRange, totalSteps: number): StepRange | null {
  const whole = wholeOf(totalSteps)
  const width = Math.max(fewestSteps, widthOf(range))
  if (!(width < widthOf(whole))) return null
  const middle = (range.from + range.to) / 2
  const from = Math.max(
    whole.from,
    Math.min(whole.to - width, widthOf(range) < fewestSteps ? middle - width / 2 : range.from),
  )
  return { from, to: from + width }
}

/** `factor` > 1 shows more; the step `around` stays where it is on the screen. */
export function zoomed(range: StepRange, factor: number, around: number, totalSteps: number): StepRange | null {
  const anchor = Math.max(range.from, Math.min(range.to, around))
  const width = Math.max(fewestSteps, widthOf(range) * factor)
  const share = (anchor - range.from) / widthOf(range)
  return fitted({ from: anchor - share * width, to: anchor + (1 - share) * width }, totalSteps)
}

export const panned = (range: StepRange, by: number, totalSteps: number): StepRange | null =>
  fitted({ from: range.from + by, to: range.to + by }, totalSteps)

/** As wide as before, with `lastStep` at its end. */
export const atEnd = (range: StepRange, lastStep: number, totalSteps: number): StepRange | null =>
  fitted({ from: lastStep + 0.5 - widthOf(range), to: lastStep + 0.5 }, totalSteps)
