// What the kinds of pictures share: the colours of a theme, the body that each makes, and the extent of numbers. Pure.

export type Theme = 'light' | 'dark'
export const inks = {
  light: { ground: '#ffffff', ink: '#14181f', soft: '#4c5564', line: '#d5d9e0', band: '#f0f2f5', accent: '#0072b2' },
  dark: { ground: '#191e26', ink: '#e9edf3', soft: '#a9b3c2', line: '#333b48', band: '#222833', accent: '#56b4e9' },
} as const
export type Ink = (typeof inks)[Theme]

/** Body of a picture: its markup with its origin at 0, 0, and its size. */
export interface Body {
  readonly width: number
  readonly height: number
  readonly markup: string
}

/** Of the finite ones; 0 to 1 where there are none. */
export function extent(values: Iterable<number>): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low > high ? [0, 1] : [low, high]
}

/** What stands along an axis, in the middle of it. */
export const axisTitle = (place: Readonly<Record<string, string | number>>, ink: Ink) => ({
  ...place,
  'text-anchor': 'middle',
  'font-size': 12,
  fill: ink.ink,
})
