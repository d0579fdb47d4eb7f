// Average pooling. Attributes: size, stride, padding (see explicit-padding.ts), countPadding (padded zeros count; PyTorch's way, absent = they do not).
import type { Device, DeviceTensor, Padding, PoolOptions } from '#engine/compute/device.ts'
import type { GraphNode } from '#engine/compute/op.ts'
import type { OpModule } from '#engine/compute/ops/op-module.ts'
import { explicitPadding } from '#engine/compute/explicit-padding.ts'
import { onnxWindow, pool, readKerasPool, readTfjsPool, tfjsWindow } from './pool.ts'

const none: Padding = { top: 0, bottom: 0, left: 0, right: 0 }
const options = (node: GraphNode): PoolOptions => ({
  size: Number(node.attributes.size),
  stride: Number(node.attributes.stride),
  padding: none,
})

const padsOf = ({ top, bottom, left, right }: Padding) =>
  [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ] as const

/** What each output must be multiplied by so that only real pixels count. */
function correction(
  device: Device,
  node: GraphNode,
  [, h = 0, w = 0]: readonly number[],
  padding: Padding,
): DeviceTensor {
  const ones = device.fill([1, h, w, 1], 1)
  const padded = device.pad(ones, padsOf(padding))
  const share = device.avgPool(padded, options(node))
  const one = device.fill([1, 1, 1, 1], 1)
  const result = device.div(one, share)
  for (const tensor of [ones, padded, share, one]) tensor.dispose()
  return result
}

export const avgPool: OpModule = {
  saves: { inputs: [], output: false },
  forward({ device, node, x }) {
    const padding = explicitPadding(node, x.shape, Number(node.attributes.size))
    if (Object.values(padding).every((side) => side === 0)) return { output: device.avgPool(x, options(node)) }
    const padded = device.pad(x, padsOf(padding))
    const pooled = device.avgPool(padded, options(node))
    padded.dispose()
    if (node.attributes.countPadding === true) return { output: pooled }
    const factor = correction(device, node, x.shape, padding)
    const output = device.mul(pooled, factor)
    factor.dispose()
    pooled.dispose()
    return { output }
  },
  backward({ device, node, dy, xShape }) {
    const [n = 0, h = 0, w = 0, c = 0] = xShape
    const padding = explicitPadding(node, xShape, Number(node.attributes.size))
    const { top, bottom, left, right } = padding
    if (top + bottom + left + right === 0)
      return { inputs: [device.avgPoolGradient([n, h, w, c], dy, options(node))], params: {} }
    const factor = node.attributes.countPadding === true ? null : correction(device, node, xShape, padding)
    const scaled = factor ? device.mul(dy, factor) : dy
    const full = device.avgPoolGradient([n, h + top + bottom, w + left + right, c], scaled, options(node))
    const dx = device.slice(full, [0, top, left, 0], [n, h, w, c])
    factor?.dispose()
    if (scaled !== dy) scaled.dispose()
    full.dispose()
    return { inputs: [dx], params: {} }
  },
  ...pool,
  onnx: {
    reads: {
      AveragePool(node) {
        const window = onnxWindow(node)
        // What lies beyond the image because its size is rounded up never counts; what is padded may.
        const countPadding = node.int('count_include_pad', 0) === 1 && window.padding !== 0
        if (countPadding && 'ceil' in window)
          throw node.refused('rounds its size up (ceil_mode) and counts its padding')
        return node.network.add('avg-pool', node.name, [node.flow()], {
          ...window,
          ...(countPadding ? { countPadding } : {}),
        })
      },
    },
    write({ node, emit, number, pads, x, out }) {
      const [size, stride] = [number('size'), number('stride')]
      emit('AveragePool', [x], out, {
        kernel_shape: [size, size],
        strides: [stride, stride],
        pads: pads(size),
        count_include_pad: node.attributes.countPadding === true ? 1 : 0,
      })
    },
  },
  tfjs: {
    reads: { AvgPool: (node) => readTfjsPool('avg-pool', node) },
    layers: { AveragePooling2D: (layer) => readKerasPool('avg-pool', layer) },
    write({ node, emit, number, padded, inShape, name }) {
      const [size, stride] = [number('size'), number('stride')]
      const { top, bottom, left, right } = explicitPadding(node, [1, ...inShape], size)
      if (top + bottom + left + right > 0 && node.attributes.countPadding !== true)
        throw new Error('average pooling that leaves out its padding')
      return emit('AvgPool', name, [padded(size, 0)], tfjsWindow(size, size, stride, stride))
    },
  },
}
