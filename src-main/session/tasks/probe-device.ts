// Loads the native library, holds it against stored numbers, and times one 3x3 convolution, forward and backward. For a process of its own: a library that crashes on
// loading takes only that one with it.
import { performance } from 'node:perf_hooks'
import type { DeviceProbe } from '#contract/device-probe.ts'
import { toWireError } from '#contract/errors.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { chosenCompute } from '#engine/compute/environment.ts'

/** The middle of a ResNet at batch 64: large enough to reach the processor's speed, small enough to take a tenth of a second. */
const shape = { batch: 64, side: 32, channels: 64 } as const
const rounds = 5

/** Never rejects. */
export async function probeDevice(): Promise<DeviceProbe> {
  try {
    const { loadDevice } = await import('#engine/compute/backend.ts')
    const { proveDevice } = await import('#engine/parity/device/device-proof.ts')
    const device = loadDevice()
    const { precision } = chosenCompute(process.env, device.kind)
    const proof = await proveDevice(device, precision)
    return { ok: true, version: device.version, device: device.kind, proof, ...(await measure(device)) }
  } catch (thrown) {
    return { ok: false, error: toWireError(thrown) }
  }
}

async function measure(device: Device): Promise<{ forwardGigaflops: number; backwardGigaflops: number }> {
  const { batch, side, channels } = shape
  const options = { stride: 1, padding: { top: 1, bottom: 1, left: 1, right: 1 } }
  const x = device.fill([batch, side, side, channels], 0.5)
  const weight = device.fill([3, 3, channels, channels], 0.01)
  const operations = 2 * batch * side * side * 9 * channels * channels
  const forward = await fastest(device, () => [device.conv2d(x, weight, options)])
  const backward = await fastest(device, () => [
    device.conv2dInputGradient(x.shape, weight, x, options),
    device.conv2dWeightGradient(x, weight.shape, x, options),
  ])
  x.dispose()
  weight.dispose()
  return { forwardGigaflops: operations / forward / 1e6, backwardGigaflops: (2 * operations) / backward / 1e6 }
}

/** Milliseconds of the fastest round after one to warm up. A read of one number makes the device finish. */
async function fastest(device: Device, work: () => DeviceTensor[]): Promise<number> {
  let best = Infinity
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now()
    const results = work()
    for (const result of results) {
      const one = device.slice(
        result,
        result.shape.map(() => 0),
        result.shape.map(() => 1),
      )
      await device.read(one)
      one.dispose()
    }
    const elapsed = performance.now() - began
    if (round > 0) best = Math.min(best, elapsed)
    for (const result of results) result.dispose()
  }
  return best
}
