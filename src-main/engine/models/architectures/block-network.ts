// A model's graph by block, small enough to be told with every run: which ops a block has, which blocks feed which, and where a connection goes round what
// lies between. Nodes without tensors belong to the block of the tensors before them, unless that block is over already.
import { mostBlocks, mostOpsOfBlock, type Network } from '#contract/columns/layers.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import type { Model } from '#engine/models/model.ts'

/** Where paths meet again. */
const joins = new Set(['add', 'multiply', 'concat'])

/** Null when it has more blocks than are told of. */
export function blockNetwork({ graph, tensors }: Pick<Model, 'graph' | 'tensors'>): Network | null {
  const blockOfTensor = new Map(tensors.map(({ name, block }) => [name, block]))
  const own = graph.nodes.map(
    (node) =>
      Object.values(node.params)
        .map((name) => blockOfTensor.get(name))
        .find((block) => block !== undefined) ?? null,
  )
  const blockOf = placed(graph.nodes, own, new Set(graph.blocks.map(({ node }) => node)))
  const order = [...new Set(blockOf.values())]
  if (order.length > mostBlocks) return null
  const index = new Map(order.map((name, i) => [name, i]))
  const nodesOf = new Map(order.map((name) => [name, graph.nodes.filter((node) => blockOf.get(node.name) === name)]))
  const blocks = order.map((name) => {
    const nodes = nodesOf.get(name) ?? []
    const ops = nodes.slice(0, mostOpsOfBlock).map((node) => ({
      op: node.attributes.relu === true ? `${node.op}+relu` : node.op,
      tensors: Object.values(node.params),
    }))
    return { name, ops, more: nodes.length - ops.length }
  })
  return { blocks, edges: edgesOf(graph.nodes, blockOf, index) }
}

function placed(
  nodes: readonly GraphNode[],
  own: readonly (string | null)[],
  ends: ReadonlySet<string>,
): Map<string, string> {
  const blockOf = new Map<string, string>()
  let current: string | null = null
  let over = false
  for (const [i, node] of nodes.entries()) {
    const next = own.slice(i).find((block) => block !== null) ?? null
    if (own[i] !== null) {
      if (own[i] !== current) over = false
      current = own[i] as string
    } else if (current === null || (over && next !== null)) {
      current = next ?? current ?? ''
      over = false
    }
    blockOf.set(node.name, current ?? '')
    if (ends.has(node.name)) over = true
  }
  return blockOf
}

function edgesOf(
  nodes: readonly GraphNode[],
  blockOf: ReadonlyMap<string, string>,
  index: ReadonlyMap<string, number>,
): Network['edges'] {
  const edges = new Map<string, Network['edges'][number]>()
  for (const node of nodes) {
    const to = index.get(blockOf.get(node.name) ?? '') ?? -1
    for (const input of node.inputs) {
      const from = index.get(blockOf.get(input) ?? '') ?? -1
      if (from < 0 || to < 0 || from === to) continue
      // An input of a join that another path enters as well goes round that path.
      const skips = joins.has(node.op) || node.op === 'shortcut-a' || to - from > 1
      edges.set(`${from} ${to} ${skips}`, { from, to, skips })
    }
  }
  const all = [...edges.values()]
  return all
    .map((edge) =>
      edge.skips &&
      edge.to - edge.from === 1 &&
      !all.some((other) => other.from === edge.from && other.to === edge.to && !other.skips)
        ? { ...edge, skips: false }
        : edge,
    )
    .slice(0, 8 * mostBlocks)
}
