// A tile of layer reports as pixels: one column of pixels for each column, four rows for each tensor. `colour` holds the quantity, `frozen` is the mask in which the
// chart lays its hatching: as many quarters from below as the tensor stood still. Pure: no canvas.
import type { LayerColumns, LayerQuantity } from '#contract/columns/layer-columns.ts'
import { heat } from '#renderer/lib/charts/colours.ts'
import { outlivesFreezing, positionOf, type LayerScale } from './layer-scale.ts'

/** Rows of pixels of one tensor. */
export const parts = 4
/** The row that tells by its lighter colour that a tensor goes on with a rate of earlier on. */
const staleRow = 1

const table = Uint32Array.from(heat, ([r, g, b]) => packed(r, g, b))
const lighter = Uint32Array.from(heat, ([r, g, b]) => packed(mixed(r), mixed(g), mixed(b)))
const maskOn = packed(0, 0, 0)

function mixed(channel: number): number {
  return Math.round(0.45 * channel + 0.55 * 255)
}

function packed(r: number, g: number, b: number): number {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0
}

export interface TilePixels {
  readonly width: number
  readonly height: number
  readonly colour: Uint8ClampedArray<ArrayBuffer>
  readonly frozen: Uint8ClampedArray<ArrayBuffer>
}

export function tilePixels(columns: LayerColumns): TilePixels {
  const width = columns.columns
  const height = columns.tensors * parts
  return {
    width,
    height,
    colour: new Uint8ClampedArray(4 * width * height),
    frozen: new Uint8ClampedArray(4 * width * height),
  }
}

/** Quarters of a cell that are hatched: none or all only where the tensor moved, or stood still, in every step. */
export function frozenParts(moved: number): number {
  if (moved <= 0) return parts
  return moved >= 1 ? 0 : Math.max(1, Math.min(parts - 1, Math.round(parts * (1 - moved))))
}

/** Paints the columns [from, to) anew. */
export function paint(
  { width, colour, frozen }: TilePixels,
  columns: LayerColumns,
  quantity: LayerQuantity,
  scale: LayerScale,
  from = 0,
  to = columns.columns,
): void {
  const pixels = new Uint32Array(colour.buffer)
  const mask = new Uint32Array(frozen.buffer)
  const means = columns.means[quantity]
  const stays = outlivesFreezing(quantity)
  for (let column = from; column < to; column++) {
    const seen = (columns.steps[column] as number) > 0
    for (let tensor = 0; tensor < columns.tensors; tensor++) {
      const cell = column * columns.tensors + tensor
      const moved = columns.moved[cell] as number
      const still = seen ? frozenParts(moved) : 0
      const position = seen && (stays || moved > 0) ? positionOf(means[cell] as number, scale) : Number.NaN
      const step = Number.isNaN(position) ? -1 : Math.round(255 * position)
      const coloured = stays ? parts : parts - still
      for (let part = 0; part < parts; part++) {
        const at = (tensor * parts + part) * width + column
        const shade = part === staleRow && columns.states[cell] === 1 && moved > 0 ? lighter : table
        pixels[at] = step >= 0 && part < coloured ? (shade[step] as number) : 0
        mask[at] = part >= parts - still ? maskOn : 0
      }
    }
  }
}
