// A model whose encoder is cut into parts, each followed by a small network of its own (EcoTTA: Song et al., CVPR 2023): part k's output h becomes
// BN(h) + ReLU(BN(conv3x3(g))), g being what went into the part. Only these networks are new tensors; the model's own are shared, never changed.
import type { Device } from '#engine/compute/device.ts'
import type { BlockOutput } from '#engine/compute/graph.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import { elementCount, uploadParameters, type Model, type TensorInfo } from '#engine/models/model.ts'

export interface MetaPart {
  /** Node of h_k, the frozen part's output, and of g_k, what goes on. */
  readonly frozen: string
  readonly out: string
  readonly tensors: readonly string[]
}

export interface MetaModel {
  readonly model: Model
  readonly parts: readonly MetaPart[]
  disposeMeta(): void
}

const known: Readonly<Record<string, readonly number[]>> = {
  '12/4': [2, 2, 4, 4],
  '12/5': [2, 2, 2, 2, 4],
  '16/4': [3, 3, 5, 5],
  '16/5': [2, 2, 4, 4, 4],
}

/** How many blocks each part has: the re-implementation's for its networks, else (ours) finer at the input in the same manner. */
export function partition(blocks: number, parts: number): readonly number[] {
  const k = Math.min(parts, blocks)
  const published = known[`${blocks}/${k}`]
  if (published) return published
  const ends = [0]
  for (let i = 1; i <= k; i++)
    ends.push(Math.min(blocks - (k - i), Math.max((ends[i - 1] as number) + 1, Math.round(blocks * (i / k) ** 1.4))))
  return ends.slice(1).map((end, i) => end - (ends[i] as number))
}

/** `draw` gives uniform numbers in [-1, 1): convolutions begin as PyTorch's do, within 1 / sqrt(inputs). */
export function withMetaNetworks(
  device: Device,
  model: Model,
  count: number,
  draw: (name: string, size: number) => Float32Array,
): MetaModel {
  const [stem, ...blocks] = model.graph.blocks
  const sizes = partition(blocks.length, count)
  const added = new Map<string, GraphNode[]>() // after the node of this name
  const renamed = new Map<string, string>()
  const tensors: TensorInfo[] = []
  const values = new Map<string, Float32Array>()
  const parts: MetaPart[] = []
  let before = stem as BlockOutput
  let source = before.node
  let first = 0
  for (const [k, size] of sizes.entries()) {
    const part = blocks.slice(first, first + size)
    first += size
    const end = part.at(-1) as BlockOutput
    const name = `meta.${k}`
    const stride = part.reduce((product, block) => product * block.stride, 1)
    const own: TensorInfo[] = [
      { name: `${name}.bn.weight`, kind: 'bn-weight', shape: [end.channels], block: name },
      { name: `${name}.bn.bias`, kind: 'bn-bias', shape: [end.channels], block: name },
      { name: `${name}.conv.weight`, kind: 'conv', shape: [end.channels, before.channels, 3, 3], block: name },
      { name: `${name}.conv_bn.weight`, kind: 'bn-weight', shape: [end.channels], block: name },
      { name: `${name}.conv_bn.bias`, kind: 'bn-bias', shape: [end.channels], block: name },
    ]
    for (const info of own) {
      const n = elementCount(info.shape)
      const bound = 1 / Math.sqrt(9 * before.channels)
      values.set(
        info.name,
        info.kind === 'conv'
          ? draw(info.name, n).map((value) => value * bound)
          : new Float32Array(n).fill(info.kind === 'bn-weight' ? 1 : 0),
      )
    }
    const norm = (node: string, input: string, relu: boolean): GraphNode => ({
      op: 'batch-norm',
      name: node,
      inputs: [input],
      params: { weight: `${node}.weight`, bias: `${node}.bias` },
      attributes: { epsilon: 1e-5, relu },
    })
    added.set(end.node, [
      norm(`${name}.bn`, end.node, false),
      {
        op: 'conv2d',
        name: `${name}.conv`,
        inputs: [source],
        params: { weight: `${name}.conv.weight` },
        attributes: { stride, padding: 1 },
      },
      norm(`${name}.conv_bn`, `${name}.conv`, true),
      { op: 'add', name: `${name}.out`, inputs: [`${name}.bn`, `${name}.conv_bn`], params: {}, attributes: {} },
    ])
    renamed.set(end.node, `${name}.out`)
    tensors.push(...own)
    parts.push({ frozen: end.node, out: `${name}.out`, tensors: own.map((info) => info.name) })
    before = end
    source = `${name}.out`
  }
  const nodes = model.graph.nodes.flatMap((node) => {
    const moved = { ...node, inputs: node.inputs.map((input) => renamed.get(input) ?? input) }
    return [moved, ...(added.get(node.name) ?? [])]
  })
  const meta = uploadParameters(device, tensors, values)
  return {
    model: {
      ...model,
      graph: { ...model.graph, nodes },
      tensors: [...model.tensors, ...tensors],
      parameters: new Map([...model.parameters, ...meta]),
    },
    parts,
    disposeMeta() {
      for (const tensor of meta.values()) tensor.dispose()
      meta.clear()
    },
  }
}
