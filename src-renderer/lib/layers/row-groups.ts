// Tensors put together into rows where there are more of them than lines of pixels: a block each, then what blocks have in common, then neighbours. A row is worth the
// mean of its tensors, as a block of the network is (block-layout.ts). Pure.
import { eachQuantity, LayerColumns, layerQuantities } from '#contract/columns/layer-columns.ts'
import type { TensorSummary } from '#contract/tables/report.ts'
import { outlivesFreezing } from './layer-scale.ts'

export interface TensorGroup {
  readonly label: string
  /** Neighbours in network order. */
  readonly tensors: readonly number[]
}

/** Lower rows are none to look at; of groups, rows are as high as this at the least. */
const leastHeight = 1
const groupHeight = 3

const parentOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('.')))

/** Neighbours of one name, together. */
function neighbours(groups: readonly TensorGroup[], nameOf: (label: string) => string): TensorGroup[] {
  const out: { label: string; tensors: number[] }[] = []
  for (const { label, tensors } of groups) {
    const name = nameOf(label)
    const last = out.at(-1)
    if (last && last.label === name) last.tensors.push(...tensors)
    else out.push({ label: name, tensors: [...tensors] })
  }
  return out
}

/** Null: `room` pixels hold a row for each. */
export function tensorGroups(
  tensors: readonly TensorSummary[],
  chosen: readonly number[],
  room: number,
): TensorGroup[] | null {
  if (chosen.length * leastHeight <= room) return null
  const most = Math.max(1, Math.floor(room / groupHeight))
  let groups = neighbours(
    chosen.map((tensor) => ({ label: tensors[tensor]?.block ?? '', tensors: [tensor] })),
    (label) => label,
  )
  while (groups.length > most && groups.some(({ label }) => label.includes('.')))
    groups = neighbours(groups, (label) => parentOf(label) || label)
  if (groups.length <= most) return groups
  const each = Math.ceil(groups.length / most)
  return Array.from({ length: Math.ceil(groups.length / each) }, (_, i) => {
    const own = groups.slice(i * each, (i + 1) * each)
    const [first, last] = [own[0]?.label ?? '', own.at(-1)?.label ?? '']
    return { label: first === last ? first : `${first} … ${last}`, tensors: own.flatMap((one) => one.tensors) }
  })
}

export const emptyGroupColumns = ({ from, to, columns }: LayerColumns, groups: readonly TensorGroup[]): LayerColumns =>
  new LayerColumns({ from, to, columns, tensors: groups.length })

/** Works out the columns [from, to) of the groups anew: means over the tensors, frozen by their parameters. */
export function groupColumns(
  into: LayerColumns,
  columns: LayerColumns,
  groups: readonly TensorGroup[],
  tensors: readonly TensorSummary[],
  from = 0,
  to = columns.columns,
): void {
  for (let column = from; column < to; column++) {
    into.steps[column] = columns.steps[column] as number
    for (const [g, { tensors: own }] of groups.entries()) {
      const at = column * groups.length + g
      let [elements, moved, fresh] = [0, 0, false]
      const sums = eachQuantity(() => ({ sum: 0, count: 0 }))
      for (const tensor of own) {
        const cell = column * columns.tensors + tensor
        const size = tensors[tensor]?.elements ?? 1
        const share = columns.moved[cell] as number
        elements += size
        moved += share * size
        if (share > 0 && columns.states[cell] !== 1) fresh = true
        for (const quantity of layerQuantities) {
          const value = columns.means[quantity][cell] as number
          if (!Number.isFinite(value) || (share === 0 && !outlivesFreezing(quantity))) continue
          sums[quantity].sum += value
          sums[quantity].count += 1
        }
      }
      into.moved[at] = elements > 0 ? moved / elements : 0
      into.states[at] = moved === 0 ? 0 : fresh ? 2 : 1
      for (const quantity of layerQuantities) {
        const { sum, count } = sums[quantity]
        into.means[quantity][at] = count > 0 ? sum / count : Number.NaN
      }
    }
  }
}
