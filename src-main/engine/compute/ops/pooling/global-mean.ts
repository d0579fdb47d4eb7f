// Global average pooling: [N, H, W, C] -> [N, C], or [N, 1, 1, C] with the attribute keep.
import type { Op } from '#engine/compute/op.ts'

export const globalMean: Op = {
  saves: { inputs: [], output: false },
  forward: ({ device, node, inputs }) => ({ output: device.mean(inputs[0]!, [1, 2], node.attributes.keep === true) }),
  backward({ device, dy, inputShapes }) {
    const shape = inputShapes[0]!
    const [n = 0, h = 0, w = 0, c = 0] = shape
    const spread = device.fill([1, h, w, 1], 1 / (h * w))
    const shaped = device.reshape(dy, [n, 1, 1, c])
    const dx = device.mul(shaped, spread)
    spread.dispose()
    shaped.dispose()
    return { inputs: [dx], params: {} }
  },
}
