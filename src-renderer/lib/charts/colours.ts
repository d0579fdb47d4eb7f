// Colours that everybody can tell apart: Okabe-Ito for lanes (one set per theme, 3:1 on its ground), viridis for quantities. Pure.
import { interpolateViridis } from 'd3-scale-chromatic'

const light = [
  '#5a5a5a',
  '#0072b2',
  '#b85c00',
  '#00795c',
  '#9a3d76',
  '#7a6a00',
  '#5b4bb5',
  '#a33b3b',
  '#2f6f8f',
  '#6b4a2b',
]
const dark = [
  '#b8b8b8',
  '#56b4e9',
  '#e69f00',
  '#2fc79b',
  '#e58fc0',
  '#f0e442',
  '#b3a5f7',
  '#ff9d8a',
  '#8fd0ea',
  '#d0b090',
]

export const laneColour = (index: number, theme: 'light' | 'dark'): string =>
  (theme === 'light' ? light : dark)[index % light.length] as string

/** Line dashes, so that lanes differ without colour too. */
export const laneDash = (index: number): number[] =>
  [[], [8, 4], [2, 3], [], [10, 3, 2, 3], [4, 4]][index % 6] as number[]
export const laneWidth = (index: number): number => (index % 6 === 3 ? 2.6 : 1.6)

/** Position 0..1 -> colour of the scale, as [r, g, b]. */
export const heat: readonly (readonly [number, number, number])[] = Array.from({ length: 256 }, (_, i) =>
  parse(interpolateViridis(i / 255)),
)

function parse(colour: string): [number, number, number] {
  const hex = /^#(..)(..)(..)$/.exec(colour)
  if (hex) return [parseInt(hex[1] ?? '0', 16), parseInt(hex[2] ?? '0', 16), parseInt(hex[3] ?? '0', 16)]
  const rgb = /(\d+), ?(\d+), ?(\d+)/.exec(colour)
  return [Number(rgb?.[1]), Number(rgb?.[2]), Number(rgb?.[3])]
}
