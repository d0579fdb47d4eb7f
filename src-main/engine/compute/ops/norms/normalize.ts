// (x - mean) / std per channel: the first node of every model, on pixels in [0, 1]. Attributes: mean, std (three numbers each).
import type { Device } from '#engine/compute/device.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import { notCounted, sameShape, type OpModule } from '#engine/compute/ops/op-module.ts'

const triple = (node: GraphNode, name: 'mean' | 'std') => node.attributes[name] as readonly number[]

function row(device: Device, values: readonly number[]) {
  return device.fromArray(Float32Array.from(values), [values.length])
}

export const normalize: OpModule = {
  saves: { inputs: [], output: false },
  forward({ device, node, x }) {
    const scale = row(
      device,
      triple(node, 'std').map((s) => 1 / s),
    )
    const offset = row(
      device,
      triple(node, 'mean').map(() => 0),
    )
    const mean = row(device, triple(node, 'mean'))
    const variance = row(
      device,
      triple(node, 'mean').map(() => 1),
    )
    const output = device.batchNormFixed(x, scale, offset, mean, variance, 0)
    for (const tensor of [scale, offset, mean, variance]) tensor.dispose()
    return { output }
  },
  backward({ device, node, dy }) {
    const scale = row(
      device,
      triple(node, 'std').map((s) => 1 / s),
    )
    const dx = device.mul(dy, scale)
    scale.dispose()
    return { inputs: [dx], params: {} }
  },
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
