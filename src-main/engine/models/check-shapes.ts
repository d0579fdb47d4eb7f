// Whether a network can be computed at all: every node's input fits its weights and attributes, nothing becomes empty or absurdly large. Asked before a
// device is touched, because what a device says of such a network (if it survives it) is no help to anyone.
import type { Graph } from '#engine/compute/graph.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import { explicitPadding } from '#engine/compute/explicit-padding.ts'
import { elementCount, type TensorInfo } from './model.ts'
import { nodeShapes } from './node-shapes.ts'

type Shape = readonly number[]

/** Values of one feature map of one image: 1 GiB as float32. */
const mostValues = 2 ** 28
const mostStride = 64
const mostPixels = 1024

const isWhole = (value: unknown, least: number, most: number) =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
const show = (shape: Shape) => `[${shape.join(', ')}]`

/** What is wrong with it, naming the node; null = nothing. */
export function impossibility(
  graph: Graph,
  tensors: readonly TensorInfo[],
  classes: number,
  height: number,
  width: number,
): string | null {
  const infos = new Map(tensors.map((info) => [info.name, info.shape]))
  for (const { name, shape } of tensors)
    if (elementCount(shape) < 1) return `the tensor “${name}” of the shape ${show(shape)} is empty`
  for (const node of graph.nodes) {
    for (const [name, value] of Object.entries(node.attributes)) {
      if (
        typeof value === 'number'
          ? !Number.isFinite(value)
          : Array.isArray(value) && !value.every((part) => Number.isFinite(part))
      )
        return `${node.name} has no usable ${name}`
    }
    const said = unusable(node)
    if (said !== null) return `${node.name} ${said}`
  }
  const shapes = nodeShapes(graph, tensors, height, width)
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => shapes.get(name) ?? [])
    const said = mismatch(node, inputs, (role) => infos.get(node.params[role] ?? '') ?? null)
    if (said !== null) return `${node.name} ${said}`
    const out = shapes.get(node.name) ?? []
    if (!out.every((n) => Number.isInteger(n) && n >= 1))
      return `nothing is left of an image of ${width} x ${height} at ${node.name}: ${show(out)}`
    if (elementCount(out) > mostValues)
      return `${node.name} gives ${show(out)} for one image of ${width} x ${height}, more than can be held`
  }
  const last = shapes.get(graph.output) ?? []
  return last.length === 1 && last[0] === classes
    ? null
    : `its output has the shape ${show(last)}, and ${classes} scores are expected`
}

/** Of the attributes by themselves. */
function unusable({ op, attributes }: GraphNode): string | null {
  const { stride = 1, dilation = 1, groups = 1, size = 1, padding = 0 } = attributes
  const sizes = op === 'conv2d' || op === 'max-pool' || op === 'avg-pool'
  if (sizes && !isWhole(stride, 1, mostStride)) return `has a stride of ${String(stride)}`
  if (op === 'conv2d' && !isWhole(dilation, 1, mostStride)) return `has a dilation of ${String(dilation)}`
  if ((op === 'conv2d' || op === 'channel-shuffle') && !isWhole(groups, 1, 2 ** 24))
    return `has ${String(groups)} groups`
  if ((op === 'max-pool' || op === 'avg-pool') && !isWhole(size, 1, mostPixels))
    return `pools over ${String(size)} pixels`
  if (!sizes && op !== 'pad') return null
  const sides = Array.isArray(padding) ? padding : [padding]
  if (padding !== 'same' && !sides.every((side) => isWhole(side, 0, mostPixels)))
    return `pads by ${sides.join(', ')} pixels`
  return null
}

/** Of a node and what comes in. */
function mismatch(node: GraphNode, inputs: readonly Shape[], param: (role: string) => Shape | null): string | null {
  const first = inputs[0] ?? []
  const channels = first.at(-1) ?? 0
  const weight = param('weight')
  const perChannel = (roles: readonly string[], wanted: number) =>
    roles.find((role) => {
      const shape = param(role)
      return shape !== null && elementCount(shape) !== wanted
    })
  switch (node.op) {
    case 'conv2d': {
      const [out = 0, perGroup = 0, kernel = 0] = weight ?? []
      const groups = Number(node.attributes.groups ?? 1)
      if (first.length !== 3 || weight?.length !== 4) return `takes images, and ${show(first)} comes in`
      if (perGroup * groups !== channels) return `takes ${perGroup * groups} channels where ${channels} come in`
      if (kernel !== weight[3] || kernel > mostPixels || out % groups !== 0)
        return `has a kernel of the shape ${show(weight)}`
      return perChannel(['bias'], out) === undefined ? null : `has a bias of other than ${out} values`
    }
    case 'max-pool':
    case 'avg-pool': {
      if (first.length !== 3) return `takes images, and ${show(first)} comes in`
      const [h = 0, w = 0] = first
      const size = Number(node.attributes.size)
      return Object.values(explicitPadding(node, [1, h, w, channels], size)).some((side) => side >= size)
        ? 'pads by as much as it pools over'
        : null
    }
    case 'global-mean':
    case 'adaptive-mean':
    case 'pad':
      return first.length === 3 ? null : `takes images, and ${show(first)} comes in`
    case 'batch-norm': {
      const wrong = perChannel(['weight', 'bias', 'mean', 'variance'], channels)
      if (wrong !== undefined) return `has a ${wrong} of other than ${channels} values`
      return Number(node.attributes.epsilon) >= 0 ? null : 'has an epsilon below zero'
    }
    case 'linear': {
      const [out = 0, inside = 0] = weight ?? []
      if (inside !== channels) return `takes ${inside} features where ${channels} come in`
      return perChannel(['bias'], out) === undefined ? null : `has a bias of other than ${out} values`
    }
    case 'concat':
      return inputs.every(
        (shape) => shape.length === first.length && shape.slice(0, -1).every((n, axis) => n === first[axis]),
      )
        ? null
        : `joins ${inputs.map(show).join(' and ')}`
    case 'slice-channels':
      return isWhole(node.attributes.begin, 0, channels) &&
        isWhole(node.attributes.size, 1, channels - Number(node.attributes.begin))
        ? null
        : `takes channels that are not there of ${channels}`
    case 'channel-shuffle':
      return first.length === 3 && channels % Number(node.attributes.groups) === 0
        ? null
        : `shuffles ${channels} channels in ${String(node.attributes.groups)} groups`
    case 'add':
    case 'multiply': {
      if (inputs.length === 1) {
        const constant = weight ?? param('bias')
        const elements = constant ? elementCount(constant) : 0
        return elements === 1 || elements === channels || elements === elementCount(first)
          ? null
          : `has a constant of ${elements} values for ${channels} channels`
      }
      const fits = (shape: Shape) =>
        shape.length === first.length && shape.every((n, axis) => n === first[axis] || n === 1 || first[axis] === 1)
      return inputs.every(fits) ? null : `takes ${inputs.map(show).join(' and ')} together`
    }
    default:
      return null
  }
}
