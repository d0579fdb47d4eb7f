// Sum of two tensors (the join of a residual block), which may broadcast; or of one and a parameter `bias` (a position embedding).
import type { Op } from '#engine/compute/op.ts'
import { sumTo } from './broadcast.ts'

export const add: Op = {
  saves: { inputs: [], output: false },
  forward: ({ device, node, inputs, param }) => ({
    output: device.add(inputs[0]!, node.params.bias === undefined ? inputs[1]! : param('bias')),
  }),
  backward({ device, node, dy, inputShapes, param, wantsInput, wantsParam }) {
    const inputs = inputShapes.map((shape, index) => (wantsInput(index) ? sumTo(device, dy, shape) : null))
    if (node.params.bias === undefined || !wantsParam('bias')) return { inputs, params: {} }
    const bias = sumTo(device, dy, param('bias').shape)
    return { inputs, params: { bias: bias === dy ? device.scale(dy, 1) : bias } } // what is given to the caller is nobody else's
  },
}
