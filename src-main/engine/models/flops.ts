// How much arithmetic a forward pass is, for estimates of time: what each op says of itself.
import { opOf } from '#engine/compute/ops/registry.ts'
import type { Architecture } from './model.ts'
import { nodeShapes, shapeContexts } from './node-shapes.ts'

/** Multiplications and additions for one image of side x side pixels. */
export function forwardFlops({ graph, tensors }: Pick<Architecture, 'graph' | 'tensors'>, side: number): number {
  const shapes = nodeShapes(graph, tensors, side, side)
  return shapeContexts(graph, tensors, shapes).reduce(
    (sum, context) => sum + opOf(context.node.op).flops(context, shapes.get(context.node.name) ?? []),
    0,
  )
}
