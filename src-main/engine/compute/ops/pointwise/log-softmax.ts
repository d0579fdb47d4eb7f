// Logarithm of the softmax over the last axis. At the end of a network that is read it is left out, as the softmax is: every method needs the logits.
import { int32 } from '#engine/compute/ops/formats/tfjs.ts'
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { pointwise, using } from './pointwise.ts'
import { readOnnxSoftmax } from './softmax.ts'

export const logSoftmax: OpModule = {
  saves: { inputs: [], output: true },
  forward: ({ device, x }) => ({ output: device.logSoftmax(x) }),
  /** dx = dy - exp(y) sum(dy) */
  backward({ device, dy, output, xShape }) {
    const spread = using([device.exp(output()), device.sum(dy, [xShape.length - 1], true)], (share, total) =>
      device.mul(share, total),
    )
    return { inputs: [using([spread], (part) => device.sub(dy, part))], params: {} }
  },
  ...pointwise,
  onnx: {
    reads: { LogSoftmax: (node) => readOnnxSoftmax('log-softmax', node) },
    write: ({ emit, rank, x, out }) => emit('LogSoftmax', [x], out, { axis: rank === 4 ? 1 : -1 }),
  },
  tfjs: {
    reads: {},
    layers: {},
    /** x - max - log(sum(exp(x - max))), of ops that every converter has. */
    write({ emit, ints, inShape, name, x }) {
      const axis = ints(`${name} axis`, [inShape.length])
      const over = (op: string, what: string, value: string) =>
        emit(op, `${name} ${what}`, [value, axis], { keep_dims: { b: true }, Tidx: int32 })
      const below = emit('Sub', `${name} below`, [x, over('Max', 'largest', x)])
      const sum = over('Sum', 'sum', emit('Exp', `${name} powers`, [below]))
      return emit('Sub', name, [below, emit('Log', `${name} log`, [sum])])
    },
  },
}
