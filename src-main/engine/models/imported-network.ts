// A network that a file spells out node by node (ONNX, TensorFlow.js), put together from our ops. Values come channels-last on our side whatever the
// file has; a constant becomes a named tensor in PyTorch's layout when a node uses it as one.
import { PalmError } from '#contract/errors.ts'
import type { Graph } from '#engine/compute/graph.ts'
import type { AttributeValue, GraphNode, OpName } from '#engine/compute/op.ts'
import type { Flow, NetworkBuilder, TensorKind } from '#engine/compute/ops/formats/network.ts'
import { flattened } from '#engine/compute/ops/layout/flatten.ts'
import type { FileTensor } from './formats/file-tensor.ts'
import type { Architecture, ModelNormalization, TensorInfo } from './model.ts'

export interface ImportedArchitecture extends Architecture {
  readonly values: ReadonlyMap<string, FileTensor>
}

/** The largest classifiers have a few thousand. */
const maxNodes = 20_000

export class ImportedNetwork implements NetworkBuilder {
  readonly fileName: string
  private nodes: GraphNode[] = []
  private readonly byName = new Map<string, GraphNode>()
  private readonly tensors: TensorInfo[] = []
  private readonly values = new Map<string, FileTensor>()
  private readonly taken = new Set<string>()
  private count = 0

  constructor(fileName: string, normalization: ModelNormalization) {
    this.fileName = fileName
    this.push({
      op: 'normalize',
      name: 'normalize',
      inputs: ['input'],
      params: {},
      attributes: { mean: normalization.mean, std: normalization.std },
    })
  }

  get start(): Flow {
    return { kind: 'flow', node: 'normalize', rank: 4, channels: 3 }
  }

  refused(what: string): PalmError {
    return new PalmError('model-unsupported', `${this.fileName} was refused: ${what}.`)
  }

  private push(node: GraphNode): void {
    this.nodes.push(node)
    this.byName.set(node.name, node)
  }

  private fresh(wanted: string): string {
    let name = wanted || `node${this.nodes.length}`
    while (this.taken.has(name)) name = `${wanted || 'node'}:${++this.count}`
    this.taken.add(name)
    return name
  }

  add(
    op: OpName,
    name: string,
    inputs: readonly Flow[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    params: Readonly<Record<string, string>> = {},
    out: Partial<Pick<Flow, 'rank' | 'channels'>> = {},
  ): Flow {
    if (this.nodes.length >= maxNodes) throw this.refused(`it has more than ${maxNodes} nodes`)
    const node = this.fresh(`${op} ${name}`)
    this.push({ op, name: node, inputs: inputs.map((input) => input.node), params, attributes })
    const first = inputs[0] as Flow
    return {
      kind: 'flow',
      node,
      rank: out.rank ?? first.rank,
      channels: out.channels === undefined ? first.channels : out.channels,
    }
  }

  /** A tensor under its name in the file; the same name again is the same tensor. */
  tensor(name: string, kind: TensorKind, value: FileTensor): string {
    const known = this.values.get(name)
    if (known) {
      if (known.data.length !== value.data.length) throw this.refused(`the tensor “${name}” is used in two shapes`)
      return name
    }
    if (value.data.some((v) => !Number.isFinite(v)))
      throw new PalmError(
        'model-unreadable',
        `${this.fileName}: the tensor “${name}” holds values that are not finite numbers.`,
      )
    this.values.set(name, value)
    this.tensors.push({ name, kind, shape: value.shape, block: blockOf(name) })
    return name
  }

  opOf(flow: Flow): OpName | undefined {
    return this.byName.get(flow.node)?.op
  }

  /** The whole, with the logits at `output`: a softmax at the end is left out, because every method needs what comes before it. */
  finish(
    name: string,
    output: Flow,
    rest: Pick<Architecture, 'inputSize' | 'normalization' | 'resize'>,
  ): ImportedArchitecture {
    let last = this.find(output.node)
    while (last.op === 'softmax') last = this.find(last.inputs[0] as string)
    const flatOutput =
      output.rank === 2 ? last : this.find(flattened(this, 'output', { ...output, node: last.name }).node)
    this.prune(flatOutput.name)
    this.fuse(flatOutput.name)
    const end = this.find(flatOutput.name) // with the inputs that fusing has given it
    const classes = output.channels
    if (classes === null || classes < 2)
      throw this.refused('its output is no row of scores, one for each of two classes or more')
    const graph: Graph = {
      nodes: this.nodes,
      input: 'input',
      output: end.name,
      features: end.inputs[0] as string,
      blocks: [],
    }
    const used = new Set(this.nodes.flatMap((node) => Object.values(node.params)))
    return {
      name,
      graph,
      tensors: this.tensors.filter((info) => used.has(info.name)),
      classes,
      values: this.values,
      ...rest,
    }
  }

  private find(name: string): GraphNode {
    const node = this.byName.get(name)
    if (!node) throw this.refused('its output does not depend on its input')
    return node
  }

  /** Drops what the output does not need. */
  private prune(output: string): void {
    const needed = new Set([output])
    for (const node of [...this.nodes].reverse())
      if (needed.has(node.name)) for (const input of node.inputs) needed.add(input)
    if (!needed.has('normalize')) throw this.refused('its output does not depend on its input')
    this.nodes = this.nodes.filter((node) => needed.has(node.name))
  }

  /** A rectifier right behind a batch norm becomes part of it: one pass, and half of the memory. */
  private fuse(output: string): void {
    const readers = new Map<string, number>()
    for (const node of this.nodes) for (const input of node.inputs) readers.set(input, (readers.get(input) ?? 0) + 1)
    const replaced = new Map<string, string>()
    const placeOf = new Map<string, number>()
    const out: GraphNode[] = []
    for (const node of this.nodes) {
      const inputs = node.inputs.map((input) => replaced.get(input) ?? input)
      const before = node.op === 'relu' ? (placeOf.get(inputs[0] ?? '') ?? -1) : -1
      const norm = out[before]
      if (norm?.op === 'batch-norm' && readers.get(norm.name) === 1 && node.name !== output) {
        out[before] = { ...norm, attributes: { ...norm.attributes, relu: true } }
        replaced.set(node.name, norm.name)
      } else {
        placeOf.set(node.name, out.length)
        out.push({ ...node, inputs })
      }
    }
    this.nodes = out
    for (const node of out) this.byName.set(node.name, node)
  }
}

/** `layer1.0.bn1.weight` belongs to `layer1.0`; a name without dots or slashes to itself. */
function blockOf(name: string): string {
  const parts = name.split(/[./]/)
  return parts.length > 2 ? parts.slice(0, -2).join('.') : (parts[0] ?? name)
}
