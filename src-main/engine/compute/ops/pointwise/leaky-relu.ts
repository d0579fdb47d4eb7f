// Leaky rectifier (Maas et al., ICML 2013). Attribute: slope (0.01) below zero.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { numberOf } from '#engine/compute/ops/formats/tfjs.ts'
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { fromInput, number, pointwise, using } from './pointwise.ts'

/** 1 above zero, `slope` elsewhere. */
function slopeOf(device: Device, x: DeviceTensor, slope: number): DeviceTensor {
  const positive = using([device.relu(x)], (rectified) => device.sign(rectified))
  return using([using([positive], (sign) => device.scale(sign, 1 - slope))], (scaled) =>
    device.addScalar(scaled, slope),
  )
}

export const leakyRelu: OpModule = {
  ...fromInput(
    (device, x, node) => using([slopeOf(device, x, number(node, 'slope', 0.01))], (slope) => device.mul(x, slope)),
    (device, x, node) => slopeOf(device, x, number(node, 'slope', 0.01)),
  ),
  ...pointwise,
  onnx: {
    reads: {
      LeakyRelu: (node) =>
        node.network.add('leaky-relu', node.name, [node.flow()], { slope: node.float('alpha', 0.01) }),
    },
    write: ({ emit, x, out, number: attribute }) =>
      emit('LeakyRelu', [x], out, { alpha: { float: attribute('slope', 0.01) } }),
  },
  tfjs: {
    reads: {
      LeakyRelu: (node) =>
        node.network.add('leaky-relu', node.name, [node.flow()], { slope: node.float('alpha', 0.2) }),
    },
    layers: {
      LeakyReLU: ({ network, name, input, config }) =>
        network.add('leaky-relu', name, [input], { slope: numberOf(config.alpha ?? config.negative_slope, 0.3) }),
    },
    write: ({ emit, name, x, number: attribute }) =>
      emit('LeakyRelu', name, [x], { alpha: { f: attribute('slope', 0.01) } }),
  },
}
