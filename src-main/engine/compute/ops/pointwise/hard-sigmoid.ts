// clip(alpha x + beta, 0, 1). Attributes: alpha (1/6), beta (1/2).
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { hardGate, hardSlope, writeOnnxGate, writeTfjsGate } from './hard-gate.ts'
import { fromInput, pointwise } from './pointwise.ts'

export const hardSigmoid: OpModule = {
  ...fromInput(hardGate, hardSlope),
  ...pointwise,
  onnx: {
    reads: {
      HardSigmoid: (node) =>
        node.network.add('hard-sigmoid', node.name, [node.flow()], {
          alpha: node.float('alpha', 0.2),
          beta: node.float('beta', 0.5),
        }),
    },
    write: (w) => writeOnnxGate(w, w.out),
  },
  tfjs: {
    reads: {},
    layers: {},
    activations: { hard_sigmoid: { attributes: { alpha: 0.2, beta: 0.5 } } },
    write: writeTfjsGate,
  },
}
