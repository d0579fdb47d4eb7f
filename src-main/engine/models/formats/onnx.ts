// ONNX classifiers (opset 9 to 21) as graphs of our ops: convolutions, norms, activations, pools, joins and what exporters write around them. What is
// not in the subset is refused by the op's name. Shapes that exporters compute at run time (Shape, Gather, Concat …) are followed as far as they are known.
import { PalmError } from '#contract/errors.ts'
import type { AttributeValue } from '#engine/compute/op.ts'
import { ImportedNetwork, type Flow, type ImportedArchitecture } from '#engine/models/imported-network.ts'
import type { ModelNormalization } from '#engine/models/model.ts'
import { imagenetNormalization } from '#engine/models/normalization.ts'
import type { FileTensor } from './file-tensor.ts'
import { parseOnnx, type OnnxModel, type OnnxNode, type OnnxTensor } from './onnx-proto.ts'
import { valuesOf, type PartBytes } from './onnx-values.ts'

/** A value of the ONNX graph: what our nodes give, a constant, a shape with unknown parts (NaN), or a step of ShuffleNet's shuffle. */
type Value =
  | { readonly kind: 'flow'; readonly flow: Flow }
  | { readonly kind: 'constant'; readonly name: string; readonly tensor: FileTensor }
  | { readonly kind: 'shape'; readonly dims: readonly number[] }
  /** Every so many rows (axis 2) or columns (axis 3), before the same is done to the other axis. */
  | { readonly kind: 'thinned'; readonly flow: Flow; readonly axis: 2 | 3; readonly step: number }
  | { readonly kind: 'grouped'; readonly flow: Flow; readonly groups: number; readonly turned: boolean }

export interface OnnxHints {
  readonly normalization: ModelNormalization | null
}

const opsets = { lowest: 9, highest: 21 } as const

/** Names of the files with external data that lie beside the model. @throws PalmError `model-unreadable`, `model-unsupported` */
export function onnxParts(model: OnnxModel, fileName: string): string[] {
  const names = new Set<string>()
  const look = (tensor: OnnxTensor) => {
    const location = tensor.external?.location
    if (location === undefined) return
    if (!/^[^/\\:*?"<>|\0]{1,255}$/.test(location) || location.startsWith('.'))
      throw new PalmError(
        'model-unsupported',
        `${fileName} was refused: it names “${location.slice(0, 80)}” as the file of its data, and only files right beside it are read.`,
      )
    names.add(location)
  }
  for (const tensor of model.initializers.values()) look(tensor)
  for (const node of model.nodes) for (const { t } of node.attributes.values()) if (t) look(t)
  return [...names]
}

/** @throws PalmError `model-unreadable` */
export function openOnnx(bytes: Uint8Array, fileName: string): OnnxModel {
  try {
    return parseOnnx(bytes)
  } catch (cause) {
    throw new PalmError(
      'model-unreadable',
      `${fileName} is no usable ONNX file: it may be cut short.`,
      cause instanceof Error ? cause.message : String(cause),
      { cause },
    )
  }
}

/** @throws PalmError `model-unreadable`, `model-unsupported` naming the op or tensor */
export function onnxNetwork(
  model: OnnxModel,
  fileName: string,
  part: PartBytes,
  hints: OnnxHints,
): ImportedArchitecture {
  if (model.nodes.length === 0)
    throw new PalmError('model-unreadable', `${fileName} is no usable ONNX file: there is no network in it.`)
  if (model.opset < opsets.lowest || model.opset > opsets.highest)
    throw new PalmError(
      'model-unsupported',
      `${fileName} was refused: it uses opset ${model.opset}, and ${opsets.lowest} to ${opsets.highest} are read.`,
    )
  return new OnnxReader(model, fileName, part, hints).read()
}

class OnnxReader {
  private readonly model: OnnxModel
  private readonly fileName: string
  private readonly part: PartBytes
  private readonly network: ImportedNetwork
  private readonly normalization: ModelNormalization
  private readonly values = new Map<string, Value>()
  private node: OnnxNode = { input: [], output: [], name: '', opType: '', domain: '', attributes: new Map() }

  constructor(model: OnnxModel, fileName: string, part: PartBytes, { normalization }: OnnxHints) {
    this.model = model
    this.fileName = fileName
    this.part = part
    this.normalization = normalization ?? imagenetNormalization
    this.network = new ImportedNetwork(fileName, this.normalization)
  }

  read(): ImportedArchitecture {
    const { model } = this
    const input = model.inputs.find(({ name }) => !model.initializers.has(name))
    if (!input) throw this.network.refused('it has no input')
    const dims = input.dims
    const nhwc = dims.length === 4 && dims[3] === 3 && dims[1] !== 3
    if (dims.length !== 0 && (dims.length !== 4 || (!nhwc && dims[1] !== null && dims[1] !== 3)))
      throw this.network.refused(
        `its input has the shape [${dims.map((n) => n ?? '?').join(', ')}], and colour images (3 channels) are needed`,
      )
    this.values.set(input.name, { kind: 'flow', flow: this.network.start })
    if (nhwc) this.lastChannels.add(input.name)
    for (const node of model.nodes) {
      this.node = node
      if (node.domain !== '' && node.domain !== 'ai.onnx')
        throw this.network.refused(`it holds the op ${node.domain}.${node.opType}`)
      const result = this.take(node)
      const name = node.output[0]
      if (name !== undefined && result) this.values.set(name, result)
    }
    const outputName = model.outputs[0]?.name ?? ''
    const output = this.values.get(outputName)
    if (output?.kind !== 'flow') throw this.network.refused('its output is not what a classifier gives')
    const declared = model.outputs[0]?.dims.at(-1) ?? null
    const flow = { ...output.flow, channels: output.flow.channels ?? declared }
    const [height, width] = nhwc ? [dims[1], dims[2]] : [dims[2], dims[3]]
    const side = height && width ? { width, height } : { width: 224, height: 224 }
    return this.network.finish('onnx', flow, {
      inputSize: side,
      normalization: this.normalization,
      ...(side.width >= 128 ? { resize: 256 / 224 } : {}),
    })
  }

  /** Graph inputs that come channels-last; a transposition is to follow. */
  private readonly lastChannels = new Set<string>()

  private get what(): string {
    return `${this.node.opType}${this.node.name ? ` “${this.node.name}”` : ''}`
  }

  private value(index: number): Value | null {
    const name = this.node.input[index]
    if (!name) return null
    const known = this.values.get(name)
    if (known) return known
    const initializer = this.model.initializers.get(name)
    if (!initializer)
      throw new PalmError('model-unreadable', `${this.fileName}: ${this.what} reads “${name}”, which is not there.`)
    const constant: Value = { kind: 'constant', name, tensor: this.tensorOf(initializer) }
    this.values.set(name, constant)
    return constant
  }

  private flow(index = 0): Flow {
    const value = this.value(index)
    if (value?.kind === 'flow') return value.flow
    throw this.network.refused(`${this.what} works on something that is no image or feature`)
  }

  private constant(index: number): { name: string; value: FileTensor } | null {
    const value = this.value(index)
    if (!value) return null
    if (value.kind === 'constant') return { name: value.name, value: value.tensor }
    if (value.kind === 'shape' && value.dims.every(Number.isFinite))
      return {
        name: this.node.input[index] ?? '',
        value: { shape: [value.dims.length], data: Float32Array.from(value.dims) },
      }
    throw this.network.refused(
      `${this.what} computes its input ${index + 1} at run time, and only constants are taken there`,
    )
  }

  private needed(index: number): { name: string; value: FileTensor } {
    const found = this.constant(index)
    if (!found) throw new PalmError('model-unreadable', `${this.fileName}: ${this.what} lacks its input ${index + 1}.`)
    return found
  }

  private int(name: string, usual: number): number {
    return this.node.attributes.get(name)?.i ?? usual
  }

  private float(name: string, usual: number): number {
    return this.node.attributes.get(name)?.f ?? usual
  }

  private ints(name: string): readonly number[] | null {
    const attribute = this.node.attributes.get(name)
    return attribute ? attribute.ints : null
  }

  /** By attribute, or since a later opset by input. */
  private intsOf(name: string, index: number): readonly number[] | null {
    const attribute = this.ints(name)
    if (attribute) return attribute
    const input = this.constant(index)
    return input ? this.few(input.value.data) : null
  }

  /** Sizes and axes are few; a tensor of millions in their place is none. */
  private few(values: Float32Array): number[] {
    if (values.length > 1000)
      throw this.network.refused(`${this.what} has ${values.length} numbers where a few are expected`)
    return [...values]
  }

  private tensorOf(tensor: OnnxTensor): FileTensor {
    return { shape: tensor.dims, data: valuesOf(tensor, this.fileName, this.part) }
  }

  private take(node: OnnxNode): Value | null {
    const flow = (result: Flow): Value => ({ kind: 'flow', flow: result })
    const { network } = this
    const name = node.name || (node.output[0] ?? '')
    switch (node.opType) {
      case 'Constant': {
        const attribute = node.attributes.get('value')?.t
        const floats =
          node.attributes.get('value_floats')?.floats ??
          (node.attributes.has('value_float') ? [this.float('value_float', 0)] : null)
        const whole =
          node.attributes.get('value_ints')?.ints ??
          (node.attributes.has('value_int') ? [this.int('value_int', 0)] : null)
        const list = floats ?? whole
        if (attribute) return { kind: 'constant', name: node.output[0] ?? name, tensor: this.tensorOf(attribute) }
        if (list)
          return {
            kind: 'constant',
            name: node.output[0] ?? name,
            tensor: {
              shape: node.attributes.has('value_float') || node.attributes.has('value_int') ? [] : [list.length],
              data: Float32Array.from(list),
            },
          }
        throw network.refused(`${this.what} holds something that is no number`)
      }
      case 'Identity':
      case 'Dropout':
        return this.value(0)
      case 'Cast': {
        const value = this.value(0)
        if (value?.kind === 'flow' && this.int('to', 1) !== 1)
          throw network.refused(`${this.what} turns features into whole numbers or other precision`)
        return value
      }
      case 'Conv':
        return flow(this.conv(name))
      case 'BatchNormalization': {
        const [weight, bias, mean, variance] = [1, 2, 3, 4].map((index) => this.needed(index)) as [
          ReturnType<OnnxReader['needed']>,
          ReturnType<OnnxReader['needed']>,
          ReturnType<OnnxReader['needed']>,
          ReturnType<OnnxReader['needed']>,
        ]
        return flow(network.batchNorm(name, this.flow(), { weight, bias, mean, variance }, this.float('epsilon', 1e-5)))
      }
      case 'Relu':
        return flow(network.add('relu', name, [this.flow()]))
      case 'Clip':
        return flow(this.clip(name))
      case 'LeakyRelu':
        return flow(network.add('leaky-relu', name, [this.flow()], { slope: this.float('alpha', 0.01) }))
      case 'Sigmoid':
        return flow(network.add('sigmoid', name, [this.flow()]))
      case 'HardSigmoid':
        return flow(
          network.add('hard-sigmoid', name, [this.flow()], {
            alpha: this.float('alpha', 0.2),
            beta: this.float('beta', 0.5),
          }),
        )
      case 'HardSwish':
        return flow(network.add('hard-swish', name, [this.flow()], { alpha: 1 / 6, beta: 0.5 }))
      case 'Swish':
      case 'Silu':
      case 'SiLU':
        return flow(network.add('silu', name, [this.flow()]))
      case 'Gelu':
        if (node.attributes.get('approximate')?.s === 'tanh')
          throw network.refused(`${this.what} is the tanh approximation`)
        return flow(network.add('gelu', name, [this.flow()]))
      case 'Softmax':
      case 'LogSoftmax':
        return flow(network.add('softmax', name, [this.flow()]))
      case 'Add':
        return flow(this.join('add', name))
      case 'Mul':
        return flow(this.join('multiply', name))
      case 'Sub':
      case 'Div':
        return flow(this.withInverse(name))
      case 'Concat':
        return this.concat(name)
      case 'MaxPool':
      case 'AveragePool':
        return flow(this.pool(name))
      case 'GlobalAveragePool':
        return flow(network.add('global-mean', name, [this.flow()], { keep: true }))
      case 'ReduceMean': {
        const axes = this.intsOf('axes', 1)
          ?.map((axis) => (axis < 0 ? axis + 4 : axis))
          .sort()
        if (this.flow().rank !== 4 || axes?.join() !== '2,3')
          throw network.refused(`${this.what} averages over other axes than height and width`)
        const keep = this.int('keepdims', 1) === 1
        return flow(
          network.add('global-mean', name, [this.flow()], keep ? { keep: true } : {}, {}, keep ? {} : { rank: 2 }),
        )
      }
      case 'Flatten':
        if (this.int('axis', 1) !== 1) throw network.refused(`${this.what} flattens from another axis than 1`)
        return flow(network.flatten(name, this.flow()))
      case 'Reshape':
        return this.reshape(name)
      case 'Transpose':
        return this.transpose()
      case 'Squeeze': {
        const value = this.value(0)
        return value?.kind === 'flow' ? flow(network.flatten(name, value.flow)) : value
      }
      case 'Unsqueeze':
        if (this.value(0)?.kind === 'flow') throw network.refused(`${this.what} gives features another axis`)
        return this.value(0)
      case 'Gemm':
      case 'MatMul':
        return flow(this.linear(name))
      case 'Pad':
        return flow(this.pad(name))
      case 'Split':
        return this.split(name)
      case 'Slice':
        return this.slice(name)
      case 'Shape':
        return this.shapeOf()
      case 'Gather': {
        const value = this.value(0)
        const index = this.needed(1).value
        const dims =
          value?.kind === 'shape' ? value.dims : value?.kind === 'constant' ? this.few(value.tensor.data) : null
        if (!dims) throw network.refused(`${this.what} picks parts of an image or feature`)
        return { kind: 'shape', dims: this.few(index.data).map((at) => dims.at(at) ?? Number.NaN) }
      }
      default:
        throw network.refused(`it holds the op ${node.opType}, which is not supported`)
    }
  }

  private conv(name: string): Flow {
    const weight = this.needed(1)
    return this.network.conv(name, this.flow(), weight.name, weight.value, this.constant(2), {
      stride: this.square('strides', 1),
      padding: this.padding(),
      dilation: this.square('dilations', 1),
      groups: this.int('group', 1),
    })
  }

  private square(name: string, usual: number): number {
    const [first = usual, second = first] = this.ints(name) ?? []
    if (first !== second || first < 1 || first > 64)
      throw this.network.refused(`${this.what} has ${name} of ${first} x ${second}, and only equal ones are taken`)
    return first
  }

  private padding(): AttributeValue {
    const automatic = this.node.attributes.get('auto_pad')?.s ?? 'NOTSET'
    if (automatic === 'SAME_UPPER') return 'same'
    if (automatic === 'VALID') return 0
    if (automatic !== 'NOTSET' && automatic !== '')
      throw this.network.refused(`${this.what} pads in the way ${automatic}`)
    const [top = 0, left = 0, bottom = 0, right = 0] = this.ints('pads') ?? []
    if ([top, left, bottom, right].some((side) => !(side >= 0 && side <= 64)))
      throw this.network.refused(`${this.what} pads by an absurd number of pixels`)
    return top === left && top === bottom && top === right ? top : [top, bottom, left, right]
  }

  private clip(name: string): Flow {
    const low = this.constant(1)?.value.data[0] ?? this.float('min', Number.NEGATIVE_INFINITY)
    const high = this.constant(2)?.value.data[0] ?? this.float('max', Number.POSITIVE_INFINITY)
    if (low === 0 && high === Number.POSITIVE_INFINITY) return this.network.add('relu', name, [this.flow()])
    return this.network.add('clip', name, [this.flow()], { min: Math.max(low, -3e38), max: Math.min(high, 3e38) })
  }

  private join(op: 'add' | 'multiply', name: string): Flow {
    const values = [this.value(0), this.value(1)]
    const constantAt = values.findIndex((value) => value?.kind === 'constant' || value?.kind === 'shape')
    if (constantAt >= 0) {
      const { name: tensor, value } = this.needed(constantAt)
      return this.network.withConstant(op, name, this.flow(1 - constantAt), tensor, value)
    }
    const [a, b] = [this.flow(0), this.flow(1)]
    const wider = (a.channels ?? 0) >= (b.channels ?? 0) ? a : b
    if (a.rank !== b.rank) throw this.network.refused(`${this.what} joins features of different kinds`)
    return this.network.add(op, name, [a, b], {}, {}, { channels: wider.channels })
  }

  /** x - c and x / c. */
  private withInverse(name: string): Flow {
    const { name: tensor, value } = this.needed(1)
    const subtracts = this.node.opType === 'Sub'
    const data = value.data.map((v) => (subtracts ? -v : 1 / v))
    return this.network.withConstant(
      subtracts ? 'add' : 'multiply',
      name,
      this.flow(),
      `${tensor} ${subtracts ? 'negated' : 'inverted'}`,
      { shape: value.shape, data },
    )
  }

  private concat(name: string): Value {
    const values = this.node.input.map((_, index) => this.value(index))
    if (values.every((value) => value?.kind === 'flow')) {
      const flows = values.map((_, index) => this.flow(index))
      if (this.int('axis', 1) !== 1 && this.int('axis', 1) !== -3)
        throw this.network.refused(`${this.what} joins along another axis than the channels`)
      const channels = flows.reduce<number | null>(
        (sum, part) => (sum === null || part.channels === null ? null : sum + part.channels),
        0,
      )
      return { kind: 'flow', flow: this.network.add('concat', name, flows, {}, {}, { channels }) }
    }
    return {
      kind: 'shape',
      dims: values.flatMap((value) =>
        value?.kind === 'shape' ? value.dims : value?.kind === 'constant' ? this.few(value.tensor.data) : [Number.NaN],
      ),
    }
  }

  private pool(name: string): Flow {
    if (this.square('dilations', 1) !== 1) throw this.network.refused(`${this.what} is dilated`)
    const size = this.square('kernel_shape', 1)
    const ceil = this.int('ceil_mode', 0) !== 0
    const attributes = { size, stride: this.square('strides', 1), padding: this.padding(), ...(ceil ? { ceil } : {}) }
    if (this.node.opType === 'MaxPool') return this.network.add('max-pool', name, [this.flow()], attributes)
    if (ceil && this.int('count_include_pad', 0) === 1)
      throw this.network.refused(`${this.what} rounds its size up (ceil_mode) and counts its padding`)
    return this.network.add('avg-pool', name, [this.flow()], {
      ...attributes,
      ...(this.int('count_include_pad', 0) === 1 ? { countPadding: true } : {}),
    })
  }

  private reshape(name: string): Value {
    const value = this.value(0)
    if (value?.kind === 'shape') return value
    const target = this.value(1)
    const dims = target?.kind === 'shape' ? target.dims : this.few(this.needed(1).value.data)
    if (value?.kind === 'constant') {
      const shape = dims.map((n, axis) => (n === 0 ? (value.tensor.shape[axis] ?? 1) : n))
      const known = shape.reduce((product, n) => (n > 0 ? product * n : product), 1)
      const whole = shape.map((n) => (n === -1 ? value.tensor.data.length / known : n))
      if (
        whole.length > 8 ||
        !whole.every((n) => Number.isSafeInteger(n) && n >= 0) ||
        whole.reduce((product, n) => product * n, 1) !== value.tensor.data.length
      )
        throw this.network.refused(
          `${this.what} gives ${value.tensor.data.length} values the shape [${dims.join(', ')}]`,
        )
      return { kind: 'constant', name: value.name, tensor: { shape: whole, data: value.tensor.data } }
    }
    if (value?.kind === 'grouped') {
      if (dims.length !== 4 || !value.turned) throw this.network.refused(`${this.what} gives features another shape`)
      return { kind: 'flow', flow: this.network.add('channel-shuffle', name, [value.flow], { groups: value.groups }) }
    }
    const flow = this.flow()
    if (dims.length === 2) return { kind: 'flow', flow: this.network.flatten(name, flow) }
    if (dims.length === 4 && flow.rank === 4 && dims[1] === flow.channels) return { kind: 'flow', flow }
    if (dims.length === 5 && flow.rank === 4 && (dims[1] ?? 0) > 1)
      return { kind: 'grouped', flow, groups: dims[1] as number, turned: false }
    throw this.network.refused(`${this.what} gives features the shape [${dims.join(', ')}]`)
  }

  private transpose(): Value {
    const order = this.ints('perm')?.join() ?? ''
    const value = this.value(0)
    if (value?.kind === 'grouped' && order === '0,2,1,3,4') return { ...value, turned: true }
    if (value?.kind === 'flow' && this.lastChannels.has(this.node.input[0] ?? '') && order === '0,3,1,2') return value
    if (value?.kind === 'constant' && order === '1,0' && value.tensor.shape.length === 2)
      return { kind: 'constant', name: `${value.name} transposed`, tensor: transposed(value.tensor) }
    throw this.network.refused(`${this.what} turns axes around`)
  }

  private linear(name: string): Flow {
    const weight = this.needed(1)
    if (weight.value.shape.length !== 2)
      throw this.network.refused(`${this.what} multiplies by something that is no matrix`)
    if (this.node.opType === 'MatMul')
      return this.network.linear(name, this.flow(), weight.name, this.turned(weight), null)
    if (this.int('transA', 0) !== 0 || this.float('alpha', 1) !== 1 || this.float('beta', 1) !== 1)
      throw this.network.refused(`${this.what} scales or transposes its input`)
    return this.network.linear(
      name,
      this.flow(),
      weight.name,
      this.int('transB', 0) === 1 ? weight.value : this.turned(weight),
      this.constant(2),
    )
  }

  /** A matrix turned around. Where it lies in the file its copy is turned in place and forgotten, or a large one would be held twice. */
  private turned({ name, value }: { name: string; value: FileTensor }): FileTensor {
    if (!this.model.initializers.has(name)) return transposed(value)
    this.values.delete(name)
    return turnedInPlace(value)
  }

  private pad(name: string): Flow {
    const mode = this.node.attributes.get('mode')?.s ?? 'constant'
    const pads = this.intsOf('pads', 1) ?? []
    const value = this.constant(2)?.value.data[0] ?? this.float('value', 0)
    const [n0, c0 = 0, top = 0, left = 0, n1, c1 = 0, bottom = 0, right = 0] = pads
    if (
      mode === 'constant' &&
      value === 0 &&
      pads.length === 8 &&
      (c0 > 0 || c1 > 0) &&
      c0 >= 0 &&
      c1 >= 0 &&
      c0 + c1 <= 65_536 &&
      ![n0, n1, top, left, bottom, right].some(Boolean) &&
      this.flow().rank === 4 &&
      this.flow().channels !== null
    ) {
      return this.network.add(
        'shortcut-a',
        name,
        [this.flow()],
        { stride: 1, before: c0, after: c1 },
        {},
        { channels: (this.flow().channels as number) + c0 + c1 },
      )
    }
    if (
      mode !== 'constant' ||
      value !== 0 ||
      pads.length !== 8 ||
      n0 ||
      c0 ||
      n1 ||
      c1 ||
      Math.max(...pads) > 64 ||
      Math.min(...pads) < 0
    )
      throw this.network.refused(`${this.what} pads with something else than zeros around the image`)
    if (Math.max(...pads) === 0) return this.flow()
    return this.network.add('pad', name, [this.flow()], { padding: [top, bottom, left, right] })
  }

  private split(name: string): null {
    const flow = this.flow()
    const axis = this.int('axis', 0)
    const parts = this.node.output.length
    if ((axis !== 1 && axis !== -3) || flow.channels === null)
      throw this.network.refused(`${this.what} splits along another axis than the channels`)
    const sizes = this.intsOf('split', 1) ?? Array.from({ length: parts }, () => (flow.channels as number) / parts)
    let begin = 0
    for (const [index, output] of this.node.output.entries()) {
      const size = sizes[index] ?? 0
      if (!(size > 0 && begin + size <= flow.channels))
        throw this.network.refused(`${this.what} splits into parts that do not fit`)
      this.values.set(output, {
        kind: 'flow',
        flow: this.network.add('slice-channels', `${name} ${index}`, [flow], { begin, size }, {}, { channels: size }),
      })
      begin += size
    }
    return null
  }

  private slice(name: string): Value {
    const value = this.value(0)
    const [starts, ends, axes, steps] = [
      this.intsOf('starts', 1),
      this.intsOf('ends', 2),
      this.intsOf('axes', 3),
      this.intsOf('steps', 4),
    ]
    const [from = 0, to = 0] = [starts?.[0], ends?.[0]]
    if (value?.kind === 'shape') return { kind: 'shape', dims: value.dims.slice(from, to > 1e9 ? undefined : to) }
    const thinned = this.thinned(name, value, starts, axes, steps)
    if (thinned) return thinned
    const flow = this.flow()
    if (starts?.length !== 1 || (axes?.[0] ?? 0) !== 1 || (steps?.[0] ?? 1) !== 1 || flow.channels === null)
      throw this.network.refused(`${this.what} cuts along another axis than the channels`)
    const begin = from < 0 ? from + flow.channels : from
    const end = Math.min(flow.channels, to < 0 ? to + flow.channels : to)
    if (!(begin >= 0 && end > begin)) throw this.network.refused(`${this.what} cuts nothing out`)
    return {
      kind: 'flow',
      flow: this.network.add(
        'slice-channels',
        name,
        [flow],
        { begin, size: end - begin },
        {},
        { channels: end - begin },
      ),
    }
  }

  /** The shortcuts of CIFAR ResNets (option A): every second row and column, by one slice or by two. Null when it is another slice. */
  private thinned(
    name: string,
    value: Value | null,
    starts: readonly number[] | null,
    axes: readonly number[] | null,
    steps: readonly number[] | null,
  ): Value | null {
    const step = steps?.[0] ?? 1
    const ends = this.intsOf('ends', 2)
    if (
      step < 2 ||
      step > 64 ||
      !axes ||
      !steps?.every((one) => one === step) ||
      !starts?.every((start) => start === 0) ||
      !ends?.every((end) => end > 1e6)
    )
      return null
    const places = axes.map((axis) => (axis < 0 ? axis + 4 : axis))
    const whole = (flow: Flow): Value => ({
      kind: 'flow',
      flow: this.network.add('shortcut-a', name, [flow], { stride: step, before: 0, after: 0 }),
    })
    if (value?.kind === 'thinned')
      return places.length === 1 && places[0] === 5 - value.axis && value.step === step ? whole(value.flow) : null
    if (value?.kind !== 'flow' || value.flow.rank !== 4) return null
    if (places.toSorted().join() === '2,3') return whole(value.flow)
    return places.length === 1 && (places[0] === 2 || places[0] === 3)
      ? { kind: 'thinned', flow: value.flow, axis: places[0], step }
      : null
  }

  private shapeOf(): Value {
    const flow = this.flow()
    return {
      kind: 'shape',
      dims:
        flow.rank === 4
          ? [Number.NaN, flow.channels ?? Number.NaN, Number.NaN, Number.NaN]
          : [Number.NaN, flow.channels ?? Number.NaN],
    }
  }
}

/** Follows each value to where it goes, and marks what was moved. */
function turnedInPlace({ shape, data }: FileTensor): FileTensor {
  const [rows = 0, columns = 0] = shape
  const moved = new Uint8Array(Math.ceil(data.length / 8))
  for (let start = 0; start < data.length; start++) {
    let at = start
    let carried = data[start] as number
    while (((moved[at >> 3] as number) & (1 << (at & 7))) === 0) {
      moved[at >> 3] = (moved[at >> 3] as number) | (1 << (at & 7))
      const to = (at % columns) * rows + Math.floor(at / columns)
      const next = data[to] as number
      data[to] = carried
      carried = next
      at = to
    }
  }
  return { shape: [columns, rows], data }
}

function transposed({ shape, data }: FileTensor): FileTensor {
  const [rows = 0, columns = 0] = shape
  const out = new Float32Array(data.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j] as number
  return { shape: [columns, rows], data: out }
}
