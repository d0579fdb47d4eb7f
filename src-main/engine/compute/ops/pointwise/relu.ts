// Rectifier. Its gradient is read off the output, so that the input need not stay alive.
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { onnxLimits } from './clip.ts'
import { pointwise } from './pointwise.ts'

export const relu: OpModule = {
  saves: { inputs: [], output: true },
  forward: ({ device, x }) => ({ output: device.relu(x) }),
  backward: ({ device, dy, output }) => ({ inputs: [device.reluGradient(dy, output())], params: {} }),
  ...pointwise,
  onnx: {
    reads: {
      Relu: (node) => node.network.add('relu', node.name, [node.flow()]),
      Clip(node) {
        const { low, high } = onnxLimits(node)
        if (low !== 0 || high !== Number.POSITIVE_INFINITY) return undefined
        return node.network.add('relu', node.name, [node.flow()])
      },
    },
    write: ({ emit, x, out }) => emit('Relu', [x], out),
  },
  tfjs: {
    reads: { Relu: (node) => node.network.add('relu', node.name, [node.flow()]) },
    layers: {
      /** With a largest value it is a `clip`. */
      ReLU({ network, name, input, config, number }) {
        return config.max_value === null || config.max_value === undefined
          ? network.add('relu', name, [input])
          : network.add('clip', name, [input], { min: 0, max: number('max_value') })
      },
    },
    activations: { relu: {} },
    write: ({ emit, name, x }) => emit('Relu', name, [x]),
  },
}
