// Softmax over the last axis. At the end of a network that is read it is left out: every method needs the logits.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { OnnxRead } from '#engine/compute/ops/formats/onnx.ts'
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { pointwise, using } from './pointwise.ts'

const read: OnnxRead = (node) => node.network.add('softmax', node.name, [node.flow()])

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
    reads: { Softmax: read, LogSoftmax: read },
    write: ({ emit, x, out }) => emit('Softmax', [x], out, { axis: -1 }),
  },
  tfjs: {
    reads: { Softmax: (node) => node.network.add('softmax', node.name, [node.flow()]) },
    layers: { Softmax: ({ network, name, input }) => network.add('softmax', name, [input]) },
    activations: { softmax: {} },
    write: ({ emit, name, x }) => emit('Softmax', name, [x]),
  },
}
