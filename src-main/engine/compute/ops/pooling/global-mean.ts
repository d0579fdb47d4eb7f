// Global average pooling: [N, H, W, C] -> [N, C], or [N, 1, 1, C] with the attribute keep.
import type { Flow, NetworkBuilder } from '#engine/compute/ops/formats/network.ts'
import { isChannelsLast } from '#engine/compute/ops/formats/onnx-view.ts'
import { int32 } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, takesImages, type OpModule } from '#engine/compute/ops/op-module.ts'

const addGlobalMean = (network: NetworkBuilder, name: string, input: Flow, keep: boolean): Flow =>
  network.add('global-mean', name, [input], keep ? { keep } : {}, {}, keep ? {} : { rank: 2 })

/** Axes in order, those counted from the end as if from the beginning. */
const sortedAxes = (axes: readonly number[], rank = 4) =>
  axes
    .map((axis) => (axis < 0 ? axis + rank : axis))
    .sort((a, b) => a - b)
    .join()

export const globalMean: OpModule = {
  saves: { inputs: [], output: false },
  forward: ({ device, node, x }) => ({ output: device.mean(x, [1, 2], node.attributes.keep === true) }),
  backward({ device, dy, xShape }) {
    const [n = 0, h = 0, w = 0, c = 0] = xShape
    const spread = device.constant(new Array<number>(h * w).fill(1 / (h * w)), [1, h, w, 1])
    const shaped = device.reshape(dy, [n, 1, 1, c])
    const dx = device.mul(shaped, spread)
    shaped.dispose()
    return { inputs: [dx], params: {} }
  },
  outputShape: ({ node, inputs: [first = []] }) => {
    const channels = first[2] ?? 0
    return node.attributes.keep === true ? [1, 1, channels] : [channels]
  },
  flops: notCounted,
  checks: { inputs: takesImages },
  onnx: {
    reads: {
      GlobalAveragePool: (node) => addGlobalMean(node.network, node.name, node.flow(), true),
      ReduceMean(node) {
        const axes = node.intsOf('axes', 1) ?? []
        if (axes.length === 0 && node.int('noop_with_empty_axes', 0) === 1) return node.value(0)
        const value = node.value(0)
        const keep = node.int('keepdims', 1) === 1
        const dims = node.dims()
        const [images, channels] = dims
        const over = sortedAxes(axes, dims.length)
        // All pixels in one axis, or in two.
        const rows = value?.kind === 'view' && value.order === 'first' && dims.length === 3 && over === '2'
        if (rows && images === node.batch && channels === value.flow.channels && value.flow.rank === 4) {
          const mean = addGlobalMean(node.network, node.name, value.flow, false)
          return keep ? node.shaped(mean, [node.batch, channels ?? 0, 1]) : mean
        }
        const last = isChannelsLast(value, node.batch)
        const flow = last ? value.flow : node.flow()
        if (flow.rank !== 4 || over !== (last ? '1,2' : '2,3'))
          throw node.refused('averages over axes other than height and width')
        const mean = addGlobalMean(node.network, node.name, flow, keep)
        return last && keep ? node.shaped(mean, [node.batch, 1, 1, mean.channels ?? 0]) : mean
      },
    },
    write: ({ node, emit, x, out }) =>
      emit('ReduceMean', [x], out, { axes: [2, 3], keepdims: node.attributes.keep === true ? 1 : 0 }),
  },
  tfjs: {
    reads: {
      Mean(node) {
        if (sortedAxes(node.few(1)) !== '1,2') throw node.refused('averages over axes other than height and width')
        return addGlobalMean(node.network, node.name, node.flow(), node.flag('keep_dims'))
      },
    },
    layers: {
      GlobalAveragePooling2D: ({ network, name, input, config }) =>
        addGlobalMean(network, name, input, config.keepdims === true),
    },
    write: ({ node, emit, ints, name, x }) =>
      emit('Mean', name, [x, ints(`${name} axes`, [1, 2])], {
        keep_dims: { b: node.attributes.keep === true },
        Tidx: int32,
      }),
  },
}
