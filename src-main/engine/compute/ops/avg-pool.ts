// Average pooling without padding. Attributes: size, stride.
import type { PoolOptions } from '../device.ts'
import type { GraphNode, Op } from '../op.ts'

function options(node: GraphNode): PoolOptions {
  return { size: Number(node.attributes.size), stride: Number(node.attributes.stride), padding: { top: 0, bottom: 0, left: 0, right: 0 } }
}

export const avgPool: Op = {
  saves: { inputs: [], output: false },
  forward: ({ device, node, inputs }) => ({ output: device.avgPool(inputs[0]!, options(node)) }),
  backward: ({ device, node, dy, inputShapes }) => ({ inputs: [device.avgPoolGradient(inputShapes[0]!, dy, options(node))], params: {} }),
}
