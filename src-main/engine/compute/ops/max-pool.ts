// Max pooling. Attributes: size, stride, padding (see padding-of.ts; padding never wins a maximum).
import type { PoolOptions } from '#engine/compute/device.ts'
import type { GraphNode, Op } from '#engine/compute/op.ts'
import { paddingOf } from '#engine/compute/padding-of.ts'

function options(node: GraphNode, inputShape: readonly number[]): PoolOptions {
  const size = Number(node.attributes.size)
  return { size, stride: Number(node.attributes.stride), padding: paddingOf(node, inputShape, size) }
}

export const maxPool: Op = {
  saves: { inputs: [0], output: true },
  forward: ({ device, node, inputs }) => ({ output: device.maxPool(inputs[0]!, options(node, inputs[0]!.shape)) }),
  backward: ({ device, node, dy, input, inputShapes, output }) => ({
    inputs: [device.maxPoolGradient(input(0), output(), dy, options(node, inputShapes[0]!))],
    params: {},
  }),
}
