// Pooling with its gradients.
import { ints, noAttributes, string, type Attribute } from '#engine/compute/binding.ts'
import type { Device, DeviceTensor, Padding, PoolOptions } from '#engine/compute/device.ts'
import { hasPadding } from './convolution.ts'
import type { KernelCaller } from './kernel-caller.ts'

/** Padding must not win a maximum: the most negative float stands for "nothing there". */
const lowestFloat = -3.4e38

export function poolingKernels(call: KernelCaller, views: Pick<Device, 'slice'>) {
  function padded(x: DeviceTensor, padding: Padding): DeviceTensor {
    const pads = [0, 0, padding.top, padding.bottom, padding.left, padding.right, 0, 0]
    return call.one('PadV2', noAttributes, [x, call.shapedArgument(pads, [4, 2]), call.constant([lowestFloat], [])])
  }

  return {
    maxPool(x, options) {
      if (!hasPadding(options.padding)) return call.one('MaxPool', attributesOf(options), [x])
      const wide = padded(x, options.padding)
      const y = call.one('MaxPool', attributesOf(options), [wide])
      wide.dispose()
      return y
    },
    maxPoolGradient(x, y, dy, options) {
      if (!hasPadding(options.padding)) return call.one('MaxPoolGrad', attributesOf(options), [x, y, dy])
      const wide = padded(x, options.padding)
      const full = call.one('MaxPoolGrad', attributesOf(options), [wide, y, dy])
      wide.dispose()
      const dx = views.slice(full, [0, options.padding.top, options.padding.left, 0], x.shape)
      full.dispose()
      return dx
    },
    /** Without padding: whoever wants some pads before, and says what counts. */
    avgPool: (x, options) => call.one('AvgPool', attributesOf(options), [x]),
    avgPoolGradient: (inputShape, dy, options) =>
      call.one('AvgPoolGrad', attributesOf(options), [call.argument(inputShape), dy]),
  } satisfies Partial<Device>
}

function attributesOf(options: PoolOptions): Attribute[] {
  return [
    ints('ksize', [1, options.size, options.size, 1]),
    ints('strides', [1, options.stride, options.stride, 1]),
    string('padding', 'VALID'),
    string('data_format', 'NHWC'),
  ]
}
