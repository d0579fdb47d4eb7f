// Operations that are on their way to Device.
import type { DeviceTensor, Moments } from '#engine/compute/device.ts'

export interface HostValues {
  readonly data: Float32Array | Int32Array
  readonly shape: readonly number[]
}

export interface ComingOperations {
  fromArrays(parts: readonly HostValues[]): DeviceTensor[]
  modulo(x: DeviceTensor, modulus: DeviceTensor): DeviceTensor
  batchNormTraining(
    x: DeviceTensor,
    scale: DeviceTensor,
    offset: DeviceTensor,
    epsilon: number,
    relu?: boolean,
  ): Moments & { readonly y: DeviceTensor; readonly saved: readonly DeviceTensor[] }
}
