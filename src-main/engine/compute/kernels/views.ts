// Kernels that move elements without changing them: shapes, slices, padding, joining.
import { FLOAT, int, noAttributes, string, type } from '#engine/compute/binding.ts'
import type { Device } from '#engine/compute/device.ts'
import type { KernelCaller } from './kernel-caller.ts'

export function viewKernels(call: KernelCaller) {
  return {
    reshape: (x, shape) => call.one('Reshape', noAttributes, [x, call.argument(shape)]),
    transpose: (x, order) => call.one('Transpose', noAttributes, [x, call.argument(order)]),
    slice: (x, begin, size) => call.one('Slice', noAttributes, [x, call.argument(begin), call.argument(size)]),
    stridedSlice: (x, begin, end, strides) =>
      call.one('StridedSlice', noAttributes, [x, call.argument(begin), call.argument(end), call.argument(strides)]),
    stridedSliceGradient: (inputShape, dy, begin, end, strides) =>
      call.one('StridedSliceGrad', noAttributes, [
        call.argument(inputShape),
        call.argument(begin),
        call.argument(end),
        call.argument(strides),
        dy,
      ]),
    pad(x, pads, mode = 'constant') {
      const amounts = call.fromArray(Int32Array.from(pads.flat()), [pads.length, 2])
      const result =
        mode === 'constant'
          ? call.one('Pad', noAttributes, [x, amounts])
          : call.one('MirrorPad', [string('mode', mode.toUpperCase())], [x, amounts])
      amounts.dispose()
      return result
    },
    concat: (tensors, axis) =>
      call.one('ConcatV2', [int('N', tensors.length), type('T', FLOAT)], [...tensors, call.argument([axis], true)]),
    gather: (x, indices, axis) =>
      call.one('GatherV2', [int('batch_dims', 0)], [x, indices, call.argument([axis], true)]),
    reverse: (x, axes) => call.one('ReverseV2', noAttributes, [x, call.argument(axes)]),
  } satisfies Partial<Device>
}
