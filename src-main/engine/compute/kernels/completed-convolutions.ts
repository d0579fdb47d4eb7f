// What TensorFlow's own convolutions for processors lack, and oneDNN's and cuDNN's have: gradients in groups, and (with gradients, or depthwise) dilation.
// Builds without oneDNN (processors other than x86) and whoever switches it off compute them here, from what the own ones have.
import type { ConvOptions, Device, DeviceTensor } from '#engine/compute/device.ts'

export type Convolutions = Pick<
  Device,
  | 'conv2d'
  | 'conv2dInputGradient'
  | 'conv2dWeightGradient'
  | 'depthwiseConv2d'
  | 'depthwiseConv2dInputGradient'
  | 'depthwiseConv2dWeightGradient'
>
type Views = Pick<Device, 'slice' | 'concat' | 'stridedSlice' | 'stridedSliceGradient'>

/** Of a filter [kh, kw, C / groups, out] on so many channels. */
export const groupsOf = (channels: number, weightShape: readonly number[]): number =>
  channels / (weightShape[2] ?? channels)

export const isDilated = ({ dilation = 1 }: ConvOptions): boolean => dilation > 1

const undilated = ({ stride, padding }: ConvOptions): ConvOptions => ({ stride, padding })

/** The same results as those of the kernels `own`, for what they refuse. */
export function completedConvolutions(own: Convolutions, views: Views): Convolutions {
  /** The last axis in `groups` pieces, which are the caller's. */
  function piecesOf(x: DeviceTensor, groups: number): DeviceTensor[] {
    const before = x.shape.slice(0, -1)
    const width = (x.shape.at(-1) ?? 0) / groups
    return Array.from({ length: groups }, (_, group) =>
      views.slice(x, [...before.map(() => 0), group * width], [...before, width]),
    )
  }

  /** What `gradient` gives for each group's share of the channels of both, side by side. */
  function inGroups(
    a: DeviceTensor,
    b: DeviceTensor,
    groups: number,
    gradient: (a: DeviceTensor, b: DeviceTensor) => DeviceTensor,
  ): DeviceTensor {
    if (groups === 1) return gradient(a, b)
    const [ofA, ofB] = [piecesOf(a, groups), piecesOf(b, groups)]
    const parts = ofA.map((piece, group) => gradient(piece, ofB[group] as DeviceTensor))
    const whole = views.concat(parts, 3)
    for (const tensor of [...ofA, ...ofB, ...parts]) tensor.dispose()
    return whole
  }

  /** The shape of a filter whose taps lie next to each other, zeros between those that it had. */
  const wideShape = ([kh = 1, kw = 1, ...channels]: readonly number[], { dilation = 1 }: ConvOptions) => [
    (kh - 1) * dilation + 1,
    (kw - 1) * dilation + 1,
    ...channels,
  ]
  const everyTap = (wide: readonly number[], { dilation = 1 }: ConvOptions) =>
    [wide.map(() => 0), wide, wide.map((_, axis) => (axis < 2 ? dilation : 1))] as const

  /** Lends such a filter in the place of a dilated one. */
  function widened(
    weight: DeviceTensor,
    options: ConvOptions,
    work: (weight: DeviceTensor) => DeviceTensor,
  ): DeviceTensor {
    if (!isDilated(options)) return work(weight)
    const shape = wideShape(weight.shape, options)
    const wide = views.stridedSliceGradient(shape, weight, ...everyTap(shape, options))
    const result = work(wide)
    wide.dispose()
    return result
  }

  /** The gradient of such a filter, at the taps that the dilated one has. */
  function narrowed(
    weightShape: readonly number[],
    options: ConvOptions,
    work: (weightShape: readonly number[]) => DeviceTensor,
  ): DeviceTensor {
    if (!isDilated(options)) return work(weightShape)
    const shape = wideShape(weightShape, options)
    const wide = work(shape)
    const result = views.stridedSlice(wide, ...everyTap(shape, options))
    wide.dispose()
    return result
  }

  return {
    conv2d: (x, weight, options) => own.conv2d(x, weight, options),
    conv2dInputGradient: (inputShape, weight, dy, options) =>
      widened(weight, options, (wide) =>
        inGroups(wide, dy, groupsOf(inputShape[3] ?? 0, weight.shape), (ofGroup, dyOfGroup) =>
          own.conv2dInputGradient(
            [...inputShape.slice(0, 3), weight.shape[2] ?? 0],
            ofGroup,
            dyOfGroup,
            undilated(options),
          ),
        ),
      ),
    conv2dWeightGradient(x, weightShape, dy, options) {
      const groups = groupsOf(x.shape[3] ?? 0, weightShape)
      return narrowed(weightShape, options, ([kh = 1, kw = 1, channels = 1, out = 1]) =>
        inGroups(x, dy, groups, (ofGroup, dyOfGroup) =>
          own.conv2dWeightGradient(ofGroup, [kh, kw, channels, out / groups], dyOfGroup, undilated(options)),
        ),
      )
    },
    depthwiseConv2d: (x, weight, options) =>
      options === undefined
        ? own.depthwiseConv2d(x, weight)
        : widened(weight, options, (wide) => own.depthwiseConv2d(x, wide, undilated(options))),
    depthwiseConv2dInputGradient: (inputShape, weight, dy, options) =>
      widened(weight, options, (wide) => own.depthwiseConv2dInputGradient(inputShape, wide, dy, undilated(options))),
    depthwiseConv2dWeightGradient: (x, weightShape, dy, options) =>
      narrowed(weightShape, options, (shape) => own.depthwiseConv2dWeightGradient(x, shape, dy, undilated(options))),
  }
}
