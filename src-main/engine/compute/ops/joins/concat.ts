// Concatenation of channels (the last axis).
import { channelsOfAll } from '#engine/compute/ops/formats/network.ts'
import { int32 } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, type OpModule } from '#engine/compute/ops/op-module.ts'
import { showShape } from '#engine/compute/shape.ts'

export const concat: OpModule = {
  saves: { inputs: [], output: false },
  forward: ({ device, x, inputs }) => ({ output: device.concat(inputs, x.shape.length - 1) }),
  backward({ device, dy, inputShapes, wantsInput }) {
    let begin = 0
    const inputs = inputShapes.map((shape, index) => {
      const from = begin
      begin += shape.at(-1) ?? 0
      return wantsInput(index) ? device.slice(dy, [...shape.slice(0, -1).map(() => 0), from], shape) : null
    })
    return { inputs, params: {} }
  },
  outputShape: ({ inputs }) => [
    ...(inputs[0] ?? []).slice(0, -1),
    inputs.reduce((sum, shape) => sum + (shape.at(-1) ?? 0), 0),
  ],
  flops: notCounted,
  checks: {
    inputs: ({ inputs: [first = [], ...others] }) =>
      others.every((shape) => shape.length === first.length && shape.slice(0, -1).every((n, axis) => n === first[axis]))
        ? null
        : `joins ${[first, ...others].map(showShape).join(' and ')}`,
  },
  onnx: {
    reads: {
      Concat(node) {
        const flows = [node.flow(), ...Array.from({ length: node.inputCount - 1 }, (_, i) => node.flow(i + 1))]
        if (flows.length === 1) return node.flow()
        const ranks = new Set(flows.map(({ rank }) => rank))
        if (ranks.size > 1) throw node.refused('joins features of different kinds')
        if (node.axis(1, node.dims().length) !== (flows[0]?.rank === 3 ? 2 : 1))
          throw node.refused('joins along an axis other than the channels')
        return node.network.add('concat', node.name, flows, {}, {}, { channels: channelsOfAll(flows) })
      },
    },
    write: (w) =>
      w.emit(
        'Concat',
        w.node.inputs.map((_, index) => w.input(index)),
        w.out,
        { axis: 1 },
      ),
  },
  tfjs: {
    reads: {
      ConcatV2(node) {
        const parts = Array.from({ length: node.inputCount - 1 }, (_, index) => node.flow(index))
        const axis = node.constant(parts.length).value.data[0]
        const [first = node.flow()] = parts
        if (axis !== -1 && axis !== first.rank - 1) throw node.refused('joins along an axis other than the channels')
        const channels = parts.reduce((sum, part) => sum + (part.channels ?? 0), 0)
        return node.network.add('concat', node.name, parts, {}, {}, { channels })
      },
    },
    layers: {
      Concatenate(layer) {
        if (![-1, 3].includes(layer.number('axis', -1)))
          throw layer.refused('joins along an axis other than the channels')
        const channels = layer.inputs.reduce((sum, part) => sum + (part.channels ?? 0), 0)
        return layer.network.add('concat', layer.name, layer.inputs, {}, {}, { channels })
      },
    },
    write: (w) =>
      w.emit(
        'ConcatV2',
        w.name,
        [
          ...w.node.inputs.map((_, index) => w.input(index)),
          w.constant(`${w.name} axis`, Int32Array.of(w.inShape.length), []),
        ],
        { N: { i: String(w.node.inputs.length) }, Tidx: int32 },
      ),
  },
}
