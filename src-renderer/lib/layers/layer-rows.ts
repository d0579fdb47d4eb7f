// Which tensors have a row in the layer map and where: network order, grouped by block, filtered by kind and name, never lower than can be read unless all shall
// fit. Pure, pixels of CSS.
import type { TensorSummary } from '#contract/tables/report.ts'
import type { TensorGroup } from './row-groups.ts'

export const readableHeight = 14
const blockGap = 4

export interface LayerRow {
  /** The first of those that it stands for. */
  readonly tensor: number
  readonly tensors: readonly number[]
  /** Its place in the tiles that are painted: the tensor, or the group. */
  readonly picture: number
  readonly y: number
  /** The name without its block. */
  readonly label: string
}

export interface RowGroup {
  readonly block: string
  readonly y: number
  readonly height: number
  readonly rows: readonly LayerRow[]
}

export interface RowLayout {
  readonly groups: readonly RowGroup[]
  readonly rows: readonly LayerRow[]
  readonly rowHeight: number
  readonly height: number
  /** Rows stand for several tensors each. */
  readonly grouped: readonly TensorGroup[] | null
}

export interface RowChoice {
  /** '' = all. */
  readonly kind: string
  /** Part of the name or of the block's, in any case; '' = all. */
  readonly name: string
}

/** Numbers of the tensors that the choice leaves. */
export function chosenTensors(tensors: readonly TensorSummary[], { kind, name }: RowChoice): number[] {
  const wanted = name.trim().toLowerCase()
  return tensors.flatMap((tensor, i) =>
    (kind === '' || tensor.kind === kind) &&
    (wanted === '' || tensor.name.toLowerCase().includes(wanted) || tensor.block.toLowerCase().includes(wanted))
      ? [i]
      : [],
  )
}

/** `layer1.0.bn1.weight` of block `layer1.0` -> `bn1.weight`. */
export const shortName = ({ name, block }: Pick<TensorSummary, 'name' | 'block'>): string =>
  block !== '' && name.startsWith(`${block}.`) ? name.slice(block.length + 1) : name

/** `room`: the height that there is; `fit`: all rows in it, however low they become. `grouped`: these in place of the tensors. */
export function layoutRows(
  tensors: readonly TensorSummary[],
  chosen: readonly number[],
  room: number,
  fit: boolean,
  grouped: readonly TensorGroup[] | null = null,
): RowLayout {
  const runs: { block: string; rows: Omit<LayerRow, 'y'>[] }[] = []
  if (grouped)
    for (const [picture, { label, tensors: own }] of grouped.entries())
      runs.push({ block: label, rows: [{ tensor: own[0] ?? 0, tensors: own, picture, label: '' }] })
  else
    for (const tensor of chosen) {
      const { name = '', block = '' } = tensors[tensor] ?? {}
      const row = { tensor, tensors: [tensor], picture: tensor, label: shortName({ name, block }) }
      const last = runs.at(-1)
      if (last?.block === block) last.rows.push(row)
      else runs.push({ block, rows: [row] })
    }
  const count = grouped?.length ?? chosen.length
  // Rows come first: between blocks lies what they leave.
  const gap = !fit ? blockGap : count * 5 <= room ? blockGap : count * 2.5 <= room && !grouped ? 1 : 0
  const free = (room - gap * Math.max(0, runs.length - 1)) / Math.max(1, count)
  const rowHeight = fit ? Math.min(26, free) : Math.max(readableHeight, Math.min(26, Math.floor(free)))
  const groups: RowGroup[] = []
  let y = 0
  for (const { block, rows } of runs) {
    const height = rows.length * rowHeight
    groups.push({ block, y, height, rows: rows.map((row, i) => ({ ...row, y: y + i * rowHeight })) })
    y += height + gap
  }
  return { groups, rows: groups.flatMap(({ rows }) => rows), rowHeight, height: Math.max(0, y - gap), grouped }
}

/** The row at a height; the nearest where it lies between blocks. Null without rows. */
export function rowAt({ rows, rowHeight }: RowLayout, y: number): LayerRow | null {
  let best: LayerRow | null = null
  for (const row of rows) {
    if (row.y > y && best) break
    best = row
  }
  return best && y < best.y + rowHeight + blockGap ? best : null
}
