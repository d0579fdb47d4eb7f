// Whether a network can be computed at all: every node's input fits its weights and attributes, nothing becomes empty or absurdly large. Asked before a
// device is touched, because what a device says of such a network (if it survives it) is no help to anyone.
import type { Graph } from '#engine/compute/graph.ts'
import { opOf } from '#engine/compute/ops/registry.ts'
import { elementCount, showShape as show } from '#engine/compute/shape.ts'
import type { TensorInfo } from './model.ts'
import { nodeShapes, shapeContexts } from './node-shapes.ts'

/** Values of one feature map of one image: 1 GiB as float32. */
const mostValues = 2 ** 28

/** What is wrong with it, naming the node; null = nothing. */
export function impossibility(
  graph: Graph,
  tensors: readonly TensorInfo[],
  classes: number,
  height: number,
  width: number,
): string | null {
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
    const said = opOf(node.op).checks.attributes?.(node)
    if (said) return `${node.name} ${said}`
  }
  const shapes = nodeShapes(graph, tensors, height, width)
  for (const context of shapeContexts(graph, tensors, shapes)) {
    const { node } = context
    const said = opOf(node.op).checks.inputs?.(context)
    if (said) return `${node.name} ${said}`
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
