// Sum of two tensors (the join of a residual block), which may broadcast; or of one and a parameter `bias` (a position embedding).
import { notCounted, type OpModule } from '#engine/compute/ops/op-module.ts'
import type { TfjsRead } from '#engine/compute/ops/formats/tfjs.ts'
import { sumTo } from './broadcast.ts'
import { joinedShape, joinProblem, readOnnxJoin, negated, readTfjsJoin, withInverse } from './join.ts'

const readTfjs: TfjsRead = (node) => readTfjsJoin('add', node)

export const add: OpModule = {
  saves: { inputs: [], output: false },
  forward: ({ device, node, x, input, param }) => ({
    output: device.add(x, node.params.bias === undefined ? input(1) : param('bias')),
  }),
  backward({ device, node, dy, inputShapes, param, wantsInput, wantsParam }) {
    const inputs = inputShapes.map((shape, index) => (wantsInput(index) ? sumTo(device, dy, shape) : null))
    if (node.params.bias === undefined || !wantsParam('bias')) return { inputs, params: {} }
    const bias = sumTo(device, dy, param('bias').shape)
    return { inputs, params: { bias: bias === dy ? device.scale(dy, 1) : bias } } // what is given to the caller is nobody else's
  },
  outputShape: joinedShape,
  flops: notCounted,
  checks: { inputs: joinProblem },
  onnx: {
    reads: {
      Add: (node) => readOnnxJoin('add', node),
      /** a - b as a + (-b), whichever of the two is a constant. */
      Sub(node) {
        if (node.value(1)?.kind === 'constant') return readOnnxJoin('add', node, negated)
        const minus = node.network.tensor(`${node.name} sign`, 'other', { shape: [1], data: Float32Array.of(-1) })
        const b = node.network.add('multiply', `${node.name} negated`, [node.flow(1)], {}, { weight: minus })
        if (node.value(0)?.kind !== 'constant') return node.network.add('add', node.name, [node.flow(0), b])
        return readOnnxJoin('add', { ...node, value: (index) => (index === 1 ? b : node.value(index)), flow: () => b })
      },
    },
    write: (w) => w.emit('Add', [w.x, w.hasParam('bias') ? w.perChannel('bias') : w.input(1)], w.out),
  },
  tfjs: {
    reads: {
      BiasAdd: readTfjs,
      Add: readTfjs,
      AddV2: readTfjs,
      Sub(node) {
        const constant = node.constant(1)
        return withInverse(node.network, 'add', node.name, node.flow(), constant)
      },
    },
    layers: {
      Add: ({ network, name, input, inputs }) =>
        inputs.slice(1).reduce((sum, next) => network.add('add', name, [sum, next]), input),
    },
    write: (w) => w.emit('AddV2', w.name, [w.x, w.hasParam('bias') ? w.param('bias') : w.input(1)]),
  },
}
