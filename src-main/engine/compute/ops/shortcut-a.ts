// Option-A shortcut of the CIFAR ResNets (He et al., CVPR 2016, section 4.2): every `stride`-th row and column, new channels are
// zeros, half of them before and half after. Attributes: stride, before, after (channels).
import type { GraphNode, Op } from '../op.ts'

function plan(node: GraphNode, shape: readonly number[]) {
  const stride = Number(node.attributes.stride)
  return {
    stride,
    strides: [1, stride, stride, 1],
    begin: [0, 0, 0, 0],
    end: [...shape],
    before: Number(node.attributes.before),
    after: Number(node.attributes.after),
  }
}

export const shortcutA: Op = {
  saves: { inputs: [], output: false },
  forward({ device, node, inputs }) {
    const x = inputs[0]!
    const { stride, strides, begin, end, before, after } = plan(node, x.shape)
    const small = stride === 1 ? x : device.stridedSlice(x, begin, end, strides)
    const output = device.pad(small, [[0, 0], [0, 0], [0, 0], [before, after]])
    if (small !== x) small.dispose()
    return { output }
  },
  backward({ device, node, dy, inputShapes }) {
    const shape = inputShapes[0]!
    const { stride, strides, begin, end, before } = plan(node, shape)
    const [n = 0, h = 0, w = 0] = dy.shape
    const small = device.slice(dy, [0, 0, 0, before], [n, h, w, shape[3] ?? 0])
    if (stride === 1) return { inputs: [small], params: {} }
    const dx = device.stridedSliceGradient(shape, small, begin, end, strides)
    small.dispose()
    return { inputs: [dx], params: {} }
  },
}
