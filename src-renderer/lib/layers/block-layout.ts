// The model's network as cards in a row, joined with the tensors that a lane adapts; and what a block comes to at one step. Pure, pixels.
import { moves, valuesOf, type LayerQuantity, type LayerValues } from '#contract/columns/layer-columns.ts'
import type { Network } from '#contract/columns/layers.ts'
import type { TensorSummary } from '#contract/tables/report.ts'
import { outlivesFreezing } from './layer-scale.ts'

export interface BlockOp {
  readonly op: string
  /** Numbers of its tensors that the lane adapts. */
  readonly tensors: readonly number[]
}

export interface BlockCard {
  readonly name: string
  readonly ops: readonly BlockOp[]
  readonly more: number
  readonly tensors: readonly number[]
  /** Not of the model: a network that the method added. */
  readonly added: boolean
  readonly x: number
  /** Of its upper edge. */
  readonly y: number
  readonly height: number
}

export interface BlockEdge {
  readonly path: string
  readonly skips: boolean
}

export interface BlockLayout {
  readonly cards: readonly BlockCard[]
  readonly edges: readonly BlockEdge[]
  readonly width: number
  readonly height: number
  /** Whether it is known what feeds what. */
  readonly connected: boolean
}

/** `top`: above each line of cards, where edges go round; `side`: left of them. */
export const card = { width: 152, gap: 34, top: 46, head: 62, op: 18, foot: 8, side: 20 } as const

/** In lines of the width that there is; null = all in one line. */
export function blockLayout(
  network: Network | null,
  tensors: readonly TensorSummary[],
  room: number | null = null,
): BlockLayout {
  const numberOf = new Map(tensors.map(({ name }, i) => [name, i]))
  const own = (names: readonly string[]) => names.flatMap((name) => numberOf.get(name) ?? [])
  const known = (network?.blocks ?? []).map(({ name, ops, more }) => {
    const list = ops.map(({ op, tensors: names }) => ({ op, tensors: own(names) }))
    return {
      name,
      ops: list,
      more,
      tensors: tensors.flatMap((tensor, i) => (tensor.block === name ? [i] : [])),
      added: false,
    }
  })
  const names = new Set(known.map(({ name }) => name))
  const rest = [
    ...Map.groupBy(
      tensors.map((tensor, i) => ({ ...tensor, i })).filter(({ block }) => !names.has(block)),
      ({ block }) => block,
    ),
  ]
  const all = [
    ...known,
    ...rest.map(([name, list]) => ({
      name,
      ops: list.map(({ kind, i }) => ({ op: kind, tensors: [i] })),
      more: 0,
      tensors: list.map(({ i }) => i),
      added: network !== null,
    })),
  ]
  const perLine =
    room === null
      ? Math.max(1, all.length)
      : Math.max(1, Math.floor((room - 2 * card.side + card.gap) / (card.width + card.gap)))
  const heights = all.map((block) => card.head + card.op * (block.ops.length + (block.more > 0 ? 1 : 0)) + card.foot)
  const cards: BlockCard[] = []
  let y = card.top
  for (let first = 0; first < all.length; first += perLine) {
    const line = all.slice(first, first + perLine)
    cards.push(
      ...line.map((block, i) => ({
        ...block,
        x: card.side + i * (card.width + card.gap),
        y,
        height: heights[first + i] ?? 0,
      })),
    )
    y += Math.max(...heights.slice(first, first + perLine)) + card.top
  }
  return {
    cards,
    edges: network ? network.edges.flatMap((edge) => edgeOf(edge, cards)) : [],
    width: 2 * card.side + Math.min(perLine, Math.max(1, cards.length)) * (card.width + card.gap) - card.gap,
    height: y - card.top,
    connected: network !== null,
  }
}

function edgeOf({ from, to, skips }: Network['edges'][number], cards: readonly BlockCard[]): BlockEdge[] {
  const [a, b] = [cards[from], cards[to]]
  if (!a || !b) return []
  const right = a.x + card.width
  const out = a.y + 18
  const end = b.x + card.width - 18
  if (!skips) {
    if (a.y === b.y) return [{ path: `M ${right} ${out} L ${b.x - 2} ${out}`, skips }]
    const between = b.y - 14
    return [
      {
        path: `M ${right} ${out} L ${right + 11} ${out} L ${right + 11} ${between} L ${b.x - 12} ${between} L ${b.x - 12} ${b.y + 18} L ${b.x - 2} ${b.y + 18}`,
        skips,
      },
    ]
  }
  // From behind the first block over what it goes round to the end of the other, higher the further it reaches.
  const rise = b.y - Math.min(card.top - 6, 24 + 6 * Math.max(0, to - from - 1))
  const bend = a.y === b.y ? rise + 8 : rise - 8 // to the next line it comes from above
  const way = end < right ? -8 : 8
  return [
    {
      path: `M ${right + 5} ${out} L ${right + 5} ${bend} Q ${right + 5} ${rise} ${right + 5 + way} ${rise} L ${end - way} ${rise} Q ${end} ${rise} ${end} ${rise + 8} L ${end} ${b.y - 2}`,
      skips,
    },
  ]
}

export interface BlockValue {
  /** Over the tensors that have a value; of a rate or an importance, over those that move. NaN without any. */
  readonly mean: number
  /** Of the parameters, those that the step left as they were: 0..1; 1 of nothing known. */
  readonly frozen: number
}

export function blockValue(
  numbers: readonly number[],
  tensors: readonly TensorSummary[],
  layers: LayerValues | null,
  quantity: LayerQuantity,
): BlockValue {
  if (!layers) return { mean: Number.NaN, frozen: Number.NaN }
  const values = valuesOf(layers, quantity)
  let sum = 0
  let count = 0
  let elements = 0
  let still = 0
  for (const i of numbers) {
    const moved = moves(layers.states[i] ?? 0, layers.learningRates[i] ?? null)
    const size = tensors[i]?.elements ?? 0
    elements += size
    if (!moved) still += size
    const value = values?.[i] ?? Number.NaN
    if (!Number.isFinite(value) || (!moved && !outlivesFreezing(quantity))) continue
    sum += value
    count += 1
  }
  return { mean: count > 0 ? sum / count : Number.NaN, frozen: elements > 0 ? still / elements : Number.NaN }
}
