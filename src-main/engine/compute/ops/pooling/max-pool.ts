// Max pooling. Attributes: size, stride, padding (see explicit-padding.ts; padding never wins a maximum).
import type { PoolOptions } from '#engine/compute/device.ts'
import { explicitPadding } from '#engine/compute/explicit-padding.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { onnxWindow, pool, readKerasPool, readTfjsPool, tfjsWindow } from './pool.ts'

function options(node: GraphNode, inputShape: readonly number[]): PoolOptions {
  const size = Number(node.attributes.size)
  return { size, stride: Number(node.attributes.stride), padding: explicitPadding(node, inputShape, size) }
}

/** Less than any activation, and within float32. */
const lowest = -3.4e38

export const maxPool: OpModule = {
  saves: { inputs: [0], output: true },
  forward: ({ device, node, x }) => ({ output: device.maxPool(x, options(node, x.shape)) }),
  backward: ({ device, node, dy, input, xShape, output }) => ({
    inputs: [device.maxPoolGradient(input(0), output(), dy, options(node, xShape))],
    params: {},
  }),
  ...pool,
  onnx: {
    reads: { MaxPool: (node) => node.network.add('max-pool', node.name, [node.flow()], onnxWindow(node)) },
    write({ emit, number, pads, x, out }) {
      const [size, stride] = [number('size'), number('stride')]
      emit('MaxPool', [x], out, { kernel_shape: [size, size], strides: [stride, stride], pads: pads(size) })
    },
  },
  tfjs: {
    reads: { MaxPool: (node) => readTfjsPool('max-pool', node) },
    layers: { MaxPooling2D: (layer) => readKerasPool('max-pool', layer) },
    write({ emit, number, padded, name }) {
      const [size, stride] = [number('size'), number('stride')]
      return emit('MaxPool', name, [padded(size, lowest)], {
        ...tfjsWindow(size, size, stride, stride),
        explicit_paddings: { list: {} },
      })
    },
  },
}
