// Rectifier. Its gradient is read off the output, so that the input need not stay alive.
import type { Op } from '#engine/compute/op.ts'

export const relu: Op = {
  saves: { inputs: [], output: true },
  forward: ({ device, inputs }) => ({ output: device.relu(inputs[0]!) }),
  backward: ({ device, dy, output }) => ({ inputs: [device.reluGradient(dy, output())], params: {} }),
}
