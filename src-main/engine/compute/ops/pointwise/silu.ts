// x sigmoid(x), also called Swish (Ramachandran et al., 2017).
import type { OnnxRead } from '#engine/compute/ops/formats/onnx.ts'
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { fromInput, pointwise, sigmoidSlope, using } from './pointwise.ts'

const read: OnnxRead = (node) => {
  if (node.float('alpha', 1) !== 1)
    throw node.refused(`has a slope (alpha) of ${node.float('alpha', 1)}, and only 1 is taken`)
  return node.network.add('silu', node.name, [node.flow()])
}

export const silu: OpModule = {
  ...fromInput(
    (device, x) => using([device.sigmoid(x)], (s) => device.mul(x, s)),
    (device, x) =>
      using([device.sigmoid(x)], (s) =>
        using([using([sigmoidSlope(device, s)], (slope) => device.mul(x, slope))], (rest) => device.add(s, rest)),
      ),
  ),
  ...pointwise,
  onnx: {
    reads: { Swish: read },
    write({ emit, x, out }) {
      emit('Sigmoid', [x], `${out} gate`)
      emit('Mul', [x, `${out} gate`], out)
    },
  },
  tfjs: {
    reads: {},
    layers: {},
    activations: { swish: {}, silu: {} },
    write: ({ emit, name, x }) => emit('Mul', name, [x, emit('Sigmoid', `${name} gate`, [x])]),
  },
}
