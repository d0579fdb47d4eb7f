// Sizes of tensors, read to the host: of all of them at once, because a read waits for the device.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'

/** Of each the mean of its squares, on the device; the caller's. */
export const meanSquares = (device: Device, tensors: readonly DeviceTensor[]): DeviceTensor[] =>
  tensors.map((tensor) => {
    const square = device.square(tensor)
    const mean = device.mean(square)
    square.dispose()
    return mean
  })

/** L2 of each. */
export async function norms(device: Device, tensors: readonly DeviceTensor[]): Promise<number[]> {
  const means = meanSquares(device, tensors)
  const read = await device.readMany(means)
  for (const mean of means) mean.dispose()
  return tensors.map(
    ({ shape }, i) => Math.sqrt(read[i]?.[0] as number) * Math.sqrt(shape.reduce((product, size) => product * size, 1)),
  )
}
