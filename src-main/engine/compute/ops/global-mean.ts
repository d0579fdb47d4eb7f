// Mean over height and width: [N, H, W, C] -> [N, C].
import type { Op } from '../op.ts'

export const globalMean: Op = {
  saves: { inputs: [], output: false },
  forward: ({ device, inputs }) => ({ output: device.mean(inputs[0]!, [1, 2]) }),
  backward({ device, dy, inputShapes }) {
    const [n = 0, h = 0, w = 0, c = 0] = inputShapes[0]!
    const scaled = device.scale(dy, 1 / (h * w))
    const corner = device.reshape(scaled, [n, 1, 1, c])
    const ones = device.fill([1, h, w, 1], 1)
    const dx = device.mul(corner, ones)
    for (const tensor of [scaled, corner, ones]) tensor.dispose()
    return { inputs: [dx], params: {} }
  },
}
