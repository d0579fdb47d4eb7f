// Product of two tensors, which may broadcast (squeeze and excitation), or of one and a parameter `weight` (a layer scale).
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { Op } from '#engine/compute/op.ts'
import { sumTo } from './broadcast.ts'

function gradient(device: Device, dy: DeviceTensor, other: DeviceTensor, shape: readonly number[]): DeviceTensor {
  const product = device.mul(dy, other)
  const summed = sumTo(device, product, shape)
  if (summed !== product) product.dispose()
  return summed
}

export const multiply: Op = {
  saves: { inputs: [0, 1], output: false },
  forward: ({ device, node, inputs, param }) => ({
    output: device.mul(inputs[0]!, node.params.weight === undefined ? inputs[1]! : param('weight')),
  }),
  backward({ device, node, dy, input, inputShapes, param, wantsInput, wantsParam }) {
    if (node.params.weight !== undefined) {
      const weight = param('weight')
      return {
        inputs: [wantsInput(0) ? device.mul(dy, weight) : null],
        params: wantsParam('weight') ? { weight: gradient(device, dy, input(0), weight.shape) } : {},
      }
    }
    return {
      inputs: [0, 1].map((index) =>
        wantsInput(index) ? gradient(device, dy, input(1 - index), inputShapes[index]!) : null,
      ),
      params: {},
    }
  },
}
