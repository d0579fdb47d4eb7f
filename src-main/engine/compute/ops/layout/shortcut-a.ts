// Option-A shortcut of the CIFAR ResNets (He et al., CVPR 2016, section 4.2): every `stride`-th row and column, new channels are
// zeros, half of them before and half after. Attributes: stride, before, after (channels).
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { GraphNode, Op } from '#engine/compute/op.ts'

function plan(node: GraphNode) {
  return {
    stride: Number(node.attributes.stride),
    before: Number(node.attributes.before),
    after: Number(node.attributes.after),
  }
}

/** Every second row and column. For even sizes by reshaping, which is many times faster than a strided slice. */
function subsample(device: Device, x: DeviceTensor, stride: number): DeviceTensor {
  const [n = 0, h = 0, w = 0, c = 0] = x.shape
  if (h % stride || w % stride) return device.stridedSlice(x, [0, 0, 0, 0], [n, h, w, c], [1, stride, stride, 1])
  const cells = device.reshape(x, [n, h / stride, stride, w / stride, stride * c])
  const corners = device.slice(cells, [0, 0, 0, 0, 0], [n, h / stride, 1, w / stride, c])
  const small = device.reshape(corners, [n, h / stride, w / stride, c])
  cells.dispose()
  corners.dispose()
  return small
}

function subsampleGradient(device: Device, shape: readonly number[], dy: DeviceTensor, stride: number): DeviceTensor {
  const [n = 0, h = 0, w = 0, c = 0] = shape
  if (h % stride || w % stride)
    return device.stridedSliceGradient(shape, dy, [0, 0, 0, 0], [n, h, w, c], [1, stride, stride, 1])
  const corners = device.reshape(dy, [n, h / stride, 1, w / stride, c])
  const cells = device.pad(corners, [
    [0, 0],
    [0, 0],
    [0, stride - 1],
    [0, 0],
    [0, (stride - 1) * c],
  ])
  const dx = device.reshape(cells, [n, h, w, c])
  corners.dispose()
  cells.dispose()
  return dx
}

export const shortcutA: Op = {
  saves: { inputs: [], output: false },
  forward({ device, node, inputs }) {
    const x = inputs[0]!
    const { stride, before, after } = plan(node)
    const small = stride === 1 ? x : subsample(device, x, stride)
    const output = device.pad(small, [
      [0, 0],
      [0, 0],
      [0, 0],
      [before, after],
    ])
    if (small !== x) small.dispose()
    return { output }
  },
  backward({ device, node, dy, inputShapes }) {
    const shape = inputShapes[0]!
    const { stride, before } = plan(node)
    const [n = 0, h = 0, w = 0] = dy.shape
    const small = device.slice(dy, [0, 0, 0, before], [n, h, w, shape[3] ?? 0])
    if (stride === 1) return { inputs: [small], params: {} }
    const dx = subsampleGradient(device, shape, small, stride)
    small.dispose()
    return { inputs: [dx], params: {} }
  },
}
