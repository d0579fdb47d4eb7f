// [N, C] -> [N, 1, 1, C]: features as an image of one pixel, so that they can weigh an image's channels (squeeze and excitation by linear layers).
import { int32 } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, type OpModule } from '#engine/compute/ops/op-module.ts'
import { showShape } from '#engine/compute/shape.ts'

export const toPixel: OpModule = {
  saves: { inputs: [], output: false },
  forward: ({ device, x }) => ({ output: device.reshape(x, [x.shape[0] ?? 0, 1, 1, x.shape[1] ?? 0]) }),
  backward: ({ device, dy, xShape }) => ({ inputs: [device.reshape(dy, xShape)], params: {} }),
  outputShape: ({ inputs: [[c = 0] = []] }) => [1, 1, c],
  flops: notCounted,
  checks: {
    inputs: ({ inputs: [first = []] }) =>
      first.length === 1 ? null : `takes features, and ${showShape(first)} comes in`,
  },
  onnx: {
    // Read where a file gives features new axes (onnx-view.ts).
    reads: {},
    write: ({ emit, constant, inShape: [c = 0], x, out }) =>
      emit('Reshape', [x, constant(`${out} shape`, [0, c, 1, 1], [4])], out),
  },
  tfjs: {
    reads: {},
    layers: {},
    write: ({ emit, ints, inShape: [c = 0], name, x }) =>
      emit('Reshape', name, [x, ints(`${name} shape`, [-1, 1, 1, c])], { Tshape: int32 }),
  },
}
