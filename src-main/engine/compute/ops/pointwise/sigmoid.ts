// 1 / (1 + exp(-x))
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { fromInput, pointwise, sigmoidSlope, using } from './pointwise.ts'

export const sigmoid: OpModule = {
  ...fromInput(
    (device, x) => device.sigmoid(x),
    (device, x) => using([device.sigmoid(x)], (s) => sigmoidSlope(device, s)),
  ),
  ...pointwise,
  onnx: {
    reads: { Sigmoid: (node) => node.network.add('sigmoid', node.name, [node.flow()]) },
    write: ({ emit, x, out }) => emit('Sigmoid', [x], out),
  },
  tfjs: {
    reads: { Sigmoid: (node) => node.network.add('sigmoid', node.name, [node.flow()]) },
    layers: {},
    activations: { sigmoid: {} },
    write: ({ emit, name, x }) => emit('Sigmoid', name, [x]),
  },
}
