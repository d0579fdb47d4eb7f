// Rows of the table of tensors at one step, and their order. Pure.
import type { LayerValues } from '#contract/columns/layer-columns.ts'
import type { TensorSummary } from '#contract/tables/report.ts'

export const tensorColumns = [
  'name',
  'block',
  'kind',
  'elements',
  'state',
  'score',
  'importance',
  'learningRate',
  'change',
] as const
export type TensorColumn = (typeof tensorColumns)[number]

export interface TensorRow {
  readonly tensor: number
  readonly name: string
  readonly block: string
  readonly kind: string
  readonly elements: number
  readonly state: number | null
  readonly score: number | null
  readonly importance: number | null
  readonly learningRate: number | null
  readonly change: number | null
}

const known = (value: number | null | undefined): number | null =>
  value === undefined || value === null || Number.isNaN(value) ? null : value

export function tensorRows(
  tensors: readonly TensorSummary[],
  chosen: readonly number[],
  layers: LayerValues | null,
): TensorRow[] {
  return chosen.flatMap((tensor) => {
    const info = tensors[tensor]
    if (!info) return []
    return [
      {
        tensor,
        name: info.name,
        block: info.block,
        kind: info.kind,
        elements: info.elements,
        state: layers ? (layers.states[tensor] ?? null) : null,
        score: known(layers?.scores[tensor]),
        importance: known(layers?.importances[tensor]),
        learningRate: known(layers?.learningRates[tensor]),
        change: known(layers?.changes?.[tensor]),
      },
    ]
  })
}

/** Null `column`: network order. What has no value comes last either way. */
export function sortedRows(rows: readonly TensorRow[], column: TensorColumn | null, descending: boolean): TensorRow[] {
  if (column === null) return [...rows]
  const sign = descending ? -1 : 1
  return rows.toSorted((a, b) => {
    const [x, y] = [a[column], b[column]]
    if (x === null || y === null) return x === y ? a.tensor - b.tensor : x === null ? 1 : -1
    const order = typeof x === 'string' ? x.localeCompare(String(y), undefined, { numeric: true }) : x - Number(y)
    return order === 0 ? a.tensor - b.tensor : sign * order
  })
}
