// Sizes of tensors, read to the host.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

export async function rootMeanSquare(device: Device, x: DeviceTensor): Promise<number> {
  const square = device.square(x)
  const mean = device.mean(square)
  const value = Math.sqrt((await device.read(mean))[0] as number)
  square.dispose()
  mean.dispose()
  return value
}

/** L2. */
export const norm = async (device: Device, x: DeviceTensor): Promise<number> =>
  (await rootMeanSquare(device, x)) * Math.sqrt(x.shape.reduce((product, size) => product * size, 1))
