// Softmax over the last axis. At the end of a network that is read it is left out: every method needs the logits.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { Flow } from '#engine/compute/ops/formats/network.ts'
import type { OnnxNodeReader } from '#engine/compute/ops/formats/onnx.ts'
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { showShape } from '#engine/compute/shape.ts'
import { pointwise, using } from './pointwise.ts'

/** Over the channels or features. Before opset 13 it is over all axes from `axis` on. */
export function readOnnxSoftmax(op: 'softmax' | 'log-softmax', node: OnnxNodeReader): Flow {
  const flow = node.flow()
  const dims = node.dims()
  const axis = node.axis(node.opset < 13 ? 1 : -1, dims.length)
  const behind = node.opset < 13 ? dims.slice(axis + 1) : []
  const ours = flow.rank === 3 ? 2 : 1
  if (axis !== ours || behind.some((n) => n !== 1))
    throw node.refused(`is over the axis ${axis} of ${showShape(dims)}, and only one over the channels is taken`)
  return node.network.add(op, node.name, [flow])
}

/** dx = y (dy - sum(dy y)) */
export function softmaxGradient(device: Device, y: DeviceTensor, dy: DeviceTensor): DeviceTensor {
  const total = using([device.mul(dy, y)], (product) => device.sum(product, [y.shape.length - 1], true))
  return using([using([total], (t) => device.sub(dy, t))], (centred) => device.mul(y, centred))
}

export const softmax: OpModule = {
  saves: { inputs: [], output: true },
  forward: ({ device, x }) => ({ output: device.softmax(x) }),
  backward: ({ device, dy, output }) => ({ inputs: [softmaxGradient(device, output(), dy)], params: {} }),
  ...pointwise,
  onnx: {
    reads: { Softmax: (node) => readOnnxSoftmax('softmax', node) },
    write: ({ emit, rank, x, out }) => emit('Softmax', [x], out, { axis: rank === 4 ? 1 : -1 }),
  },
  tfjs: {
    reads: { Softmax: (node) => node.network.add('softmax', node.name, [node.flow()]) },
    layers: { Softmax: ({ network, name, input }) => network.add('softmax', name, [input]) },
    activations: { softmax: {} },
    write: ({ emit, name, x }) => emit('Softmax', name, [x]),
  },
}
