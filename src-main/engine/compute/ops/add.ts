// Sum of two tensors of one shape (the join of a residual block). The gradient goes to both unchanged.
import type { Op } from '../op.ts'

export const add: Op = {
  saves: { inputs: [], output: false },
  forward: ({ device, inputs }) => ({ output: device.add(inputs[0]!, inputs[1]!) }),
  backward: ({ dy, wantsInput }) => ({ inputs: [wantsInput(0) ? dy : null, wantsInput(1) ? dy : null], params: {} }),
}
