// What sums and products have in common when files are read: two values, or one and a constant.
import type { FileTensor, Flow, NamedTensor, NetworkBuilder } from '#engine/compute/ops/formats/network.ts'
import type { OnnxNodeReader, OnnxValue, OnnxView } from '#engine/compute/ops/formats/onnx.ts'
import { channelsLast, isChannelsLast } from '#engine/compute/ops/formats/onnx-view.ts'
import type { TfjsNodeReader } from '#engine/compute/ops/formats/tfjs.ts'
import type { ShapeContext } from '#engine/compute/ops/op-module.ts'
import { elementCount, showShape, type Shape } from '#engine/compute/shape.ts'

type Join = 'add' | 'multiply'

/** The parameter's role where one side is a constant. */
const roles = { add: 'bias', multiply: 'weight' } as const

/** x + constant or x * constant, the constant per channel or one number. */
export function withConstant(
  network: NetworkBuilder,
  op: Join,
  name: string,
  input: Flow,
  constantName: string,
  value: FileTensor,
): Flow {
  const elements = value.data.length
  if (elements !== 1 && input.channels !== null && elements !== input.channels)
    throw network.refused(
      `${name} has a constant of shape ${showShape(value.shape)}, and only one number, or one per channel, is taken`,
    )
  const kind = op === 'add' && input.rank === 2 ? 'linear-bias' : 'other'
  const tensor = network.tensor(constantName, kind, { shape: [elements], data: value.data })
  return network.add(op, name, [input], {}, { [roles[op]]: tensor })
}

/** A constant as one number or one per channel of the value that it is joined with; it must not stretch it, nor differ along other axes. */
function alongChannels(node: OnnxNodeReader, constant: NamedTensor, dims: Shape, channelAxis: number): NamedTensor {
  const { shape, data } = constant.value
  const missing = dims.length - shape.length
  const fits = shape.every((n, axis) => n === 1 || (axis + missing === channelAxis && n === dims[channelAxis]))
  if (missing < 0 || !fits)
    throw node.refused(
      `has a constant of the shape ${showShape(shape)} for values of ${showShape(dims)}, and only one number, or one per channel, is taken`,
    )
  return { name: constant.name, value: { shape: [data.length], data } }
}

/** A pixel for each image that a file stretches over the whole of it before it is joined with one of that size, where joining does so by itself. */
export function readExpand(node: OnnxNodeReader): OnnxValue | undefined {
  const flow = node.flow()
  const dims = node.dims()
  const target = node.sizes(1)
  const fits = target.length === dims.length && dims.every((n, axis) => target[axis] === n || target[axis] === 1)
  if (fits) return flow
  const [images, channels, height = 0, width = 0] = target
  const pixel = dims.length === 4 && target.length === 4 && dims[2] === 1 && dims[3] === 1
  if (!pixel || ![1, dims[0]].includes(images) || ![1, dims[1]].includes(channels)) return undefined
  return { kind: 'pending', op: 'multiply', flow, state: { height, width } }
}

/** The value at `index` under its own axes, and which of them are its channels. */
function joinable(node: OnnxNodeReader, index: number): { flow: Flow; last: boolean } {
  const value = node.value(index)
  const other = node.value(1 - index)
  if (value?.kind === 'pending' && value.op === 'multiply' && other?.kind === 'flow') {
    const { height, width } = value.state
    const [h, w] = other.shape ?? []
    if (h === height && w === width) return { flow: value.flow, last: false }
  }
  return isChannelsLast(value, node.batch) ? { flow: value.flow, last: true } : { flow: node.flow(index), last: false }
}

/** A sum or product of two values, or of one and a constant, which `prepared` may turn into another first. */
export function readOnnxJoin(
  op: Join,
  node: OnnxNodeReader,
  prepared: (constant: NamedTensor) => NamedTensor = (constant) => constant,
): Flow | OnnxView {
  const constantAt = [node.value(0), node.value(1)].findIndex((value) => value?.kind === 'constant')
  if (constantAt >= 0) {
    const { flow, last } = joinable(node, 1 - constantAt)
    const dims = node.dims(1 - constantAt)
    const axis = last || dims.length < 4 ? dims.length - 1 : 1
    const { name, value } = prepared(alongChannels(node, node.needed(constantAt), dims, axis))
    return again(node, withConstant(node.network, op, node.name, flow, name, value), last)
  }
  const [a, b] = [joinable(node, 0), joinable(node, 1)]
  if (a.flow.rank !== b.flow.rank || a.last !== b.last) throw node.refused('joins features of different kinds')
  return again(node, node.network.add(op, node.name, [a.flow, b.flow]), a.last)
}

/** Channels last again, where they were. */
const again = (node: OnnxNodeReader, flow: Flow, last: boolean): Flow | OnnxView =>
  last ? channelsLast(flow, node.batch) : flow

const mapped =
  (what: string, f: (value: number) => number) =>
  ({ name, value: { shape, data } }: NamedTensor) => ({
    name: `${name} ${what}`,
    value: { shape, data: data.map(f) },
  })

export const negated = mapped('negated', (v) => -v)
export const inverted = mapped('inverted', (v) => 1 / v)

export function readTfjsJoin(op: Join, node: TfjsNodeReader): Flow {
  const constantAt = [node.value(0), node.value(1)].findIndex(({ kind }) => kind === 'constant')
  if (constantAt < 0) {
    const [a, b] = [node.flow(0), node.flow(1)]
    return node.network.add(op, node.name, [a, b], {}, {}, { channels: a.channels ?? b.channels })
  }
  const { name, value } = node.constant(constantAt)
  return withConstant(node.network, op, node.name, node.flow(1 - constantAt), name, value)
}

/** x - c as x + (-c), and x / c as x * (1 / c). */
export function withInverse(
  network: NetworkBuilder,
  op: Join,
  name: string,
  input: Flow,
  constant: { name: string; value: FileTensor },
): Flow {
  const other = op === 'add' ? negated(constant) : inverted(constant)
  return withConstant(network, op, name, input, other.name, other.value)
}

/** Each axis as long as in the longer one, as the other is stretched over it. */
export const joinedShape = ({ inputs }: ShapeContext): Shape =>
  inputs.reduce((a, b) => (a.length === b.length ? a.map((n, axis) => Math.max(n, b[axis] ?? 1)) : a))

/** What does not fit, of two values or of one and a constant. */
export function joinProblem({ inputs, param }: ShapeContext): string | null {
  const first = inputs[0] ?? []
  if (inputs.length === 1) {
    const channels = first.at(-1) ?? 0
    const constant = param('weight') ?? param('bias')
    const elements = constant ? elementCount(constant) : 0
    return elements === 1 || elements === channels || elements === elementCount(first)
      ? null
      : `has a constant of ${elements} values for ${channels} channels`
  }
  const fits = (shape: Shape) =>
    shape.length === first.length && shape.every((n, axis) => n === first[axis] || n === 1 || first[axis] === 1)
  return inputs.every(fits) ? null : `takes ${inputs.map(showShape).join(' and ')} together`
}
