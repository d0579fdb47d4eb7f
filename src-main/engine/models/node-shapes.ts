// The shape of what each node of a graph gives for one image: for exporters that must write sizes down, and for estimates of time and memory.
import type { Graph } from '#engine/compute/graph.ts'
import type { ShapeContext } from '#engine/compute/ops/op-module.ts'
import { opOf } from '#engine/compute/ops/registry.ts'
import type { Shape } from '#engine/compute/shape.ts'
import type { TensorInfo } from './model.ts'

/** Without the batch: [H, W, C], [T, D] or [C], by node; the graph's input under its own name. */
export function nodeShapes(
  graph: Graph,
  tensors: readonly TensorInfo[],
  height: number,
  width: number,
): Map<string, Shape> {
  const shapes = new Map<string, Shape>([[graph.input, [height, width, 3]]])
  // Read lazily, node by node: each context looks up what the nodes before it have put there.
  for (const context of shapeContexts(graph, tensors, shapes))
    shapes.set(context.node.name, opOf(context.node.op).outputShape(context))
  return shapes
}

/** Each node by its shapes, in the graph's order; `shapes` may be filled while they are read. */
export function shapeContexts(
  { nodes }: Graph,
  tensors: readonly TensorInfo[],
  shapes: ReadonlyMap<string, Shape>,
): ShapeContext[] {
  const tensorShapes = new Map(tensors.map(({ name, shape }) => [name, shape]))
  return nodes.map((node) => ({
    node,
    get inputs() {
      return node.inputs.map((name) => shapes.get(name) ?? [])
    },
    param: (role) => tensorShapes.get(node.params[role] ?? '') ?? null,
  }))
}
