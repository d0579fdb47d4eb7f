// [N, H, W, C] -> [N, C * H * W] in PyTorch's order (channels first), or with the attribute order 'nhwc' in TensorFlow's.
import type { Op } from '#engine/compute/op.ts'

export const flatten: Op = {
  saves: { inputs: [], output: false },
  forward({ device, node, inputs }) {
    const x = inputs[0]!
    const [n = 0, ...rest] = x.shape
    const flat = [n, rest.reduce((product, size) => product * size, 1)]
    if (x.shape.length < 4 || node.attributes.order === 'nhwc') return { output: device.reshape(x, flat) }
    const turned = device.transpose(x, [0, 3, 1, 2])
    const output = device.reshape(turned, flat)
    turned.dispose()
    return { output }
  },
  backward({ device, node, dy, inputShapes }) {
    const shape = inputShapes[0]!
    if (shape.length < 4 || node.attributes.order === 'nhwc') return { inputs: [device.reshape(dy, shape)], params: {} }
    const [n = 0, h = 0, w = 0, c = 0] = shape
    const turned = device.reshape(dy, [n, c, h, w])
    const dx = device.transpose(turned, [0, 2, 3, 1])
    turned.dispose()
    return { inputs: [dx], params: {} }
  },
}
