// Where the four panels of the live screen and what lies between them stand, as styles: two columns, each divided by itself. Pure.
import type { LayoutPart } from '#renderer/state/live/live-layout.svelte.ts'

type Shares = Readonly<Record<LayoutPart, number>>

/** Of what is dragged between two panels, pixels. */
const gap = 12
const first = (share: number) => `calc((100% - ${gap}px) * ${share})`
const second = (share: number) => `calc((100% - ${gap}px) * ${share} + ${gap}px)`

/** @param place left above, left below, right above, right below */
export function placeStyle(place: number, { columns, left, right }: Shares): string {
  const across = place < 2 ? `left: 0; width: ${first(columns)}` : `left: ${second(columns)}; right: 0`
  const share = place < 2 ? left : right
  return `${across}; ${place % 2 === 0 ? `top: 0; height: ${first(share)}` : `top: ${second(share)}; bottom: 0`}`
}

export function betweenStyle(part: LayoutPart, { columns, left, right }: Shares): string {
  if (part === 'columns') return `left: ${first(columns)}; width: ${gap}px; top: 0; bottom: 0`
  const across = part === 'left' ? `left: 0; width: ${first(columns)}` : `left: ${second(columns)}; right: 0`
  return `${across}; top: ${first(part === 'left' ? left : right)}; height: ${gap}px`
}
