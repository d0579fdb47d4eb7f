// One token of a row, as the features of a whole image.
import { cannotWrite } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, type OpModule } from '#engine/compute/ops/op-module.ts'

/** [N, T, D] -> [N, D]: the token at `index` (0). */
export const takeToken: OpModule = {
  saves: { inputs: [], output: false },
  forward({ device, node, x }) {
    const [n = 0, , d = 0] = x.shape
    const one = device.slice(x, [0, Number(node.attributes.index ?? 0), 0], [n, 1, d])
    const output = device.reshape(one, [n, d])
    one.dispose()
    return { output }
  },
  backward({ device, node, dy, xShape }) {
    const [n = 0, t = 0, d = 0] = xShape
    const index = Number(node.attributes.index ?? 0)
    const one = device.reshape(dy, [n, 1, d])
    const dx = device.pad(one, [
      [0, 0],
      [index, t - index - 1],
      [0, 0],
    ])
    one.dispose()
    return { inputs: [dx], params: {} }
  },
  outputShape: ({ inputs: [shape] }) => [shape?.[1] ?? 0],
  flops: notCounted,
  checks: {},
  onnx: {
    reads: {},
    write: ({ emit, constant, number, x, out }) =>
      emit('Gather', [x, constant(`${out} index`, [number('index')], [])], out, { axis: 1 }),
  },
  tfjs: { reads: {}, layers: {}, write: cannotWrite('attention') },
}
