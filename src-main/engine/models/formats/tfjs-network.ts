// A TensorFlow.js model's ops or layers as a graph of ours. Ops of converted TensorFlow graphs, with the fused ones of its optimiser; layers of Keras.
import { PalmError } from '#contract/errors.ts'
import type { AttributeValue } from '#engine/compute/op.ts'
import { ImportedNetwork, type Flow, type ImportedArchitecture } from '#engine/models/imported-network.ts'
import { permute, type ModelNormalization } from '#engine/models/model.ts'
import type { FileTensor } from './file-tensor.ts'
import { attributeSchema, type KerasLayer, type TfjsFile, type TfNode } from './tfjs.ts'

type Weights = ReadonlyMap<string, FileTensor>

/** Of models that say nothing: pixels in [-1, 1], as most TensorFlow models were trained. */
const usual: ModelNormalization = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }
/** Of models that scale bytes by themselves. */
const bytes: ModelNormalization = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] }

/** @throws PalmError `model-unreadable`, `model-unsupported` naming the op or layer */
export function tfjsNetwork(
  file: TfjsFile,
  fileName: string,
  weights: Weights,
  normalization: ModelNormalization | null,
): ImportedArchitecture {
  return file.topology.kind === 'graph'
    ? new GraphReader(file.topology.nodes, fileName, weights, normalization ?? usual).read()
    : new LayersReader(file.topology, fileName, weights, normalization).read()
}

/** Shapes come from the file: a kernel of other axes must not be turned around as if it had these. */
const ofAxes = (value: FileTensor, axes: number, name: string, network: ImportedNetwork): FileTensor => {
  if (value.shape.length !== axes)
    throw network.refused(
      `the weights “${name}” have the shape [${value.shape.join(', ')}], and ${axes} axes are expected`,
    )
  return value
}
const hwioToOihw = (value: FileTensor): FileTensor => {
  const [kh = 0, kw = 0, cin = 0, cout = 0] = value.shape
  return { shape: [cout, cin, kh, kw], data: permute(value.data, value.shape, [3, 2, 0, 1]) }
}
/** [kh, kw, C, M] -> [C M, 1, kh, kw] */
const depthwiseToOihw = (value: FileTensor): FileTensor => {
  const [kh = 0, kw = 0, c = 0, m = 0] = value.shape
  return { shape: [c * m, 1, kh, kw], data: permute(value.data, value.shape, [2, 3, 0, 1]) }
}
const turned = (value: FileTensor): FileTensor => ({
  shape: [...value.shape].reverse(),
  data: permute(value.data, value.shape, [1, 0]),
})

/** What JSON may hold where a number or a text belongs. */
const numberOf = (value: unknown, usual = Number.NaN): number =>
  value === undefined || value === null
    ? usual
    : typeof value === 'number'
      ? value
      : typeof value === 'string'
        ? Number(value)
        : Number.NaN
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
/** Sizes and axes are few; weights of millions in their place are none. */
const few = (values: Float32Array): number[] => [...values.subarray(0, 100)]

type Value =
  | { readonly kind: 'flow'; readonly flow: Flow }
  | { readonly kind: 'constant'; readonly name: string; readonly value: FileTensor }

class GraphReader {
  private readonly nodes: ReadonlyMap<string, TfNode>
  private readonly order: readonly TfNode[]
  private readonly fileName: string
  private readonly weights: Weights
  private readonly network: ImportedNetwork
  private readonly normalization: ModelNormalization
  private readonly values = new Map<string, Value>()
  private inputSize = { width: 224, height: 224 }

  constructor(nodes: readonly TfNode[], fileName: string, weights: Weights, normalization: ModelNormalization) {
    this.order = nodes
    this.nodes = new Map(nodes.map((node) => [node.name, node]))
    this.fileName = fileName
    this.weights = weights
    this.normalization = normalization
    this.network = new ImportedNetwork(fileName, normalization)
  }

  read(): ImportedArchitecture {
    const read = new Set(this.order.flatMap((node) => node.input.map(plainName)))
    const ends = this.order.filter((node) => !read.has(node.name) && node.op !== 'Const' && node.op !== 'NoOp')
    if (ends.length !== 1) throw this.network.refused(`it has ${ends.length} outputs, and a classifier has one`)
    for (const node of this.sorted(ends[0] as TfNode)) this.values.set(node.name, this.take(node))
    const output = this.values.get((ends[0] as TfNode).name)
    if (output?.kind !== 'flow') throw this.network.refused('its output does not depend on its input')
    return this.network.finish('tfjs-graph', output.flow, {
      inputSize: this.inputSize,
      normalization: this.normalization,
    })
  }

  /** Nodes before those that read them, without recursion: a graph may be deep. */
  private sorted(end: TfNode): TfNode[] {
    const out: TfNode[] = []
    const state = new Map<string, 'open' | 'done'>()
    const stack = [end]
    while (stack.length > 0) {
      const node = stack.at(-1) as TfNode
      if (state.get(node.name) === 'done') {
        stack.pop()
        continue
      }
      if (state.get(node.name) === 'open') {
        state.set(node.name, 'done')
        out.push(node)
        stack.pop()
        continue
      }
      state.set(node.name, 'open')
      for (const input of node.input) {
        const before = this.nodes.get(plainName(input))
        if (!before)
          throw new PalmError(
            'model-unreadable',
            `${this.fileName}: the node “${node.name}” reads “${input}”, which is not there.`,
          )
        const known = state.get(before.name)
        if (known === 'open')
          throw new PalmError('model-unreadable', `${this.fileName}: its graph goes in a circle at “${node.name}”.`)
        if (!known) stack.push(before)
      }
    }
    return out
  }

  private attribute(node: TfNode, name: string) {
    const parsed = attributeSchema.safeParse(node.attr[name] ?? {})
    return parsed.success ? parsed.data : {}
  }

  private text(node: TfNode, name: string): string {
    const { s } = this.attribute(node, name)
    return s === undefined ? '' : Buffer.from(s, 'base64').toString('latin1')
  }

  private numbers(node: TfNode, name: string): number[] {
    return (this.attribute(node, name).list?.i ?? []).map(Number)
  }

  private value(node: TfNode, index: number): Value {
    const value = this.values.get(plainName(node.input[index] ?? ''))
    if (!value)
      throw new PalmError('model-unreadable', `${this.fileName}: the node “${node.name}” lacks its input ${index + 1}.`)
    return value
  }

  private flow(node: TfNode, index = 0): Flow {
    const value = this.value(node, index)
    if (value.kind !== 'flow') throw this.network.refused(`${node.op} “${node.name}” works on a constant`)
    return value.flow
  }

  private constant(node: TfNode, index: number): { name: string; value: FileTensor } {
    const value = this.value(node, index)
    if (value.kind !== 'constant')
      throw this.network.refused(`${node.op} “${node.name}” computes its input ${index + 1} at run time`)
    return value
  }

  private take(node: TfNode): Value {
    const flow = (result: Flow): Value => ({ kind: 'flow', flow: result })
    const { network } = this
    const { name } = node
    if (['Conv2D', 'DepthwiseConv2dNative', '_FusedConv2D', 'FusedDepthwiseConv2dNative'].includes(node.op))
      return flow(this.conv(node))
    switch (node.op) {
      case 'Placeholder': {
        const dims =
          JSON.stringify(node.attr.shape ?? {})
            .match(/"size":"?(-?\d+)/g)
            ?.map((text) => Number(/-?\d+/.exec(text)?.[0])) ?? []
        if (dims.length === 4 && dims[3] !== 3)
          throw network.refused(`its input has ${dims[3]} channels, and colour images are needed`)
        if ((dims[1] ?? -1) > 0 && (dims[2] ?? -1) > 0)
          this.inputSize = { height: dims[1] as number, width: dims[2] as number }
        return flow(network.start)
      }
      case 'Const': {
        const value = this.weights.get(name)
        if (!value)
          throw new PalmError('model-unreadable', `${this.fileName}: the weights of “${name}” are not in its shards.`)
        return { kind: 'constant', name, value }
      }
      case 'Identity':
      case 'StopGradient':
        return this.value(node, 0)
      case 'FusedBatchNorm':
      case 'FusedBatchNormV2':
      case 'FusedBatchNormV3': {
        const [weight, bias, mean, variance] = [1, 2, 3, 4].map((index) => this.constant(node, index)) as [
          Const,
          Const,
          Const,
          Const,
        ]
        return flow(
          network.batchNorm(
            name,
            this.flow(node),
            { weight, bias, mean, variance },
            this.attribute(node, 'epsilon').f ?? 1e-4,
          ),
        )
      }
      case 'BiasAdd':
      case 'Add':
      case 'AddV2':
        return flow(this.join(node, 'add'))
      case 'Mul':
        return flow(this.join(node, 'multiply'))
      case 'Sub':
      case 'RealDiv': {
        const { name: constant, value } = this.constant(node, 1)
        const subtracts = node.op === 'Sub'
        return flow(
          network.withConstant(
            subtracts ? 'add' : 'multiply',
            name,
            this.flow(node),
            `${constant} ${subtracts ? 'negated' : 'inverted'}`,
            { shape: value.shape, data: value.data.map((v) => (subtracts ? -v : 1 / v)) },
          ),
        )
      }
      case 'Relu':
        return flow(network.add('relu', name, [this.flow(node)]))
      case 'Relu6':
        return flow(network.add('clip', name, [this.flow(node)], { min: 0, max: 6 }))
      case 'LeakyRelu':
        return flow(
          network.add('leaky-relu', name, [this.flow(node)], { slope: this.attribute(node, 'alpha').f ?? 0.2 }),
        )
      case 'Sigmoid':
        return flow(network.add('sigmoid', name, [this.flow(node)]))
      case 'Softmax':
        return flow(network.add('softmax', name, [this.flow(node)]))
      case 'MaxPool':
      case 'AvgPool': {
        const [, size = 1, width = 1] = this.numbers(node, 'ksize')
        const [, stride = 1, across = 1] = this.numbers(node, 'strides')
        if (size !== width || stride !== across) throw network.refused(`${node.op} “${name}” is not square`)
        return flow(
          network.add(node.op === 'MaxPool' ? 'max-pool' : 'avg-pool', name, [this.flow(node)], {
            size,
            stride,
            padding: this.padding(node),
          }),
        )
      }
      case 'Mean': {
        const axes = few(this.constant(node, 1).value.data)
          .map((axis) => (axis < 0 ? axis + 4 : axis))
          .sort()
          .join()
        if (axes !== '1,2') throw network.refused(`Mean “${name}” averages over other axes than height and width`)
        const keep = this.attribute(node, 'keep_dims').b === true
        return flow(
          network.add('global-mean', name, [this.flow(node)], keep ? { keep: true } : {}, {}, keep ? {} : { rank: 2 }),
        )
      }
      case 'Pad':
      case 'PadV2': {
        const pads = few(this.constant(node, 1).value.data)
        const [n0, n1, top = 0, bottom = 0, left = 0, right = 0, c0 = 0, c1 = 0] = pads
        const zeros = node.op !== 'PadV2' || this.constant(node, 2).value.data[0] === 0
        if (
          zeros &&
          pads.length === 8 &&
          c0 + c1 > 0 &&
          c0 >= 0 &&
          c1 >= 0 &&
          c0 + c1 <= 65_536 &&
          ![n0, n1, top, bottom, left, right].some(Boolean) &&
          this.flow(node).rank === 4 &&
          this.flow(node).channels !== null
        ) {
          // New channels of zeros: the shortcuts of CIFAR ResNets (option A).
          return flow(
            network.add(
              'shortcut-a',
              name,
              [this.flow(node)],
              { stride: 1, before: c0, after: c1 },
              {},
              { channels: (this.flow(node).channels as number) + c0 + c1 },
            ),
          )
        }
        if (pads.length !== 8 || n0 || n1 || c0 || c1 || !pads.every((n) => n >= 0 && n <= 64) || !zeros)
          throw network.refused(`${node.op} “${name}” pads with something else than zeros around the image`)
        return flow(network.add('pad', name, [this.flow(node)], { padding: [top, bottom, left, right] }))
      }
      case 'StridedSlice': {
        const [begin, steps] = [few(this.constant(node, 1).value.data), few(this.constant(node, 3).value.data)]
        const [n = 0, step = 0, across = 0, c = 0] = steps
        if (
          begin.some((at) => at !== 0) ||
          steps.length !== 4 ||
          n !== 1 ||
          c !== 1 ||
          step !== across ||
          step < 1 ||
          step > 64 ||
          this.flow(node).rank !== 4
        )
          throw network.refused(
            `StridedSlice “${name}” does something else than to take every so many rows and columns`,
          )
        return flow(network.add('shortcut-a', name, [this.flow(node)], { stride: step, before: 0, after: 0 }))
      }
      case 'ConcatV2': {
        const parts = node.input.slice(0, -1).map((_, index) => this.flow(node, index))
        const axis = this.constant(node, parts.length).value.data[0]
        if (axis !== -1 && axis !== (parts[0]?.rank ?? 4) - 1)
          throw network.refused(`ConcatV2 “${name}” joins along another axis than the channels`)
        return flow(
          network.add(
            'concat',
            name,
            parts,
            {},
            {},
            { channels: parts.reduce((sum, part) => sum + (part.channels ?? 0), 0) },
          ),
        )
      }
      case 'Reshape': {
        const shape = this.constant(node, 1).value.data
        if (shape.length !== 2) throw network.refused(`Reshape “${name}” gives features ${shape.length} axes`)
        return flow(network.flatten(name, this.flow(node), 'nhwc'))
      }
      case 'Squeeze':
        return flow(network.flatten(name, this.flow(node), 'nhwc'))
      case 'MatMul':
      case '_FusedMatMul': {
        const weight = this.constant(node, 1)
        if (this.attribute(node, 'transpose_a').b) throw network.refused(`${node.op} “${name}” transposes its input`)
        const matrix = this.attribute(node, 'transpose_b').b
          ? weight.value
          : turned(ofAxes(weight.value, 2, weight.name, network))
        const linear = network.linear(
          name,
          this.flow(node),
          weight.name,
          matrix,
          node.op === '_FusedMatMul' ? this.constant(node, 2) : null,
        )
        return flow(this.fused(node, linear))
      }
      default:
        throw network.refused(`it holds the op ${node.op}, which is not supported`)
    }
  }

  private join(node: TfNode, op: 'add' | 'multiply'): Flow {
    const values = [this.value(node, 0), this.value(node, 1)]
    const constantAt = values.findIndex(({ kind }) => kind === 'constant')
    if (constantAt < 0) {
      const [a, b] = [this.flow(node, 0), this.flow(node, 1)]
      return this.network.add(op, node.name, [a, b], {}, {}, { channels: a.channels ?? b.channels })
    }
    const { name, value } = this.constant(node, constantAt)
    return this.network.withConstant(op, node.name, this.flow(node, 1 - constantAt), name, value)
  }

  private padding(node: TfNode): AttributeValue {
    const padding = this.text(node, 'padding')
    if (padding === 'SAME') return 'same'
    if (padding === 'VALID') return 0
    const [, , top = 0, bottom = 0, left = 0, right = 0] = this.numbers(node, 'explicit_paddings')
    return [top, bottom, left, right]
  }

  private conv(node: TfNode): Flow {
    if ((this.text(node, 'data_format') || 'NHWC') !== 'NHWC')
      throw this.network.refused(`${node.op} “${node.name}” has its channels first`)
    const weight = this.constant(node, 1)
    const [, stride = 1, across = 1] = this.numbers(node, 'strides')
    const [, dilation = 1] = this.numbers(node, 'dilations')
    if (stride !== across) throw this.network.refused(`${node.op} “${node.name}” has unequal strides`)
    const depthwise = node.op.toLowerCase().includes('depthwise')
    const input = this.flow(node)
    const fused = node.op.toLowerCase().includes('fused')
    const bias = fused && this.fusedOps(node).includes('BiasAdd') ? this.constant(node, 2) : null
    const kernel = (depthwise ? depthwiseToOihw : hwioToOihw)(ofAxes(weight.value, 4, weight.name, this.network))
    const groups = depthwise ? (weight.value.shape[2] ?? 1) : (input.channels ?? 0) / (weight.value.shape[2] ?? 1) || 1
    const y = this.network.conv(node.name, input, weight.name, kernel, bias, {
      stride,
      padding: this.padding(node),
      dilation,
      groups,
    })
    return this.fused(node, y)
  }

  private fusedOps(node: TfNode): string[] {
    return (this.attribute(node, 'fused_ops').list?.s ?? []).map((text) =>
      Buffer.from(text, 'base64').toString('latin1'),
    )
  }

  private fused(node: TfNode, flow: Flow): Flow {
    let out = flow
    for (const op of this.fusedOps(node)) {
      if (op === 'BiasAdd') continue
      if (op === 'Relu') out = this.network.add('relu', `${node.name} relu`, [out])
      else if (op === 'Relu6') out = this.network.add('clip', `${node.name} relu6`, [out], { min: 0, max: 6 })
      else throw this.network.refused(`${node.op} “${node.name}” is fused with ${op}`)
    }
    return out
  }
}

type Const = { name: string; value: FileTensor }

const plainName = (input: string) => input.replace(/^\^/, '').replace(/:\d+$/, '')

class LayersReader {
  private readonly topology: Extract<TfjsFile['topology'], { kind: 'layers' }>
  private readonly fileName: string
  private readonly weights: Weights
  private readonly normalization: ModelNormalization
  private readonly network: ImportedNetwork
  private readonly flows = new Map<string, Flow>()
  /** Weights by their names, and by what is left of them without the scopes in front. */
  private readonly bySuffix = new Map<string, string>()
  private inputSize = { width: 224, height: 224 }

  constructor(
    topology: Extract<TfjsFile['topology'], { kind: 'layers' }>,
    fileName: string,
    weights: Weights,
    normalization: ModelNormalization | null,
  ) {
    this.topology = topology
    this.fileName = fileName
    this.weights = weights
    const scales = topology.layers.some(({ class_name: kind }) => kind === 'Rescaling' || kind === 'Normalization')
    this.normalization = normalization ?? (scales ? bytes : usual)
    this.network = new ImportedNetwork(fileName, this.normalization)
    for (const name of weights.keys()) {
      const parts = name.split('/', 20)
      for (let from = 0; from < parts.length; from++) {
        const suffix = from === 0 ? name : name.slice(parts.slice(0, from).join('/').length + 1)
        if (!this.bySuffix.has(suffix)) this.bySuffix.set(suffix, name)
      }
    }
  }

  read(): ImportedArchitecture {
    let last: Flow = this.network.start
    for (const layer of this.topology.layers) {
      const name = textOf(layer.config.name ?? layer.name)
      const shape = layer.config.batch_input_shape ?? layer.config.batch_shape
      if (Array.isArray(shape) && shape.length === 4) {
        if (shape[3] !== 3)
          throw this.network.refused(`its input has ${textOf(shape[3]) || 'no'} channels, and colour images are needed`)
        if (numberOf(shape[1]) > 0 && numberOf(shape[2]) > 0)
          this.inputSize = { height: numberOf(shape[1]), width: numberOf(shape[2]) }
      }
      const inputs = this.topology.sequential ? [last] : this.inputsOf(layer, name)
      last = this.take(layer, name, inputs)
      this.flows.set(name, last)
    }
    const end = this.topology.outputs.map((name) => this.flows.get(name)).find(Boolean) ?? last
    return this.network.finish('tfjs-layers', end, { inputSize: this.inputSize, normalization: this.normalization })
  }

  private inputsOf(layer: KerasLayer, name: string): Flow[] {
    const inbound = layer.inbound_nodes ?? []
    if (inbound.length === 0) return [this.network.start]
    if (inbound.length > 1) throw this.network.refused(`the layer “${name}” is used more than once`)
    // Keras 2: [[name, 0, 0, {}], …]; Keras 3: {args: […{config: {keras_history: [name, 0, 0]}}…]}. Both name layers that came before.
    const names: string[] = []
    const visit = (value: unknown, depth: number): void => {
      if (depth > 12) return
      if (Array.isArray(value)) {
        if (typeof value[0] === 'string' && typeof value[1] === 'number') names.push(value[0])
        else for (const item of value) visit(item, depth + 1)
      } else if (typeof value === 'object' && value !== null) {
        if ('keras_history' in value) visit(value.keras_history, depth + 1)
        else for (const item of Object.values(value)) visit(item, depth + 1)
      }
    }
    visit(inbound[0], 0)
    if (names.length === 0)
      throw new PalmError('model-unreadable', `${this.fileName}: the layer “${name}” does not say what it reads.`)
    return names.map((input) => {
      const flow = this.flows.get(input)
      if (!flow)
        throw new PalmError(
          'model-unreadable',
          `${this.fileName}: the layer “${name}” reads “${input}”, which does not come before it.`,
        )
      return flow
    })
  }

  private weight(layer: string, role: string): Const {
    const name = this.bySuffix.get(`${layer}/${role}`)
    const value = name === undefined ? undefined : this.weights.get(name)
    if (name !== undefined && value) return { name, value }
    throw new PalmError('model-unreadable', `${this.fileName}: the weights “${layer}/${role}” are not in its shards.`)
  }

  private pair(config: KerasLayer['config'], key: string, fallback: number): number {
    const value = config[key]
    const [a, b] = Array.isArray(value)
      ? [numberOf(value[0]), numberOf(value[1])]
      : [numberOf(value, fallback), numberOf(value, fallback)]
    if (a !== b || !(a >= 1 && a <= 64))
      throw this.network.refused(
        `the layer “${textOf(config.name)}” has ${key} of ${a} x ${b}, and only equal ones are taken`,
      )
    return a
  }

  private padding(config: KerasLayer['config']): AttributeValue {
    return config.padding === 'same' ? 'same' : 0
  }

  private activation(name: string, kind: unknown, flow: Flow): Flow {
    switch (kind) {
      case undefined:
      case null:
      case 'linear':
        return flow
      case 'relu':
        return this.network.add('relu', `${name} relu`, [flow])
      case 'relu6':
        return this.network.add('clip', `${name} relu6`, [flow], { min: 0, max: 6 })
      case 'sigmoid':
        return this.network.add('sigmoid', `${name} sigmoid`, [flow])
      case 'swish':
      case 'silu':
        return this.network.add('silu', `${name} silu`, [flow])
      case 'hard_sigmoid':
        return this.network.add('hard-sigmoid', `${name} hard-sigmoid`, [flow], { alpha: 0.2, beta: 0.5 })
      case 'gelu':
        return this.network.add('gelu', `${name} gelu`, [flow])
      case 'softmax':
        return this.network.add('softmax', `${name} softmax`, [flow])
      default:
        throw this.network.refused(
          `the layer “${name}” has the activation ${textOf(kind).slice(0, 40) || 'that is no name'}`,
        )
    }
  }

  private take({ class_name: kind, config }: KerasLayer, name: string, inputs: readonly Flow[]): Flow {
    const { network } = this
    const input = inputs[0] as Flow
    if (config.data_format === 'channels_first') throw network.refused(`the layer “${name}” has its channels first`)
    switch (kind) {
      case 'InputLayer':
        return network.start
      case 'Conv2D': {
        const kernel = this.weight(name, 'kernel')
        const y = network.conv(
          name,
          input,
          kernel.name,
          hwioToOihw(ofAxes(kernel.value, 4, kernel.name, network)),
          config.use_bias === false ? null : this.weight(name, 'bias'),
          {
            stride: this.pair(config, 'strides', 1),
            padding: this.padding(config),
            dilation: this.pair(config, 'dilation_rate', 1),
            groups: numberOf(config.groups, 1),
          },
        )
        return this.activation(name, config.activation, y)
      }
      case 'DepthwiseConv2D': {
        const kernel = this.weight(name, this.bySuffix.has(`${name}/depthwise_kernel`) ? 'depthwise_kernel' : 'kernel')
        const y = network.conv(
          name,
          input,
          kernel.name,
          depthwiseToOihw(ofAxes(kernel.value, 4, kernel.name, network)),
          config.use_bias === false ? null : this.weight(name, 'bias'),
          {
            stride: this.pair(config, 'strides', 1),
            padding: this.padding(config),
            dilation: this.pair(config, 'dilation_rate', 1),
            groups: kernel.value.shape[2] ?? 1,
          },
        )
        return this.activation(name, config.activation, y)
      }
      case 'BatchNormalization': {
        const channels = input.channels ?? 0
        const constant = (role: string, value: number): Const => ({
          name: `${name}/${role}`,
          value: { shape: [channels], data: new Float32Array(channels).fill(value) },
        })
        return network.batchNorm(
          name,
          input,
          {
            weight: config.scale === false ? constant('gamma', 1) : this.weight(name, 'gamma'),
            bias: config.center === false ? constant('beta', 0) : this.weight(name, 'beta'),
            mean: this.weight(name, 'moving_mean'),
            variance: this.weight(name, 'moving_variance'),
          },
          numberOf(config.epsilon, 1e-3),
        )
      }
      case 'Activation':
        return this.activation(name, config.activation, input)
      case 'ReLU': {
        const most = config.max_value
        return most === null || most === undefined
          ? network.add('relu', name, [input])
          : network.add('clip', name, [input], { min: 0, max: numberOf(most) })
      }
      case 'LeakyReLU':
        return network.add('leaky-relu', name, [input], { slope: numberOf(config.alpha ?? config.negative_slope, 0.3) })
      case 'Softmax':
        return network.add('softmax', name, [input])
      case 'Add':
        return inputs.slice(1).reduce((sum, next) => network.add('add', name, [sum, next]), input)
      case 'Multiply':
        return inputs
          .slice(1)
          .reduce(
            (product, next) =>
              network.add('multiply', name, [product, next], {}, {}, { channels: product.channels ?? next.channels }),
            input,
          )
      case 'Concatenate':
        if (![-1, 3].includes(numberOf(config.axis, -1)))
          throw network.refused(`the layer “${name}” joins along another axis than the channels`)
        return network.add(
          'concat',
          name,
          inputs,
          {},
          {},
          { channels: inputs.reduce((sum, part) => sum + (part.channels ?? 0), 0) },
        )
      case 'MaxPooling2D':
      case 'AveragePooling2D': {
        const size = this.pair(config, 'pool_size', 2)
        return network.add(kind === 'MaxPooling2D' ? 'max-pool' : 'avg-pool', name, [input], {
          size,
          stride: config.strides === null || config.strides === undefined ? size : this.pair(config, 'strides', size),
          padding: this.padding(config),
        })
      }
      case 'GlobalAveragePooling2D': {
        const keep = config.keepdims === true
        return network.add('global-mean', name, [input], keep ? { keep: true } : {}, {}, keep ? {} : { rank: 2 })
      }
      case 'ZeroPadding2D': {
        const pads = Array.isArray(config.padding) ? config.padding.flat() : []
        const [top, bottom, left, right] = pads.map((side) => numberOf(side)) as [number, number, number, number]
        if (pads.length !== 4 || ![top, bottom, left, right].every((n) => Number.isInteger(n) && n >= 0 && n <= 64))
          throw network.refused(`the layer “${name}” pads by no usable number of pixels`)
        return network.add('pad', name, [input], { padding: [top, bottom, left, right] })
      }
      case 'Flatten':
        return network.flatten(name, input, 'nhwc')
      case 'Reshape': {
        const target = Array.isArray(config.target_shape) ? config.target_shape.slice(0, 9).map((n) => numberOf(n)) : []
        if (target.length === 1) return network.flatten(name, input, 'nhwc')
        if (target.length === 3 && target[0] === 1 && target[1] === 1 && input.rank === 4) return input
        throw network.refused(`the layer “${name}” gives features the shape [${target.join(', ')}]`)
      }
      case 'Dropout':
      case 'SpatialDropout2D':
      case 'GaussianNoise':
        return input
      case 'Rescaling': {
        const number = (value: unknown): Const['value'] => ({
          shape: Array.isArray(value) ? [value.length] : [1],
          data: Float32Array.from(Array.isArray(value) ? value.map((part) => numberOf(part)) : [numberOf(value)]),
        })
        const scaled = network.withConstant('multiply', name, input, `${name}/scale`, number(config.scale ?? 1))
        return network.withConstant('add', `${name} offset`, scaled, `${name}/offset`, number(config.offset ?? 0))
      }
      case 'Dense': {
        const kernel = this.weight(name, 'kernel')
        return this.activation(
          name,
          config.activation,
          network.linear(
            name,
            input,
            kernel.name,
            turned(ofAxes(kernel.value, 2, kernel.name, network)),
            config.use_bias === false ? null : this.weight(name, 'bias'),
          ),
        )
      }
      default:
        throw network.refused(`it holds the layer ${kind.slice(0, 60)} (“${name}”), which is not supported`)
    }
  }
}
