// Clipping to [min, max]; ReLU6 with the attributes' usual values. Attributes: min (0), max (6). The gradient is read off the output.
import type { OnnxNodeReader } from '#engine/compute/ops/formats/onnx.ts'
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { inside, number, pointwise, using } from './pointwise.ts'

/** By input, or before opset 11 by attribute. */
export const onnxLimits = (node: OnnxNodeReader): { low: number; high: number } => ({
  low: node.constant(1)?.value.data[0] ?? node.float('min', Number.NEGATIVE_INFINITY),
  high: node.constant(2)?.value.data[0] ?? node.float('max', Number.POSITIVE_INFINITY),
})

export const clip: OpModule = {
  saves: { inputs: [], output: true },
  forward: ({ device, node, x }) => ({ output: device.clip(x, number(node, 'min', 0), number(node, 'max', 6)) }),
  backward: ({ device, node, dy, output }) => ({
    inputs: [
      using([inside(device, output(), number(node, 'min', 0), number(node, 'max', 6))], (mask) => device.mul(dy, mask)),
    ],
    params: {},
  }),
  ...pointwise,
  onnx: {
    reads: {
      Clip(node) {
        const { low, high } = onnxLimits(node)
        return node.network.add('clip', node.name, [node.flow()], {
          min: Math.max(low, -3e38),
          max: Math.min(high, 3e38),
        })
      },
    },
    write: (w) =>
      w.emit(
        'Clip',
        [
          w.x,
          w.constant(`${w.out} min`, Float32Array.of(w.number('min', 0)), []),
          w.constant(`${w.out} max`, Float32Array.of(w.number('max', 6)), []),
        ],
        w.out,
      ),
  },
  tfjs: {
    reads: { Relu6: (node) => node.network.add('clip', node.name, [node.flow()], { min: 0, max: 6 }) },
    layers: {},
    activations: { relu6: { attributes: { min: 0, max: 6 }, suffix: 'relu6' } },
    write: (w) =>
      w.emit('ClipByValue', w.name, [
        w.x,
        w.scalar(`${w.name} min`, w.number('min')),
        w.scalar(`${w.name} max`, w.number('max', 6)),
      ]),
  },
}
