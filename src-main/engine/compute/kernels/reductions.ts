// Kernels that reduce axes, some of them over many tensors with one wait for the device.
import { FLOAT, INT32, bool, int, noAttributes, type } from '#engine/compute/binding.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { KernelCaller } from './kernel-caller.ts'

export function reductionKernels(call: KernelCaller) {
  const reduce = (name: string, x: DeviceTensor, axes: readonly number[] | undefined, keepDims: boolean) =>
    call.one(name, [bool('keep_dims', keepDims)], [x, call.argument(axes ?? x.shape.map((_, axis) => axis))])
  const sum = (x: DeviceTensor, axes?: readonly number[], keepDims = false) => reduce('Sum', x, axes, keepDims)
  const mean = (x: DeviceTensor, axes?: readonly number[], keepDims = false) => reduce('Mean', x, axes, keepDims)

  /** Their values; they are disposed. */
  function takeScalars(scalars: readonly DeviceTensor[]): Float32Array {
    if (scalars.length === 0) return new Float32Array(0)
    const packed = call.one('Pack', [int('N', scalars.length), int('axis', 0), type('T', FLOAT)], scalars)
    const values = call.read(packed)
    packed.dispose()
    for (const scalar of scalars) scalar.dispose()
    return values
  }

  function sumAbs(x: DeviceTensor): DeviceTensor {
    const absolute = call.one('Abs', noAttributes, [x])
    const total = sum(absolute)
    absolute.dispose()
    return total
  }

  return {
    sum,
    mean,
    sumAbsMany: async (tensors) => takeScalars(tensors.map(sumAbs)),
    meanMany: async (tensors) => takeScalars(tensors.map((tensor) => mean(tensor))),
    normMany: async (tensors) =>
      takeScalars(tensors.map((tensor) => call.one('L2Loss', noAttributes, [tensor]))).map((half) =>
        Math.sqrt(2 * half),
      ),
    argMax: (x) => call.one('ArgMax', [type('output_type', INT32)], [x, call.argument([x.shape.length - 1], true)]),
  } satisfies Partial<Device>
}
