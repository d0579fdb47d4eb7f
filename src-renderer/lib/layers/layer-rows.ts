// Which tensors have a row in the layer map and where: network order, grouped by block, filtered by kind and name, never lower than can be read unless all shall
// fit. Pure, pixels of CSS.
import type { TensorSummary } from '#contract/tables/report.ts'

export const readableHeight = 14
const blockGap = 4

export interface LayerRow {
  readonly tensor: number
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

/** `room`: the height that there is; `fit`: all rows in it, however low they become. */
export function layoutRows(
  tensors: readonly TensorSummary[],
  chosen: readonly number[],
  room: number,
  fit: boolean,
): RowLayout {
  const runs: { block: string; tensors: number[] }[] = []
  for (const tensor of chosen) {
    const block = tensors[tensor]?.block ?? ''
    const last = runs.at(-1)
    if (last?.block === block) last.tensors.push(tensor)
    else runs.push({ block, tensors: [tensor] })
  }
  const gap = fit && chosen.length * 3 > room ? 1 : blockGap
  const free = (room - gap * Math.max(0, runs.length - 1)) / Math.max(1, chosen.length)
  const rowHeight = fit ? Math.max(1, Math.min(26, free)) : Math.max(readableHeight, Math.min(26, Math.floor(free)))
  const groups: RowGroup[] = []
  let y = 0
  for (const { block, tensors: own } of runs) {
    const rows = own.map((tensor, i) => ({
      tensor,
      y: y + i * rowHeight,
      label: shortName(tensors[tensor] ?? { name: '', block }),
    }))
    groups.push({ block, y, height: own.length * rowHeight, rows })
    y += own.length * rowHeight + gap
  }
  return { groups, rows: groups.flatMap(({ rows }) => rows), rowHeight, height: Math.max(0, y - gap) }
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
