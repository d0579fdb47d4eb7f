// A network that a file spells out node by node (ONNX, TensorFlow.js), put together from our ops. Values come channels-last on our side whatever the
// file has; a constant becomes a named tensor in PyTorch's layout when a node uses it as one.
import { PalmError } from '#contract/errors.ts'
import type { Graph } from '#engine/compute/graph.ts'
import type { AttributeValue, GraphNode, OpName } from '#engine/compute/op.ts'
import type { Flow, NetworkBuilder, TensorKind } from '#engine/compute/ops/formats/network.ts'
import { flattened } from '#engine/compute/ops/layout/flatten.ts'
import { opOf } from '#engine/compute/ops/registry.ts'
import { showShape, type Shape } from '#engine/compute/shape.ts'
import { affineAtStart, type AffineAtStart } from './affine-at-start.ts'
import type { FileTensor } from './formats/file-tensor.ts'
import type { Architecture, ModelNormalization, TensorInfo } from './model.ts'

export interface ImportedArchitecture extends Architecture {
  readonly values: ReadonlyMap<string, FileTensor>
}

export type ImageSize = NonNullable<Architecture['inputSize']>

/** What a convolution was folded from: tensors under their names in the state dict. */
interface Unfolded {
  readonly original: { readonly name: string; readonly weight: FileTensor; readonly bias: FileTensor | null }
  readonly norm: Readonly<Record<'weight' | 'bias' | 'mean' | 'variance', FileTensor>> & { readonly prefix: string }
  readonly epsilon: number
}

const normalizing = ({ mean, std }: ModelNormalization): GraphNode => ({
  op: 'normalize',
  name: 'normalize',
  inputs: ['input'],
  params: {},
  attributes: { mean, std },
})

/** The largest classifiers have a few thousand. */
const maxNodes = 20_000

export class ImportedNetwork implements NetworkBuilder {
  readonly fileName: string
  private nodes: GraphNode[] = []
  private readonly byName = new Map<string, GraphNode>()
  private readonly tensors: TensorInfo[] = []
  private readonly values = new Map<string, FileTensor>()
  private readonly taken = new Set<string>()
  private readonly size: ImageSize | null
  private readonly tensorShapes = new Map<string, Shape>()
  private readonly shapes = new Map<string, Shape>()
  private count = 0

  /** `size`: of the images, where it is known; nodes are then looked at as they are added, and flows know their shapes. */
  constructor(fileName: string, normalization: ModelNormalization, size: ImageSize | null = null) {
    this.fileName = fileName
    this.size = size
    this.push(normalizing(normalization))
    if (size) this.shapes.set('normalize', [size.height, size.width, 3])
  }

  get start(): Flow {
    return { kind: 'flow', node: 'normalize', rank: 4, channels: 3, shape: this.shapes.get('normalize') ?? null }
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
    const node: GraphNode = {
      op,
      name: this.fresh(`${op} ${name}`),
      inputs: inputs.map((input) => input.node),
      params,
      attributes,
    }
    const shape = this.size ? this.shapeOf(node) : null
    this.push(node)
    if (shape) return { kind: 'flow', node: node.name, rank: shape.length + 1, channels: shape.at(-1) ?? null, shape }
    const first = inputs[0] as Flow
    return {
      kind: 'flow',
      node: node.name,
      rank: out.rank ?? first.rank,
      channels: out.channels === undefined ? first.channels : out.channels,
      shape,
    }
  }

  /** What a node gives for one image. @throws PalmError when it cannot be computed */
  private shapeOf(node: GraphNode): Shape {
    const { checks, outputShape } = opOf(node.op)
    const context = {
      node,
      inputs: node.inputs.map((input) => this.shapes.get(input) ?? []),
      param: (role: string) => this.tensorShapes.get(node.params[role] ?? '') ?? null,
    }
    const said = checks.attributes?.(node) ?? checks.inputs?.(context) ?? null
    if (said !== null) throw this.refused(`${node.name} ${said}`)
    const shape = outputShape(context)
    if (!shape.every((n) => Number.isInteger(n) && n >= 1))
      throw this.refused(
        `nothing is left of an image of ${this.size?.width} x ${this.size?.height} at ${node.name}: ${showShape(shape)}`,
      )
    this.shapes.set(node.name, shape)
    return shape
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
    this.tensorShapes.set(name, value.shape)
    this.tensors.push({ name, kind, shape: value.shape, block: blockOf(name) })
    return name
  }

  scaledFrom(flow: Flow): { readonly node: string; readonly factor: number } | null {
    const made = this.byName.get(flow.node)
    const weight = made?.op === 'multiply' ? this.values.get(made.params.weight ?? '') : undefined
    const [node] = made?.inputs ?? []
    return weight?.data.length === 1 && node !== undefined ? { node, factor: weight.data[0] as number } : null
  }

  opOf(flow: Flow): OpName | undefined {
    return this.byName.get(flow.node)?.op
  }

  /** The whole, with the logits at `output`: a softmax at the end is left out, because every method needs what comes before it. */
  finish(
    name: string,
    output: Flow,
    normalization: ModelNormalization,
    rest: Pick<Architecture, 'inputSize' | 'normalization' | 'normalizationFrom' | 'normalizationNote' | 'resize'>,
  ): ImportedArchitecture {
    this.nodes[0] = normalizing(normalization)
    this.byName.set('normalize', normalizing(normalization))
    const last = this.beforeSoftmax(output.node)
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

  /** Of what the output needs (`prune`). */
  affineAtStart(): AffineAtStart | null {
    return affineAtStart(this.nodes, this.values)
  }

  /** The convolutions, with their values. */
  convolutions(): { readonly node: string; readonly weight: FileTensor; readonly bias: FileTensor | null }[] {
    return this.nodes.flatMap((node) => {
      const weight = node.op === 'conv2d' ? this.values.get(node.params.weight ?? '') : undefined
      return weight ? [{ node: node.name, weight, bias: this.values.get(node.params.bias ?? '') ?? null }] : []
    })
  }

  /** Puts what a convolution was folded from in its place: a convolution, and a batch norm under its name. */
  unfold(name: string, { original, norm, epsilon }: Unfolded): void {
    const at = this.nodes.findIndex((node) => node.name === name)
    const { params, inputs, attributes } = this.find(name)
    const own = (tensor: string, kind: TensorKind, value: FileTensor) => {
      this.values.delete(tensor)
      this.tensorShapes.delete(tensor)
      const place = this.tensors.findIndex((info) => info.name === tensor)
      if (place >= 0) this.tensors.splice(place, 1)
      return this.tensor(tensor, kind, value)
    }
    for (const tensor of Object.values(params)) this.values.delete(tensor)
    const convolution: GraphNode = {
      op: 'conv2d',
      name: this.fresh(`${name} unfolded`),
      inputs,
      attributes,
      params: {
        weight: own(original.name, 'conv', original.weight),
        ...(original.bias ? { bias: own(original.name.replace(/weight$/, 'bias'), 'conv-bias', original.bias) } : {}),
      },
    }
    const batchNorm: GraphNode = {
      op: 'batch-norm',
      name,
      inputs: [convolution.name],
      attributes: { epsilon },
      params: {
        weight: own(`${norm.prefix}.weight`, 'bn-weight', norm.weight),
        bias: own(`${norm.prefix}.bias`, 'bn-bias', norm.bias),
        mean: own(`${norm.prefix}.running_mean`, 'bn-mean', norm.mean),
        variance: own(`${norm.prefix}.running_var`, 'bn-variance', norm.variance),
      },
    }
    this.nodes.splice(at, 1, convolution, batchNorm)
    for (const node of [convolution, batchNorm]) this.byName.set(node.name, node)
  }

  /** Tensors in the order in which the network uses them. */
  sortTensors(): void {
    const order = new Map<string, number>()
    for (const { params } of this.nodes)
      for (const name of Object.values(params)) if (!order.has(name)) order.set(name, order.size)
    this.tensors.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0))
  }

  /** The node behind a softmax (or several) at the end. */
  beforeSoftmax(name: string): GraphNode {
    let last = this.find(name)
    while (last.op === 'softmax' || last.op === 'log-softmax') last = this.find(last.inputs[0] as string)
    return last
  }

  private find(name: string): GraphNode {
    const node = this.byName.get(name)
    if (!node) throw this.refused('its output does not depend on its input')
    return node
  }

  /** Drops what the output does not need. */
  prune(output: string): void {
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
