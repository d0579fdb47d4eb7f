// Kernels that move elements without changing them: shapes, slices, padding, joining.
import { FLOAT, INT32, int, noAttributes, string, type } from '#engine/compute/binding.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { elements, type KernelCaller } from './kernel-caller.ts'

const packOf = (count: number) => [int('N', count), int('axis', 0), type('T', FLOAT)]

/** Neighbours that have one shape of more than one axis, together; all others alone. */
function runsOf(parts: readonly (DeviceTensor | number)[]): (DeviceTensor | number)[][] {
  const runs: (DeviceTensor | number)[][] = []
  for (const part of parts) {
    const before = runs.at(-1)?.[0]
    const alike =
      typeof part !== 'number' &&
      typeof before === 'object' &&
      part.shape.length > 1 &&
      part.shape.join() === before.shape.join()
    if (alike) runs.at(-1)?.push(part)
    else runs.push([part])
  }
  return runs
}

export function viewKernels(call: KernelCaller) {
  const rows = (x: DeviceTensor) =>
    x.shape.length === 1 ? x : call.one('Reshape', noAttributes, [x, call.argument([elements(x.shape)])])
  const concat = (tensors: readonly DeviceTensor[], axis: number) =>
    call.one('ConcatV2', [int('N', tensors.length), type('T', FLOAT)], [...tensors, call.argument([axis], true)])

  function pack(parts: readonly (DeviceTensor | number)[], width: number): DeviceTensor {
    const whole = joined(parts)
    const flat = call.one('Reshape', noAttributes, [whole, call.argument([elements(whole.shape) / width, width])])
    whole.dispose()
    return flat
  }

  /** The elements one after another, [total]. Neighbours of one shape are put together first: that is one kernel for all of them. */
  function joined(parts: readonly (DeviceTensor | number)[]): DeviceTensor {
    const scratch: DeviceTensor[] = []
    const kept = (tensor: DeviceTensor) => {
      scratch.push(tensor)
      return tensor
    }
    const pieces = runsOf(parts).map((run) => {
      const [first, ...more] = run
      if (typeof first === 'number') return call.zeros(first)
      const alike = run as readonly DeviceTensor[]
      const tensor = more.length > 0 ? kept(call.one('Pack', packOf(run.length), alike)) : (first as DeviceTensor)
      return tensor.shape.length === 1 ? tensor : kept(rows(tensor))
    })
    const whole = concat(pieces.length > 1 ? pieces : [...pieces, call.zeros(0)], 0)
    for (const tensor of scratch) tensor.dispose()
    return whole
  }

  /** One wait: several are put together first. */
  function readMany(tensors: readonly DeviceTensor[]): Float32Array[] {
    if (tensors.length < 2) return tensors.map((tensor) => call.read(tensor))
    const whole = joined(tensors)
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
