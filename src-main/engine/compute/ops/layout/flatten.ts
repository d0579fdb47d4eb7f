// [N, H, W, C] -> [N, C * H * W] in PyTorch's order (channels first), or with the attribute order 'nhwc' in TensorFlow's.
import type { Flow, NetworkBuilder } from '#engine/compute/ops/formats/network.ts'
import { int32, numberOf } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, type OpModule } from '#engine/compute/ops/op-module.ts'
import { elementCount, showShape } from '#engine/compute/shape.ts'

/** Features, of an image or of features; how many is known only where one pixel is left. */
export function flattened(network: NetworkBuilder, name: string, input: Flow, order: 'nchw' | 'nhwc' = 'nchw'): Flow {
  if (input.rank === 2) return input
  const channels = network.opOf(input) === 'global-mean' ? input.channels : null
  return network.add('flatten', name, [input], order === 'nhwc' ? { order } : {}, {}, { rank: 2, channels })
}

export const flatten: OpModule = {
  saves: { inputs: [], output: false },
  forward({ device, node, x }) {
    const [n = 0, ...rest] = x.shape
    const flat = [n, elementCount(rest)]
    if (x.shape.length < 4 || node.attributes.order === 'nhwc') return { output: device.reshape(x, flat) }
    const turned = device.transpose(x, [0, 3, 1, 2])
    const output = device.reshape(turned, flat)
    turned.dispose()
    return { output }
  },
  backward({ device, node, dy, xShape: shape }) {
    if (shape.length < 4 || node.attributes.order === 'nhwc') return { inputs: [device.reshape(dy, shape)], params: {} }
    const [n = 0, h = 0, w = 0, c = 0] = shape
    const turned = device.reshape(dy, [n, c, h, w])
    const dx = device.transpose(turned, [0, 2, 3, 1])
    turned.dispose()
    return { inputs: [dx], params: {} }
  },
  outputShape: ({ inputs: [first = []] }) => [elementCount(first)],
  flops: notCounted,
  checks: {},
  onnx: {
    // Read where a file gives a value other axes (onnx-view.ts).
    reads: {},
    write({ node, emit, rank, x, out }) {
      const last = node.attributes.order === 'nhwc' && rank === 4
      const from = last ? emit('Transpose', [x], `${out} last`, { perm: [0, 2, 3, 1] }) : x
      emit('Flatten', [from], out, { axis: 1 })
    },
  },
  tfjs: {
    reads: {
      Reshape(node) {
        const shape = node.constant(1).value.data
        if (shape.length !== 2) throw node.refused(`gives features ${shape.length} axes`)
        return flattened(node.network, node.name, node.flow(), 'nhwc')
      },
      Squeeze: (node) => flattened(node.network, node.name, node.flow(), 'nhwc'),
    },
    layers: {
      Flatten: ({ network, name, input }) => flattened(network, name, input, 'nhwc'),
      Reshape(layer) {
        const { network, name, input, config } = layer
        const wanted = Array.isArray(config.target_shape) ? config.target_shape.slice(0, 9).map((n) => numberOf(n)) : []
        if (wanted.length === 1) return flattened(network, name, input, 'nhwc')
        if (wanted.length === 3 && wanted[0] === 1 && wanted[1] === 1 && input.rank === 4) return input
        throw layer.refused(`gives features the shape ${showShape(wanted)}`)
      },
    },
    write({ node, emit, ints, inShape, outShape: [size = 0], name, x }) {
      const asTheyAre = node.attributes.order === 'nhwc' || inShape.length < 3
      const ordered = asTheyAre
        ? x
        : emit('Transpose', `${name} turned`, [x, ints(`${name} order`, [0, 3, 1, 2])], { Tperm: int32 })
      return emit('Reshape', name, [ordered, ints(`${name} shape`, [-1, size])], { Tshape: int32 })
    },
  },
}
