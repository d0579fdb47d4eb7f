// Product of two tensors, which may broadcast (squeeze and excitation), or of one and a parameter `weight` (a layer scale).
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { FileTensor } from '#engine/compute/ops/formats/network.ts'
import { numberOf } from '#engine/compute/ops/formats/tfjs.ts'
import { notCounted, type OpModule } from '#engine/compute/ops/op-module.ts'
import { sumTo } from './broadcast.ts'
import {
  inverted,
  joinedShape,
  joinProblem,
  readExpand,
  readOnnxJoin,
  readTfjsJoin,
  withConstant,
  withInverse,
} from './join.ts'

function gradient(device: Device, dy: DeviceTensor, other: DeviceTensor, shape: readonly number[]): DeviceTensor {
  const product = device.mul(dy, other)
  const summed = sumTo(device, product, shape)
  if (summed !== product) product.dispose()
  return summed
}

/** A setting of one number or of one per channel. */
const asTensor = (value: unknown): FileTensor => ({
  shape: Array.isArray(value) ? [value.length] : [1],
  data: Float32Array.from(Array.isArray(value) ? value.map((part) => numberOf(part)) : [numberOf(value)]),
})

export const multiply: OpModule = {
  saves: { inputs: [0, 1], output: false },
  forward: ({ device, node, x, input, param }) => ({
    output: device.mul(x, node.params.weight === undefined ? input(1) : param('weight')),
  }),
  backward({ device, node, dy, input, inputShapes, param, wantsInput, wantsParam }) {
    if (node.params.weight !== undefined) {
      const weight = param('weight')
      return {
        inputs: [wantsInput(0) ? device.mul(dy, weight) : null],
        params: wantsParam('weight') ? { weight: gradient(device, dy, input(0), weight.shape) } : {},
      }
    }
    return {
      inputs: inputShapes.map((shape, index) =>
        wantsInput(index) ? gradient(device, dy, input(1 - index), shape) : null,
      ),
      params: {},
    }
  },
  outputShape: joinedShape,
  flops: notCounted,
  checks: { inputs: joinProblem },
  onnx: {
    reads: {
      Mul: (node) => readOnnxJoin('multiply', node),
      Expand: readExpand,
      Div(node) {
        node.needed(1)
        return readOnnxJoin('multiply', node, inverted)
      },
    },
    write: (w) => w.emit('Mul', [w.x, w.hasParam('weight') ? w.perChannel('weight') : w.input(1)], w.out),
  },
  tfjs: {
    reads: {
      Mul: (node) => readTfjsJoin('multiply', node),
      RealDiv(node) {
        const constant = node.constant(1)
        return withInverse(node.network, 'multiply', node.name, node.flow(), constant)
      },
    },
    layers: {
      Multiply: ({ network, name, input, inputs }) =>
        inputs
          .slice(1)
          .reduce(
            (product, next) =>
              network.add('multiply', name, [product, next], {}, {}, { channels: product.channels ?? next.channels }),
            input,
          ),
      /** scale x + offset */
      Rescaling({ network, name, input, config }) {
        const scale = asTensor(config.scale ?? 1)
        const scaled = withConstant(network, 'multiply', name, input, `${name}/scale`, scale)
        return withConstant(network, 'add', `${name} offset`, scaled, `${name}/offset`, asTensor(config.offset ?? 0))
      },
    },
    write: (w) => w.emit('Mul', w.name, [w.x, w.hasParam('weight') ? w.param('weight') : w.input(1)]),
  },
}
