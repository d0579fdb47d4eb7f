// Max pooling. Attributes: size, stride, padding (pixels; padding never wins a maximum).
import type { PoolOptions } from '../device.ts'
import type { GraphNode, Op } from '../op.ts'

function options(node: GraphNode): PoolOptions {
  const p = Number(node.attributes.padding ?? 0)
  return { size: Number(node.attributes.size), stride: Number(node.attributes.stride), padding: { top: p, bottom: p, left: p, right: p } }
}

export const maxPool: Op = {
  saves: { inputs: [0], output: true },
  forward: ({ device, node, inputs }) => ({ output: device.maxPool(inputs[0]!, options(node)) }),
  backward: ({ device, node, dy, input, output }) => ({ inputs: [device.maxPoolGradient(input(0), output(), dy, options(node))], params: {} }),
}
