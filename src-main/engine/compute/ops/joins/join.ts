// What sums and products have in common when files are read: two values, or one and a constant.
import type { FileTensor, Flow, NetworkBuilder } from '#engine/compute/ops/formats/network.ts'
import type { OnnxNodeReader } from '#engine/compute/ops/formats/onnx.ts'
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

export function readOnnxJoin(op: Join, node: OnnxNodeReader): Flow {
  const constantAt = [node.value(0), node.value(1)].findIndex(
    (value) => value?.kind === 'constant' || value?.kind === 'shape',
  )
  if (constantAt >= 0) {
    const { name, value } = node.needed(constantAt)
    return withConstant(node.network, op, node.name, node.flow(1 - constantAt), name, value)
  }
  const [a, b] = [node.flow(0), node.flow(1)]
  if (a.rank !== b.rank) throw node.refused('joins features of different kinds')
  const wider = (a.channels ?? 0) >= (b.channels ?? 0) ? a : b
  return node.network.add(op, node.name, [a, b], {}, {}, { channels: wider.channels })
}

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
  const { shape, data } = constant.value
  return op === 'add'
    ? withConstant(network, op, name, input, `${constant.name} negated`, { shape, data: data.map((v) => -v) })
    : withConstant(network, op, name, input, `${constant.name} inverted`, { shape, data: data.map((v) => 1 / v) })
}

/** The larger one's, as the other is stretched over it. */
export const joinedShape = ({ inputs }: ShapeContext): Shape =>
  inputs.reduce((a, b) => (elementCount(b) > elementCount(a) ? b : a))

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
