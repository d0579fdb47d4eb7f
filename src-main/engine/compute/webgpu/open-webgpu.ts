// WebGPU's device, through Dawn.
import { PalmError } from '#contract/errors.ts'
import type { Device } from '#engine/compute/device.ts'

/** @throws PalmError `device-missing` where there is no adapter */
export function openWebGpu(): Promise<Device> {
  return Promise.reject(new PalmError('device-missing', 'WebGPU is not part of this version.'))
}
