// The device of a session: chosen, opened, proven where it is a card, and described for the run's records.
import { readdir, readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { driverFile, type DeviceProof, type ProvenSubject } from '#contract/device-proof.ts'
import type { DeviceKind, DeviceOrder, UsedDevice } from '#contract/devices.ts'
import type { Device } from '#engine/compute/device.ts'
import { chosenCompute } from '#engine/compute/environment.ts'
import { tensorsAlive as tensorsOfTensorFlow } from '#engine/compute/backend.ts'
import { openDevice, tensorFlowSources, type DeviceSources } from '#engine/compute/open-device.ts'
import { proveOnce } from './proven-device.ts'

/** What is known of a device but from which step on a run used it. */
export type DeviceFacts = Omit<UsedDevice, 'from'>

export interface SessionDevice {
  readonly device: Device
  readonly facts: DeviceFacts
}

export interface SessionDeviceParts {
  /** This program's version. */
  readonly program: string
  readonly opened?: (kind: DeviceKind) => void
  /** What there is to open; absent = what this machine offers. */
  readonly sources?: (() => Promise<DeviceSources>) | undefined
}

/** The process's own: a later order takes the same, as it does TensorFlow's. */
let card: Promise<Device> | null = null
let cardInUse: Device | null = null

async function openedCard(): Promise<Device> {
  const { openWebGpu } = await import('#engine/compute/webgpu/open-webgpu.ts')
  card ??= openWebGpu()
  try {
    cardInUse = await card
    return cardInUse
  } catch (thrown) {
    card = null // the next one looks again
    throw thrown
  }
}

/** Tensors alive on the devices of this process. */
export const tensorsAlive = (): number => tensorsOfTensorFlow() + (cardInUse?.liveTensors() ?? 0)

/** What this machine offers. */
export async function machineSources(): Promise<DeviceSources> {
  return {
    ...tensorFlowSources((await nvidiaDriver()) !== ''),
    // Only where it is asked for: the library of a card that nobody uses is not loaded.
    webgpu: openedCard,
  }
}

/**
 * Opens what is ordered. `opened` hears the kind before it is proven.
 * @throws PalmError `device-missing`, `native-missing`, `device-wrong`
 */
export async function sessionDevice(
  order: { readonly device: DeviceOrder; readonly dataFolder: string },
  { program, sources, opened }: SessionDeviceParts,
): Promise<SessionDevice> {
  const { device, because } = await openDevice(order.device, await (sources ?? machineSources)())
  opened?.(device.kind)
  const facts = { ...(await factsOf(device)), because }
  if (device.kind === 'cpu') return { device, facts }
  const proof = await proveOnce(device, order.dataFolder, await subjectOf(device, facts, program))
  return { device, facts: { ...facts, tf32Deviation: deviationOf(facts, proof) } }
}

/** Of a task: the processor, which shares no memory with a run at work; WebGPU where TensorFlow is not there. @throws PalmError as `sessionDevice` */
export async function taskDevice(dataFolder: string, program: string): Promise<Device> {
  const order: DeviceOrder = {
    choice: 'auto',
    prefer: { kind: 'cpu', software: false },
    without: [{ kind: 'cuda', reason: '' }],
  }
  return (await sessionDevice({ device: order, dataFolder }, { program })).device
}

/** What a proof of it holds for. */
export async function subjectOf(
  device: Device,
  { precision, name }: DeviceFacts,
  program: string,
): Promise<ProvenSubject> {
  const driver = device.kind === 'cuda' ? await nvidiaDriver() : (device.card?.driver ?? '')
  return { device: device.kind, driver, library: device.version, precision, program, card: name }
}

/** Without a proof. */
export async function factsOf(device: Device): Promise<DeviceFacts> {
  const { kind, version, card } = device
  const { precision } = chosenCompute(process.env, kind)
  const library = kind === 'webgpu' ? version : `TensorFlow ${version}`
  const unproven = { kind, library, precision, tf32Deviation: null, because: null }
  if (kind === 'cpu') return { ...unproven, name: cpus()[0]?.model.trim() ?? '', driver: '', software: false }
  if (kind === 'webgpu')
    return { ...unproven, name: card?.name ?? '', driver: card?.driver ?? '', software: card?.software ?? false }
  return { ...unproven, name: await nvidiaCards(), driver: versionIn(await nvidiaDriver()), software: false }
}

const deviationOf = ({ precision }: DeviceFacts, { network }: DeviceProof): number | null =>
  precision === 'tf32' ? network : null

/** What NVIDIA's driver says of itself; empty without one. Linux tells it in a file, other systems not at all. */
async function nvidiaDriver(): Promise<string> {
  if (process.platform === 'linux') return (await readFile(driverFile, 'utf8').catch(() => '')).trim()
  return process.platform === 'win32' && process.env['CUDA_PATH'] ? 'CUDA toolkit' : ''
}

/** `570.86.15` of the driver's line. */
const versionIn = (driver: string): string => /\b\d{3,}\.\d+(?:\.\d+)?\b/.exec(driver)?.[0] ?? ''

/** Models of the cards, each once. */
async function nvidiaCards(): Promise<string> {
  const folder = '/proc/driver/nvidia/gpus'
  const names = await readdir(folder).catch(() => [])
  const models = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name, 'information'), 'utf8').catch(() => '')
      return /^Model:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? ''
    }),
  )
  return [...new Set(models.filter((model) => model !== ''))].join(' / ')
}
