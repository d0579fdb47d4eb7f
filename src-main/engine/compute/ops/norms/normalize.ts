// (x - mean) / std per channel: the first node of every model, on pixels in [0, 1]. Attributes: mean, std (three numbers each).
import type { Device } from '#engine/compute/device.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import { notCounted, sameShape, type OpModule } from '#engine/compute/ops/op-module.ts'

const triple = (node: GraphNode, name: 'mean' | 'std') => node.attributes[name] as readonly number[]

/** One number for each channel. */
const row = (device: Device, node: GraphNode, value: (mean: number, std: number) => number) =>
  device.constant(
    triple(node, 'mean').map((mean, c) => value(mean, triple(node, 'std')[c] as number)),
    [3],
  )

export const normalize: OpModule = {
  saves: { inputs: [], output: false },
  forward({ device, node, x }) {
    const inverse = row(device, node, (_, std) => 1 / std)
    const zero = row(device, node, () => 0)
    const mean = row(device, node, (its) => its)
    const one = row(device, node, () => 1)
    return { output: device.batchNormFixed(x, inverse, zero, mean, one, 0) }
  },
  backward: ({ device, node, dy }) => ({
    inputs: [
      device.mul(
        dy,
        row(device, node, (_, std) => 1 / std),
      ),
    ],
    params: {},
  }),
  outputShape: sameShape,
  flops: notCounted,
  checks: {},
  // Files that are read carry their normalisation beside the network, which becomes the first node whatever the file holds.
  onnx: {
    reads: {},
    write({ node, emit, constant, x, out }) {
      const centred = emit(
        'Sub',
        [x, constant('normalize/mean', Float32Array.from(triple(node, 'mean')), [3, 1, 1])],
        `${out} centred`,
      )
      emit('Div', [centred, constant('normalize/std', Float32Array.from(triple(node, 'std')), [3, 1, 1])], out)
    },
  },
  tfjs: {
    reads: {},
    layers: {},
    write({ node, emit, constant, name, x }) {
      const mean = constant('normalize mean', Float32Array.from(triple(node, 'mean')), [3])
      const centred = emit('Sub', `${name} centred`, [x, mean])
      return emit('RealDiv', name, [centred, constant('normalize std', Float32Array.from(triple(node, 'std')), [3])])
    },
  },
}
