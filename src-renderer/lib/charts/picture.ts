// A chart as plain data: what a saved picture holds, whatever drew it on the screen. Drawn by svg/svg-chart.ts. Pure.
import type { Table } from '#contract/tables/table.ts'

interface Common {
  readonly title: string
  /** Said below it: which runs, which settings. */
  readonly about: readonly string[]
}

export interface PictureLine {
  readonly label: string
  /** Colour and dash, as on the screen (lib/charts/colours.ts). */
  readonly index: number
  /** Of equal length; NaN and null are gaps. */
  readonly xs: ArrayLike<number>
  readonly ys: ArrayLike<number | null>
  /** One standard deviation up and down; for few points. */
  readonly deviations?: readonly (number | null)[]
  /** Drawn thin and pale, without an entry in the legend: single values behind a mean. */
  readonly faint?: boolean
  /** A circle at each point; for few. */
  readonly dots?: boolean
}

export interface LinesPicture extends Common {
  readonly kind: 'lines'
  readonly x: {
    readonly label: string
    readonly range?: readonly [number, number]
    readonly scale?: 'linear' | 'log'
    /** Named places 0, 1, 2 … instead of numbers. */ readonly names?: readonly string[]
  }
  readonly y: { readonly label: string; readonly range?: readonly [number, number] }
  readonly lines: readonly PictureLine[]
  /** Stretches of x, every second one shaded. */
  readonly bands?: readonly { readonly from: number; readonly to: number; readonly label: string }[]
  /** Triangles at the top, in a line's colour. */
  readonly marks?: readonly { readonly x: number; readonly index: number }[]
}

export interface MatrixPicture extends Common {
  readonly kind: 'matrix'
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** Null is hatched. */
  readonly value: (row: number, column: number) => number | null
  readonly x: string
  readonly y: string
  /** What the colour says, with its unit. */
  readonly quantity: string
  readonly hatched: string
  readonly scale: 'linear' | 'log'
}

export interface BarsPicture extends Common {
  readonly kind: 'bars'
  readonly groups: readonly { readonly label: string; readonly values: readonly number[] }[]
  readonly series: readonly string[]
  readonly unit: string
}

export interface TablePicture extends Common {
  readonly kind: 'table'
  readonly table: Pick<Table, 'head' | 'rows'>
}

export type Picture = LinesPicture | MatrixPicture | BarsPicture | TablePicture

/** What a chart gives; who it is about is added by the view around it. */
type Part<T> = T extends Common ? Omit<T, 'about'> & { readonly about?: readonly string[] } : never
export type PicturePart = Part<Picture>

/** A name for the file: letters and digits of the title. */
export const fileName = (title: string): string =>
  title
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
    .slice(0, 80) || 'picture'
