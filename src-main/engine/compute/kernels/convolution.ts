// Convolutions, plain and depthwise, with their gradients.
import { PalmError } from '#contract/errors.ts'
import { ints, string, type Attribute } from '#engine/compute/binding.ts'
import type { ConvOptions, Device, DeviceTensor, Padding } from '#engine/compute/device.ts'
import { completedConvolutions, groupsOf, isDilated, type Convolutions } from './completed-convolutions.ts'
import type { KernelCaller } from './kernel-caller.ts'

const noPadding: Padding = { top: 0, bottom: 0, left: 0, right: 0 }

type Views = Pick<Device, 'pad' | 'slice' | 'concat' | 'stridedSlice' | 'stridedSliceGradient'>

export function convolutionKernels(call: KernelCaller, views: Views): Convolutions {
  const native = nativeConvolutions(call, views)
  const completed = completedConvolutions(native, views)
  let complete: boolean | null = null

  /** Whether this TensorFlow has what goes beyond plain convolutions: asked once, of the smallest there is. */
  function isComplete(): boolean {
    if (call.kind === 'cuda') return true
    if (complete !== null) return complete
    const ones = call.constant([1, 1], [1, 1, 1, 2])
    try {
      native.conv2dInputGradient([1, 1, 1, 2], ones, ones, { stride: 1, padding: noPadding }).dispose()
      complete = true
    } catch (cause) {
      if (!(cause instanceof PalmError) || cause.code !== 'internal') throw cause
      complete = false
    }
    return complete
  }

  const set = (isPlain: boolean) => (isPlain || isComplete() ? native : completed)
  const ofChannels = (channels: number | undefined, weightShape: readonly number[], options: ConvOptions) =>
    set(groupsOf(channels ?? 0, weightShape) === 1 && !isDilated(options))
  const ofTaps = (options: ConvOptions) => set(!isDilated(options))

  return {
    conv2d: native.conv2d,
    conv2dInputGradient: (inputShape, weight, dy, options) =>
      ofChannels(inputShape[3], weight.shape, options).conv2dInputGradient(inputShape, weight, dy, options),
    conv2dWeightGradient: (x, weightShape, dy, options) =>
      ofChannels(x.shape[3], weightShape, options).conv2dWeightGradient(x, weightShape, dy, options),
    depthwiseConv2d: (x, weight, options = { stride: 1, padding: noPadding }) =>
      ofTaps(options).depthwiseConv2d(x, weight, options),
    depthwiseConv2dInputGradient: (inputShape, weight, dy, options) =>
      ofTaps(options).depthwiseConv2dInputGradient(inputShape, weight, dy, options),
    depthwiseConv2dWeightGradient: (x, weightShape, dy, options) =>
      ofTaps(options).depthwiseConv2dWeightGradient(x, weightShape, dy, options),
  }
}

/** As TensorFlow's kernels compute them; which ones there are depends on its build. */
function nativeConvolutions(call: KernelCaller, views: Pick<Device, 'pad' | 'slice'>): Convolutions {
  /** What cuDNN pads by itself. */
  const isExplicit = ({ padding: { top, bottom, left, right }, dilation = 1 }: ConvOptions): boolean =>
    call.kind === 'cuda' && top === bottom && left === right && dilation === 1

  /** SAME and VALID reach TensorFlow's oneDNN kernels, EXPLICIT does not: so on a processor pad by hand where the two do not fit (stride 2). */
  function padded(x: DeviceTensor, kernel: readonly number[], options: ConvOptions) {
    const { top, bottom, left, right } = options.padding
    if (!hasPadding(options.padding)) return { x, owned: false, padding: 'VALID' }
    if (isSame(kernel, options)) return { x, owned: false, padding: 'SAME' }
    if (isExplicit(options)) return { x, owned: false, padding: 'EXPLICIT' }
    return {
      x: views.pad(x, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]),
      owned: true,
      padding: 'VALID',
    }
  }

  function convolve(kernel: string, x: DeviceTensor, weight: DeviceTensor, options: ConvOptions): DeviceTensor {
    const input = padded(x, weight.shape, options)
    const y = call.one(kernel, attributesOf(options, input.padding), [input.x, weight])
    if (input.owned) input.x.dispose()
    return y
  }

  function inputGradient(
    kernel: string,
    inputShape: readonly number[],
    weight: DeviceTensor,
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    const { top, bottom, left, right } = options.padding
    const [n = 0, h = 0, w = 0, c = 0] = inputShape
    const explicit = isExplicit(options) ? 'EXPLICIT' : null
    const padding = hasPadding(options.padding) ? (isSame(weight.shape, options) ? 'SAME' : explicit) : 'VALID'
    if (padding) return call.one(kernel, attributesOf(options, padding), [call.argument(inputShape), weight, dy])
    const full = call.one(kernel, attributesOf(options, 'VALID'), [
      call.argument([n, h + top + bottom, w + left + right, c]),
      weight,
      dy,
    ])
    const dx = views.slice(full, [0, top, left, 0], [n, h, w, c])
    full.dispose()
    return dx
  }

  function weightGradient(
    kernel: string,
    x: DeviceTensor,
    weightShape: readonly number[],
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    const input = padded(x, weightShape, options)
    const dw = call.one(kernel, attributesOf(options, input.padding), [input.x, call.argument(weightShape), dy])
    if (input.owned) input.x.dispose()
    return dw
  }

  return {
    conv2d: (x, weight, options) => convolve('Conv2D', x, weight, options),
    conv2dInputGradient: (inputShape, weight, dy, options) =>
      inputGradient('Conv2DBackpropInput', inputShape, weight, dy, options),
    conv2dWeightGradient: (x, weightShape, dy, options) =>
      weightGradient('Conv2DBackpropFilter', x, weightShape, dy, options),
    depthwiseConv2d: (x, weight, options = { stride: 1, padding: noPadding }) =>
      convolve('DepthwiseConv2dNative', x, weight, options),
    depthwiseConv2dInputGradient: (inputShape, weight, dy, options) =>
      inputGradient('DepthwiseConv2dNativeBackpropInput', inputShape, weight, dy, options),
    depthwiseConv2dWeightGradient: (x, weightShape, dy, options) =>
      weightGradient('DepthwiseConv2dNativeBackpropFilter', x, weightShape, dy, options),
  }
}

function attributesOf({ stride, dilation = 1, padding: its }: ConvOptions, padding: string): Attribute[] {
  const sides = [0, 0, its.top, its.bottom, its.left, its.right, 0, 0]
  return [
    ints('strides', [1, stride, stride, 1]),
    string('padding', padding),
    ...(padding === 'EXPLICIT' ? [ints('explicit_paddings', sides)] : []),
    string('data_format', 'NHWC'),
    ints('dilations', [1, dilation, dilation, 1]),
  ]
}

/** Whether TensorFlow's SAME gives the same padding: stride 1 and an odd kernel padded by half of it on each side. */
function isSame(kernel: readonly number[], options: ConvOptions): boolean {
  const [kh = 0, kw = 0] = kernel
  const { top, bottom, left, right } = options.padding
  return (
    options.stride === 1 &&
    (options.dilation ?? 1) === 1 &&
    top === bottom &&
    left === right &&
    2 * top + 1 === kh &&
    2 * left + 1 === kw
  )
}

export function hasPadding({ top, bottom, left, right }: Padding): boolean {
  return top + bottom + left + right > 0
}
