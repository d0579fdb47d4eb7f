// Says what there is to compute with, holds what would be taken against stored numbers, and times one 3x3 convolution on it, forward and backward. For a process
// of its own: a library that crashes on loading takes only that one with it.
import { performance } from 'node:perf_hooks'
import type { DeviceProbe } from '#contract/device-probe.ts'
import { deviceChoiceSchema, deviceKinds, type DeviceKind, type OfferedDevice } from '#contract/devices.ts'
import { toWireError } from '#contract/errors.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import type { DeviceSources } from '#engine/compute/open-device.ts'

/** The middle of a ResNet at batch 64: large enough to reach a processor's speed, small enough to take a tenth of a second. */
const large = { batch: 64, side: 32, channels: 64 } as const
/** For WebGPU in software, which takes a hundred times as long. */
const small = { batch: 4, side: 16, channels: 32 } as const
/** As many as there is time for: a device that is fast is measured more often, and a slow one does not keep somebody waiting. */
const rounds = { least: 2, most: 5, ms: 100 } as const

/** What PALM_DEVICE asks for, else the automatic choice. Never rejects. */
export async function probeDevice(environment: NodeJS.ProcessEnv = process.env): Promise<DeviceProbe> {
  let offers: OfferedDevice[] = []
  try {
    const { openDevice } = await import('#engine/compute/open-device.ts')
    const { proveDevice } = await import('#engine/parity/device/device-proof.ts')
    const { factsOf, machineSources } = await import('#session/core/session-device.ts')
    const sources = openedOnce(await machineSources())
    const choice = deviceChoiceSchema.safeParse(environment['PALM_DEVICE']).data ?? 'auto'
    const opened = await openDevice({ choice, prefer: null, without: [] }, sources).catch((thrown: unknown) => thrown)
    offers = await offersOf(sources)
    if (!isOpened(opened)) throw opened
    const { device, because } = opened
    const facts = await factsOf(device)
    const proof = await proveDevice(device, facts.precision)
    const tf32Deviation = facts.precision === 'tf32' ? proof.network : null
    return { ok: true, device: { ...facts, because, tf32Deviation }, offers, proof, ...(await measure(device)) }
  } catch (thrown) {
    return { ok: false, error: toWireError(thrown), offers }
  }
}

const isOpened = (value: unknown): value is { readonly device: Device; readonly because: string | null } =>
  typeof value === 'object' && value !== null && 'device' in value

/** A card is opened once, however often it is asked for. */
function openedOnce(sources: DeviceSources): DeviceSources {
  let webgpu: Promise<Device> | null = null
  return { ...sources, webgpu: () => (webgpu ??= sources.webgpu()) }
}

/** After the choice: TensorFlow takes a card or leaves it when it is loaded, for good. */
async function offersOf(sources: DeviceSources): Promise<OfferedDevice[]> {
  const { factsOf } = await import('#session/core/session-device.ts')
  const one = async (kind: DeviceKind): Promise<OfferedDevice> => {
    if (kind === 'cuda' && !sources.nvidia) return absent(kind, 'There is no NVIDIA driver.')
    try {
      const { name, driver, library, software } = await factsOf(await sources[kind]())
      return { kind, name, driver, library, software, problem: null }
    } catch (thrown) {
      return absent(kind, toWireError(thrown).message)
    }
  }
  const found: OfferedDevice[] = []
  for (const kind of deviceKinds.toReversed()) found.unshift(await one(kind))
  const cuda = found.find(({ kind, problem }) => kind === 'cuda' && problem === null)
  // TensorFlow at work on a card has its processor too.
  return found.map((offer) =>
    offer.kind === 'cpu' && cuda ? { ...offer, library: cuda.library, problem: null } : offer,
  )
}

const absent = (kind: DeviceKind, problem: string): OfferedDevice => ({
  kind,
  name: '',
  driver: '',
  library: '',
  software: false,
  problem,
})

async function measure(device: Device): Promise<{ forwardGigaflops: number; backwardGigaflops: number }> {
  const { batch, side, channels } = device.card?.software ? small : large
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

/** Milliseconds of the fastest round after one to warm up, which has as long as it takes. A read of one number makes the device finish. */
async function fastest(device: Device, work: () => DeviceTensor[]): Promise<number> {
  let best = Infinity
  let spent = 0
  for (let round = 0; round <= rounds.least || (round <= rounds.most && spent < rounds.ms); round++) {
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
    if (round > 0) {
      best = Math.min(best, elapsed)
      spent += elapsed
    }
    for (const result of results) result.dispose()
  }
  return best
}
