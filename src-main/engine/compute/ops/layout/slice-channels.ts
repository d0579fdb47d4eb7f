// Some of the channels, side by side. Attributes: begin, size.
import type { Flow, NetworkBuilder } from '#engine/compute/ops/formats/network.ts'
import { onnxCuts } from './onnx-cuts.ts'
import type { OnnxNodeReader, OnnxValue, PendingValue } from '#engine/compute/ops/formats/onnx.ts'
import { int32 } from '#engine/compute/ops/formats/tfjs.ts'
import { isWhole, notCounted, type OpModule } from '#engine/compute/ops/op-module.ts'

const mostPicked = 64

const slice = (network: NetworkBuilder, name: string, input: Flow, begin: number, size: number): Flow =>
  network.add('slice-channels', name, [input], { begin, size }, {}, { channels: size })

/** With the channels before the batch, on the way to picking some. */
const turnedAgain = (flow: Flow): PendingValue => ({ kind: 'pending', op: 'slice-channels', flow, state: {} })
const isTurned = (value: OnnxValue | null): value is PendingValue =>
  value?.kind === 'pending' && value.op === 'slice-channels'

/** The channels with these numbers, in this order. */
function picked(node: OnnxNodeReader, flow: Flow, numbers: ArrayLike<number>): Flow {
  const { channels } = flow
  if (channels === null || numbers.length > mostPicked)
    throw node.refused('picks too many parts of an image or feature')
  const places = Array.from(numbers, (at) => (at < 0 ? at + channels : at))
  if (places.length === 0 || !places.every((at) => Number.isInteger(at) && at >= 0 && at < channels))
    throw node.refused(`picks channels that are not among the ${channels}`)
  const parts = places.map((at) => slice(node.network, `${node.name} ${at}`, flow, at, 1))
  const [one] = parts
  return parts.length === 1 && one ? one : node.network.add('concat', node.name, parts)
}

/** All channels from the last to the first, where a Slice takes them so; else null. */
function backwards(node: OnnxNodeReader): number[] | null {
  const [starts, ends, axes, steps] = ['starts', 'ends', 'axes', 'steps'].map((name, i) => node.intsOf(name, i + 1))
  const dims = node.dims()
  const channels = dims[1] ?? 0
  const axis = axes?.[0] ?? 0
  const start = starts?.[0] ?? 0
  const [from, to] = [start < 0 ? start + channels : start, ends?.[0] ?? 0]
  const all = from >= channels - 1 && to < -channels
  return starts?.length === 1 &&
    steps?.[0] === -1 &&
    (axis < 0 ? axis + dims.length : axis) === 1 &&
    dims.length !== 3 &&
    all
    ? Array.from({ length: channels }, (_, i) => channels - 1 - i)
    : null
}

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
        const { channels } = flow
        if (node.axis(0, node.dims().length) !== (flow.rank === 3 ? 2 : 1) || channels === null)
          throw node.refused('splits along an axis other than the channels')
        // Unevenly since opset 18 only, where the number of parts is said.
        const parts = node.int('num_outputs', 0)
        const each = parts > 0 ? Math.ceil(channels / parts) : channels / node.outputs.length
        const sizes = node.intsOf('split', 1) ?? node.outputs.map((_, index) => Math.min(each, channels - index * each))
        if (sizes.reduce((sum, size) => sum + size, 0) !== channels || sizes.length !== node.outputs.length)
          throw node.refused('splits into parts that do not fit')
        let begin = 0
        return node.outputs.map((_, index) => {
          const size = sizes[index] ?? 0
          if (!Number.isInteger(size) || size < 1) throw node.refused('splits into parts that do not fit')
          begin += size
          return slice(node.network, `${node.name} ${index}`, flow, begin - size, size)
        })
      },
      Slice(node) {
        const flow = node.flow()
        const reversed = backwards(node)
        if (reversed) return picked(node, flow, reversed)
        const cut = onnxCuts(node)
        if (cut.length === 0) return flow
        const [one] = cut
        if (!one || cut.length > 1 || one.axis !== (flow.rank === 3 ? 2 : 1) || one.step !== 1)
          throw node.refused('cuts along an axis other than the channels')
        if (one.count < 1) throw node.refused('cuts nothing out')
        return slice(node.network, node.name, flow, one.from, one.count)
      },
      /** Channels by their numbers: one for all others (BGR), or one alone. */
      Gather(node) {
        const { value } = node.needed(1)
        const first = node.value(0)
        if (isTurned(first))
          return node.axis(0, 4) === 0 ? turnedAgain(picked(node, first.flow, value.data)) : undefined
        const flow = node.flow()
        if (node.axis(0, node.dims().length) !== 1 || flow.rank === 3 || value.shape.length > 1)
          throw node.refused('picks parts of an image or feature')
        const dims = node.dims()
        const result = picked(node, flow, value.data)
        return value.shape.length === 1 ? result : node.shaped(result, [dims[0] ?? 0, ...dims.slice(2)])
      },
      /** The same as PyTorch's newer exporter writes it: channels put before the batch, picked there, and put back. */
      Transpose(node) {
        if (node.ints('perm')?.join() !== '1,0,2,3') return undefined
        const value = node.value(0)
        if (isTurned(value)) return value.flow
        return value?.kind === 'flow' && value.rank === 4 ? turnedAgain(value) : undefined
      },
      GatherND(node) {
        const value = node.value(0)
        const { value: indices } = node.needed(1)
        const rows = indices.shape.length === 2 && indices.shape[1] === 1
        if (!isTurned(value) || !rows || node.int('batch_dims', 0) !== 0) return undefined
        return turnedAgain(picked(node, value.flow, indices.data))
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
