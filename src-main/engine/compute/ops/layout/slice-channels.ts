// Some of the channels, side by side. Attributes: begin, size.
import type { Flow, NetworkBuilder } from '#engine/compute/ops/formats/network.ts'
import { int32 } from '#engine/compute/ops/formats/tfjs.ts'
import { isWhole, notCounted, type OpModule } from '#engine/compute/ops/op-module.ts'

const slice = (network: NetworkBuilder, name: string, input: Flow, begin: number, size: number): Flow =>
  network.add('slice-channels', name, [input], { begin, size }, {}, { channels: size })

export const sliceChannels: OpModule = {
  saves: { inputs: [], output: false },
  forward({ device, node, x }) {
    const outer = x.shape.slice(0, -1)
    return {
      output: device.slice(
        x,
        [...outer.map(() => 0), Number(node.attributes.begin)],
        [...outer, Number(node.attributes.size)],
      ),
    }
  },
  backward({ device, node, dy, xShape }) {
    const begin = Number(node.attributes.begin)
    const pads = xShape.map((size, axis) =>
      axis === xShape.length - 1 ? ([begin, size - begin - Number(node.attributes.size)] as const) : ([0, 0] as const),
    )
    return { inputs: [device.pad(dy, pads)], params: {} }
  },
  outputShape: ({ node, inputs: [first = []] }) => [...first.slice(0, -1), Number(node.attributes.size)],
  flops: notCounted,
  checks: {
    inputs({ node: { attributes }, inputs: [first = []] }) {
      const channels = first.at(-1) ?? 0
      return isWhole(attributes.begin, 0, channels) && isWhole(attributes.size, 1, channels - Number(attributes.begin))
        ? null
        : `takes channels beyond the ${channels} that there are`
    },
  },
  onnx: {
    reads: {
      Split(node) {
        const flow = node.flow()
        const axis = node.int('axis', 0)
        const { channels } = flow
        if ((axis !== 1 && axis !== -3) || channels === null)
          throw node.refused('splits along an axis other than the channels')
        const sizes = node.intsOf('split', 1) ?? node.outputs.map(() => channels / node.outputs.length)
        let begin = 0
        return node.outputs.map((_, index) => {
          const size = sizes[index] ?? 0
          if (!(size > 0 && begin + size <= channels)) throw node.refused('splits into parts that do not fit')
          begin += size
          return slice(node.network, `${node.name} ${index}`, flow, begin - size, size)
        })
      },
      Slice(node) {
        const [starts, ends] = [node.intsOf('starts', 1), node.intsOf('ends', 2)]
        const [axes, steps] = [node.intsOf('axes', 3), node.intsOf('steps', 4)]
        const flow = node.flow()
        const { channels } = flow
        if (starts?.length !== 1 || (axes?.[0] ?? 0) !== 1 || (steps?.[0] ?? 1) !== 1 || channels === null)
          throw node.refused('cuts along an axis other than the channels')
        const [from = 0, to = 0] = [starts[0], ends?.[0]]
        const begin = from < 0 ? from + channels : from
        const end = Math.min(channels, to < 0 ? to + channels : to)
        if (!(begin >= 0 && end > begin)) throw node.refused('cuts nothing out')
        return slice(node.network, node.name, flow, begin, end - begin)
      },
    },
    write({ emit, constant, number, x, out }) {
      const [begin, size] = [number('begin'), number('size')]
      emit(
        'Slice',
        [
          x,
          constant(`${out} from`, [begin], [1]),
          constant(`${out} to`, [begin + size], [1]),
          constant(`${out} axis`, [1], [1]),
        ],
        out,
      )
    },
  },
  tfjs: {
    reads: {},
    layers: {},
    write({ emit, ints, number, inShape, name, x }) {
      const begin = ints(`${name} begin`, [...inShape.map(() => 0), number('begin')])
      const size = ints(`${name} size`, [...inShape.map(() => -1), number('size')])
      return emit('Slice', name, [x, begin, size], { Index: int32 })
    },
  },
}
