// Max pooling. Attributes: size, stride, padding (see explicit-padding.ts; padding never wins a maximum).
import type { PoolOptions } from '#engine/compute/device.ts'
import type { GraphNode, Op } from '#engine/compute/op.ts'
import { explicitPadding } from '#engine/compute/explicit-padding.ts'

function options(node: GraphNode, inputShape: readonly number[]): PoolOptions {
  const size = Number(node.attributes.size)
  return { size, stride: Number(node.attributes.stride), padding: explicitPadding(node, inputShape, size) }
}

export const maxPool: Op = {
  saves: { inputs: [0], output: true },
  forward: ({ device, node, inputs }) => ({ output: device.maxPool(inputs[0]!, options(node, inputs[0]!.shape)) }),
  backward: ({ device, node, dy, input, inputShapes, output }) => ({
    inputs: [device.maxPoolGradient(input(0), output(), dy, options(node, inputShapes[0]!))],
    params: {},
  }),
}
