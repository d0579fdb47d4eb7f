// Fully connected layer: x [N, in] · weight [in, out] + bias [out].
import type { Op } from '../op.ts'

export const linear: Op = {
  saves: { inputs: [0], output: false },
  forward({ device, inputs, param }) {
    const product = device.matMul(inputs[0]!, param('weight'))
    const output = device.add(product, param('bias'))
    product.dispose()
    return { output }
  },
  backward({ device, dy, input, param, wantsInput, wantsParam }) {
    return {
      inputs: [wantsInput(0) ? device.matMul(dy, param('weight'), false, true) : null],
      params: {
        ...(wantsParam('weight') ? { weight: device.matMul(input(0), dy, true, false) } : {}),
        ...(wantsParam('bias') ? { bias: device.sum(dy, [0]) } : {}),
      },
    }
  },
}
