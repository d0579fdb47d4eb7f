// How much of the vertical axis a curve gets. Pure.

/** `most`: of a quantity that has one (100 % of a share); null = from 0, or below, to a little above what is seen. Fitted: just what is seen. */
export function roomFor(
  seen: { readonly low: number; readonly high: number } | null,
  fit: boolean,
  most: number | null,
): [number, number] {
  if (!seen) return [0, most ?? 1]
  if (fit) {
    const spare = 0.06 * (seen.high - seen.low) || 0.05 * Math.abs(seen.high) || 0.5
    return [seen.low - spare, seen.high + spare]
  }
  if (most !== null) return [0, most]
  const low = Math.min(0, seen.low)
  const high = Math.max(0, seen.high)
  const spare = 0.08 * (high - low) || 1
  return [low < 0 ? low - spare : 0, high > 0 ? high + spare : 0]
}
