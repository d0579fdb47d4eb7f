// x hardSigmoid(x) (Howard et al., ICCV 2019). Attributes: alpha (1/6), beta (1/2).
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { hardGate, hardSlope, writeOnnxGate, writeTfjsGate } from './hard-gate.ts'
import { fromInput, pointwise, using } from './pointwise.ts'

export const hardSwish: OpModule = {
  ...fromInput(
    (device, x, node) => using([hardGate(device, x, node)], (gate) => device.mul(x, gate)),
    (device, x, node) =>
      using(
        [hardGate(device, x, node), using([hardSlope(device, x, node)], (slope) => device.mul(x, slope))],
        (gate, rest) => device.add(gate, rest),
      ),
  ),
  ...pointwise,
  onnx: {
    reads: {
      HardSwish: (node) => node.network.add('hard-swish', node.name, [node.flow()], { alpha: 1 / 6, beta: 0.5 }),
    },
    write: (w) => w.emit('Mul', [w.x, writeOnnxGate(w, `${w.out} gate`)], w.out),
  },
  tfjs: {
    reads: {},
    layers: {},
    write: (w) => {
      const gate = writeTfjsGate(w)
      return w.emit('Mul', w.name, [w.x, gate])
    },
  },
}
