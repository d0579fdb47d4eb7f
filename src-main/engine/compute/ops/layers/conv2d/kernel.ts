// How a convolution computes: whole, in groups, or depthwise, which has kernels of its own.
import type { ConvOptions, Device, DeviceTensor } from '#engine/compute/device.ts'
import type { GraphNode, OpKernel } from '#engine/compute/op.ts'
import { explicitPadding } from '#engine/compute/explicit-padding.ts'

function options(node: GraphNode, inputShape: readonly number[], weightShape: readonly number[]): ConvOptions {
  const dilation = Number(node.attributes.dilation ?? 1)
  return {
    stride: Number(node.attributes.stride ?? 1),
    padding: explicitPadding(node, inputShape, weightShape[0] ?? 1),
    ...(dilation === 1 ? {} : { dilation }),
  }
}

/** Where every input channel is a group, the kernels for that are quicker: [kh, kw, 1, C * M] read as [kh, kw, C, M], the same values in the same order. */
function depthwiseShape(inputShape: readonly number[], weightShape: readonly number[]): readonly number[] | null {
  const channels = inputShape[3] ?? 0
  const [kh = 0, kw = 0, perGroup = 0, out = 0] = weightShape
  return perGroup === 1 && channels > 1 ? [kh, kw, channels, out / channels] : null
}

/** Lends the weight in the shape that the depthwise kernels want. */
function asDepthwise<T>(
  device: Device,
  weight: DeviceTensor,
  shape: readonly number[],
  work: (weight: DeviceTensor) => T,
): T {
  const shaped = device.reshape(weight, shape)
  try {
    return work(shaped)
  } finally {
    shaped.dispose()
  }
}

export const conv2dKernel: OpKernel = {
  saves: { inputs: [0], output: false },
  forward({ device, node, x, param }) {
    const weight = param('weight')
    const depthwise = depthwiseShape(x.shape, weight.shape)
    const given = options(node, x.shape, weight.shape)
    const y = depthwise
      ? asDepthwise(device, weight, depthwise, (shaped) => device.depthwiseConv2d(x, shaped, given))
      : device.conv2d(x, weight, given)
    if (node.params.bias === undefined) return { output: y }
    const output = device.add(y, param('bias'))
    y.dispose()
    return { output }
  },
  backward({ device, node, dy, input, xShape: shape, param, wantsInput, wantsParam }) {
    const weight = param('weight')
    const given = options(node, shape, weight.shape)
    const depthwise = depthwiseShape(shape, weight.shape)
    const dx = () =>
      depthwise
        ? asDepthwise(device, weight, depthwise, (shaped) =>
            device.depthwiseConv2dInputGradient(shape, shaped, dy, given),
          )
        : device.conv2dInputGradient(shape, weight, dy, given)
    const dw = () => {
      if (!depthwise) return device.conv2dWeightGradient(input(0), weight.shape, dy, given)
      const gradient = device.depthwiseConv2dWeightGradient(input(0), depthwise, dy, given)
      const shaped = device.reshape(gradient, weight.shape)
      gradient.dispose()
      return shaped
    }
    return {
      inputs: [wantsInput(0) ? dx() : null],
      params: {
        ...(wantsParam('weight') ? { weight: dw() } : {}),
        ...(wantsParam('bias') ? { bias: device.sum(dy, [0, 1, 2]) } : {}),
      },
    }
  },
}
