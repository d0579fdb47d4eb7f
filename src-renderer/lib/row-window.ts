// Which rows of a long table are to be drawn: those in view, and some on either side. Pure.

export interface RowWindow {
  /** Rows [first, end). */
  readonly first: number
  readonly end: number
  /** Heights of what is left out above and below, in pixels. */
  readonly above: number
  readonly below: number
}

/** Tables up to so many rows are drawn whole, unless they say otherwise. */
export const wholeUpTo = 200

export function rowWindow(
  count: number,
  rowHeight: number,
  scrollTop: number,
  viewHeight: number,
  whole = wholeUpTo,
): RowWindow {
  if (count <= whole) return { first: 0, end: count, above: 0, below: 0 }
  const spare = 10
  const seen = Math.ceil(Math.max(0, viewHeight) / rowHeight) + 1
  const top = Math.min(Math.max(0, Math.floor(scrollTop / rowHeight)), Math.max(0, count - seen))
  const first = Math.max(0, top - spare)
  const end = Math.min(count, top + seen + spare)
  return { first, end, above: first * rowHeight, below: (count - end) * rowHeight }
}

/** Where to scroll so that a row is in view, in the middle if it is not; null = it is. */
export function scrollTo(row: number, rowHeight: number, scrollTop: number, viewHeight: number): number | null {
  const top = row * rowHeight
  if (top >= scrollTop && top + rowHeight <= scrollTop + viewHeight) return null
  return Math.max(0, top - (viewHeight - rowHeight) / 2)
}
