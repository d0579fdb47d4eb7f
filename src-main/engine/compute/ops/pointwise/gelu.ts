// x Phi(x), the exact form (Hendrycks & Gimpel, 2016).
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { geluReads } from './onnx-gelu.ts'
import { fromInput, pointwise, using } from './pointwise.ts'

/** The normal distribution's share below x. */
const below = (device: Device, x: DeviceTensor) =>
  using([using([using([device.scale(x, Math.SQRT1_2)], (z) => device.erf(z))], (e) => device.scale(e, 0.5))], (half) =>
    device.addScalar(half, 0.5),
  )

export const gelu: OpModule = {
  ...fromInput(
    (device, x) => using([below(device, x)], (share) => device.mul(x, share)),
    (device, x) => {
      const density = using(
        [
          using([using([device.square(x)], (square) => device.scale(square, -0.5))], (exponent) =>
            device.exp(exponent),
          ),
        ],
        (bell) => device.scale(bell, 1 / Math.sqrt(2 * Math.PI)),
      )
      return using([below(device, x), using([density], (d) => device.mul(x, d))], (share, rest) =>
        device.add(share, rest),
      )
    },
  ),
  ...pointwise,
  onnx: {
    reads: {
      ...geluReads,
      Gelu(node) {
        if ((node.text('approximate') ?? 'none') !== 'none') throw node.refused('is the tanh approximation')
        return node.network.add('gelu', node.name, [node.flow()])
      },
    },
    write({ emit, constant, x, out }) {
      emit('Mul', [x, constant(`${out} root`, Float32Array.of(Math.SQRT1_2), [])], `${out} z`)
      emit('Erf', [`${out} z`], `${out} erf`)
      emit('Add', [`${out} erf`, constant(`${out} one`, Float32Array.of(1), [])], `${out} share`)
      emit('Mul', [x, `${out} share`], `${out} twice`)
      emit('Mul', [`${out} twice`, constant(`${out} half`, Float32Array.of(0.5), [])], out)
    },
  },
  tfjs: {
    reads: {},
    layers: {},
    activations: { gelu: {} },
    write({ emit, scalar, name, x }) {
      const share = emit('AddV2', `${name} share`, [
        emit('Erf', `${name} erf`, [emit('Mul', `${name} z`, [x, scalar(`${name} root`, Math.SQRT1_2)])]),
        scalar(`${name} one`, 1),
      ])
      return emit('Mul', name, [emit('Mul', `${name} twice`, [x, share]), scalar(`${name} half`, 0.5)])
    },
  },
}
