// Kernels that move elements without changing them: shapes, slices, padding, joining.
import { FLOAT, INT32, int, noAttributes, string, type } from '#engine/compute/binding.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { elements, type KernelCaller } from './kernel-caller.ts'

export function viewKernels(call: KernelCaller) {
  const rows = (x: DeviceTensor) =>
    x.shape.length === 1 ? x : call.one('Reshape', noAttributes, [x, call.argument([elements(x.shape)])])
  const concat = (tensors: readonly DeviceTensor[], axis: number) =>
    call.one('ConcatV2', [int('N', tensors.length), type('T', FLOAT)], [...tensors, call.argument([axis], true)])

  function pack(parts: readonly (DeviceTensor | number)[], width: number): DeviceTensor {
    const pieces = parts.map((part) => (typeof part === 'number' ? call.zeros(part) : rows(part)))
    const whole = pieces.length > 1 ? concat(pieces, 0) : (pieces[0] as DeviceTensor)
    const flat = call.one('Reshape', noAttributes, [whole, call.argument([elements(whole.shape) / width, width])])
    if (pieces.length > 1) whole.dispose()
    for (const [i, piece] of pieces.entries()) if (typeof parts[i] !== 'number' && piece !== parts[i]) piece.dispose()
    return flat
  }

  /** One wait: several are put together first. */
  function readMany(tensors: readonly DeviceTensor[]): Float32Array[] {
    if (tensors.length < 2) return tensors.map((tensor) => call.read(tensor))
    const whole = pack(tensors, 1)
    const values = call.read(whole)
    whole.dispose()
    let at = 0
    return tensors.map(({ shape }) => values.slice(at, (at += elements(shape))))
  }

  return {
    readMany: async (tensors) => readMany(tensors),
    pack,
    unpack(flat, sizes, shapes) {
      const whole = rows(flat)
      const attributes = [int('num_split', sizes.length), type('Tlen', INT32), type('T', FLOAT)]
      const pieces = call.many(
        'SplitV',
        attributes,
        [whole, call.argument(sizes), call.argument([0], true)],
        sizes.length,
      )
      if (whole !== flat) whole.dispose()
      return pieces.map((piece, i) => {
        const shape = shapes[i] ?? null
        if (shape?.length === 1) return piece
        const shaped = shape && call.one('Reshape', noAttributes, [piece, call.argument(shape)])
        piece.dispose()
        return shaped
      })
    },
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
      const amounts = call.shapedArgument(pads.flat(), [pads.length, 2])
      return mode === 'constant'
        ? call.one('Pad', noAttributes, [x, amounts])
        : call.one('MirrorPad', [string('mode', mode.toUpperCase())], [x, amounts])
    },
    concat,
    gather: (x, indices, axis) =>
      call.one('GatherV2', [int('batch_dims', 0)], [x, indices, call.argument([axis], true)]),
    reverse: (x, axes) => call.one('ReverseV2', noAttributes, [x, call.argument(axes)]),
  } satisfies Partial<Device>
}
