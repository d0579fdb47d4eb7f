// 2-D convolution without bias, zero padding on both sides as PyTorch has it. Attributes: stride, padding (pixels).
import type { ConvOptions } from '../device.ts'
import type { GraphNode, Op } from '../op.ts'

function options(node: GraphNode): ConvOptions {
  const p = Number(node.attributes.padding ?? 0)
  return { stride: Number(node.attributes.stride ?? 1), padding: { top: p, bottom: p, left: p, right: p } }
}

export const conv2d: Op = {
  saves: { inputs: [0], output: false },
  forward: ({ device, node, inputs, param }) => ({ output: device.conv2d(inputs[0]!, param('weight'), options(node)) }),
  backward({ device, node, dy, input, inputShapes, param, wantsInput, wantsParam }) {
    const weight = param('weight')
    return {
      inputs: [wantsInput(0) ? device.conv2dInputGradient(inputShapes[0]!, weight, dy, options(node)) : null],
      params: wantsParam('weight') ? { weight: device.conv2dWeightGradient(input(0), weight.shape, dy, options(node)) } : {},
    }
  },
}
