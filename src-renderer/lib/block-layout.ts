// The model's network as cards in a row, joined with the tensors that a lane adapts; and what a block comes to at one step. Pure, pixels.
import { moves, valuesOf, type LayerQuantity, type LayerValues } from '../../src-main/contract/layer-columns.ts'
import type { Network } from '../../src-main/contract/layers.ts'
import type { TensorSummary } from '../../src-main/contract/report.ts'
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

export const card = { width: 128, gap: 34, top: 44, head: 62, op: 18, foot: 8 } as const

export function blockLayout(network: Network | null, tensors: readonly TensorSummary[]): BlockLayout {
  const numberOf = new Map(tensors.map(({ name }, i) => [name, i]))
  const own = (names: readonly string[]) => names.flatMap((name) => numberOf.get(name) ?? [])
  const known = (network?.blocks ?? []).map(({ name, ops, more }) => {
    const list = ops.map(({ op, tensors: names }) => ({ op, tensors: own(names) }))
    return { name, ops: list, more, tensors: tensors.flatMap((tensor, i) => (tensor.block === name ? [i] : [])), added: false }
  })
  const names = new Set(known.map(({ name }) => name))
  const rest = [...Map.groupBy(tensors.map((tensor, i) => ({ ...tensor, i })).filter(({ block }) => !names.has(block)), ({ block }) => block)]
  const all = [...known, ...rest.map(([name, list]) => ({ name, ops: list.map(({ kind, i }) => ({ op: kind, tensors: [i] })), more: 0, tensors: list.map(({ i }) => i), added: network !== null }))]
  const cards = all.map((block, i) => ({ ...block, x: i * (card.width + card.gap), height: card.head + card.op * (block.ops.length + (block.more > 0 ? 1 : 0)) + card.foot }))
  return {
    cards,
    edges: network ? network.edges.flatMap((edge) => edgeOf(edge, cards)) : [],
    width: Math.max(0, cards.length * (card.width + card.gap) - card.gap),
    height: card.top + Math.max(0, ...cards.map(({ height }) => height)),
    connected: network !== null,
  }
}

function edgeOf({ from, to, skips }: Network['edges'][number], cards: readonly BlockCard[]): BlockEdge[] {
  const [a, b] = [cards[from], cards[to]]
  if (!a || !b) return []
  const right = a.x + card.width
  if (!skips) {
    const y = card.top + 18
    return [{ path: `M ${right} ${y} L ${b.x - 2} ${y}`, skips }]
  }
  // From behind the first block over what it goes round to the end of the other, higher the further it reaches.
  const rise = Math.max(6, card.top - 18 - 6 * (to - from - 1))
  return [{ path: `M ${right + 5} ${card.top + 18} L ${right + 5} ${rise + 8} Q ${right + 5} ${rise} ${right + 13} ${rise} L ${b.x + card.width - 26} ${rise} Q ${b.x + card.width - 18} ${rise} ${b.x + card.width - 18} ${rise + 8} L ${b.x + card.width - 18} ${card.top - 2}`, skips }]
}

export interface BlockValue {
  /** Over the tensors that have a value; of a rate or an importance, over those that move. NaN without any. */
  readonly mean: number
  /** Of the parameters, those that the step left as they were: 0..1; 1 of nothing known. */
  readonly frozen: number
}

export function blockValue(numbers: readonly number[], tensors: readonly TensorSummary[], layers: LayerValues | null, quantity: LayerQuantity): BlockValue {
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
