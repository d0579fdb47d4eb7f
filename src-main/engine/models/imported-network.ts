// A network that a file spells out node by node (ONNX, TensorFlow.js), put together from our ops. Values come channels-last on our side whatever the
// file has; a constant becomes a named tensor in PyTorch's layout when a node uses it as one.
import { PalmError } from '#contract/errors.ts'
import type { Graph } from '#engine/compute/graph.ts'
import type { AttributeValue, GraphNode } from '#engine/compute/op.ts'
import type { OpName } from '#engine/compute/ops/registry.ts'
import type { FileTensor } from './formats/file-tensor.ts'
import type { Architecture, ModelNormalization, TensorInfo, TensorKind } from './model.ts'

/** What a node of ours gives: how many axes, and how many channels (features), as far as that is known. */
export interface Flow {
  readonly node: string
  readonly rank: number
  readonly channels: number | null
}

export interface ImportedArchitecture extends Architecture {
  readonly values: ReadonlyMap<string, FileTensor>
}

/** The largest classifiers have a few thousand. */
const maxNodes = 20_000

export class ImportedNetwork {
  readonly fileName: string
  private nodes: GraphNode[] = []
  private readonly tensors: TensorInfo[] = []
  private readonly values = new Map<string, FileTensor>()
  private readonly taken = new Set<string>()
  private count = 0

  constructor(fileName: string, normalization: ModelNormalization) {
    this.fileName = fileName
    this.nodes.push({
      op: 'normalize',
      name: 'normalize',
      inputs: ['input'],
      params: {},
      attributes: { mean: normalization.mean, std: normalization.std },
    })
  }

  get start(): Flow {
    return { node: 'normalize', rank: 4, channels: 3 }
  }

  refused(what: string): PalmError {
    return new PalmError('model-unsupported', `${this.fileName} was refused: ${what}.`)
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
    out: Partial<Flow> = {},
  ): Flow {
    if (this.nodes.length >= maxNodes) throw this.refused(`it has more than ${maxNodes} nodes`)
    const node = this.fresh(`${op} ${name}`)
    this.nodes.push({ op, name: node, inputs: inputs.map((input) => input.node), params, attributes })
    const first = inputs[0] as Flow
    return { node, rank: out.rank ?? first.rank, channels: out.channels === undefined ? first.channels : out.channels }
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

  /** weight [out, in / groups, k, k]. */
  conv(
    name: string,
    input: Flow,
    weightName: string,
    weight: FileTensor,
    bias: { name: string; value: FileTensor } | null,
    settings: { stride: number; padding: AttributeValue; dilation: number; groups: number },
  ): Flow {
    const [out = 0, perGroup = 0, kh = 0, kw = 0] = weight.shape
    if (input.rank !== 4 || weight.shape.length !== 4)
      throw this.refused(`the convolution ${name} is not two-dimensional`)
    if (!(settings.groups >= 1)) throw this.refused(`the convolution ${name} has ${settings.groups} groups`)
    if (kh !== kw)
      throw this.refused(`the convolution ${name} has a kernel of ${kh} x ${kw}, and only square ones are taken`)
    if (input.channels !== null && perGroup * settings.groups !== input.channels)
      throw this.refused(
        `the convolution ${name} takes ${perGroup * settings.groups} channels where ${input.channels} come in`,
      )
    if (out % settings.groups !== 0)
      throw this.refused(`the convolution ${name} has ${out} outputs in ${settings.groups} groups`)
    const params: Record<string, string> = { weight: this.tensor(weightName, 'conv', weight) }
    if (bias) params.bias = this.tensor(bias.name, 'conv-bias', flat(bias.value))
    const { groups, dilation, ...rest } = settings
    return this.add(
      'conv2d',
      name,
      [input],
      { ...rest, ...(groups === 1 ? {} : { groups }), ...(dilation === 1 ? {} : { dilation }) },
      params,
      { channels: out },
    )
  }

  batchNorm(
    name: string,
    input: Flow,
    parts: Readonly<Record<'weight' | 'bias' | 'mean' | 'variance', { name: string; value: FileTensor }>>,
    epsilon: number,
  ): Flow {
    const kinds = { weight: 'bn-weight', bias: 'bn-bias', mean: 'bn-mean', variance: 'bn-variance' } as const
    const params: Record<string, string> = {}
    for (const role of ['weight', 'bias', 'mean', 'variance'] as const) {
      const { name: tensor, value } = parts[role]
      if (input.channels !== null && value.data.length !== input.channels)
        throw this.refused(`the batch norm ${name} has ${value.data.length} channels where ${input.channels} come in`)
      params[role] = this.tensor(tensor, kinds[role], flat(value))
    }
    return this.add('batch-norm', name, [input], { epsilon }, params)
  }

  /** weight [out, in]. */
  linear(
    name: string,
    input: Flow,
    weightName: string,
    weight: FileTensor,
    bias: { name: string; value: FileTensor } | null,
  ): Flow {
    const flatInput = input.rank === 4 ? this.flatten(name, input) : input
    const [out = 0, inside = 0] = weight.shape
    if (flatInput.channels !== null && inside !== flatInput.channels)
      throw this.refused(`the linear layer ${name} takes ${inside} features where ${flatInput.channels} come in`)
    const params: Record<string, string> = { weight: this.tensor(weightName, 'linear-weight', weight) }
    if (bias) params.bias = this.tensor(bias.name, 'linear-bias', flat(bias.value))
    return this.add('linear', name, [flatInput], {}, params, { rank: 2, channels: out })
  }

  flatten(name: string, input: Flow, order: 'nchw' | 'nhwc' = 'nchw'): Flow {
    if (input.rank === 2) return input
    const pooled = this.nodes.find((node) => node.name === input.node)
    const single = pooled?.op === 'global-mean'
    return this.add(
      'flatten',
      name,
      [input],
      order === 'nhwc' ? { order } : {},
      {},
      { rank: 2, channels: single ? input.channels : null },
    )
  }

  /** x + constant or x * constant, the constant per channel or one number. */
  withConstant(op: 'add' | 'multiply', name: string, input: Flow, constantName: string, value: FileTensor): Flow {
    const elements = value.data.length
    if (elements !== 1 && input.channels !== null && elements !== input.channels)
      throw this.refused(
        `${name} has a constant of shape [${value.shape.join(', ')}], and only one number, or one per channel, is taken`,
      )
    const kind = op === 'add' && input.rank === 2 ? 'linear-bias' : 'other'
    const tensor = this.tensor(constantName, kind, { shape: [elements], data: value.data })
    return this.add(op, name, [input], {}, { [op === 'add' ? 'bias' : 'weight']: tensor })
  }

  /** The whole, with the logits at `output`: a softmax at the end is left out, because every method needs what comes before it. */
  finish(
    name: string,
    output: Flow,
    rest: Pick<Architecture, 'inputSize' | 'normalization' | 'resize'>,
  ): ImportedArchitecture {
    let last = this.find(output.node)
    while (last.op === 'softmax') last = this.find(last.inputs[0] as string)
    const flatOutput = output.rank === 2 ? last : this.find(this.flatten('output', { ...output, node: last.name }).node)
    this.prune(flatOutput.name)
    this.fuse(flatOutput.name)
    const end = this.find(flatOutput.name)
    const classes = output.channels
    if (classes === null || classes < 2)
      throw this.refused('its output is no row of scores, one for each of two classes or more')
    const graph: Graph = {
      nodes: this.nodes,
      input: 'input',
      output: end.name,
      features: (end.op === 'linear' ? end.inputs[0] : end.inputs[0]) as string,
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
    const node = this.nodes.find((candidate) => candidate.name === name)
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
  }
}

const flat = (value: FileTensor): FileTensor => ({ shape: [value.data.length], data: value.data })

/** `layer1.0.bn1.weight` belongs to `layer1.0`; a name without dots or slashes to itself. */
function blockOf(name: string): string {
  const parts = name.split(/[./]/)
  return parts.length > 2 ? parts.slice(0, -2).join('.') : (parts[0] ?? name)
}
