// Which device computes: CUDA where its library and a card are, else WebGPU on a real card, else the processor; or the one that was asked
// for, or none. Only opens; whether its numbers are right is asked elsewhere (engine/parity/device).
import { kindName, type DeviceKind, type DeviceOrder } from '#contract/devices.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import { loadDevice } from './backend.ts'
import type { Device } from './device.ts'

/** What a machine offers. Each throws a PalmError with a remedy where it has none. */
export interface DeviceSources {
  /** TensorFlow on the processor. */
  cpu(): Device | Promise<Device>
  cuda(): Device | Promise<Device>
  /** The best adapter; `card.software` says that it is none. */
  webgpu(): Promise<Device>
  /** Whether there is an NVIDIA driver: without one the library need not be loaded to learn that it finds no card. */
  readonly nvidia: boolean
}

export interface OpenedDevice {
  readonly device: Device
  /** Why it is not the one that was asked for, or that one would expect; null = it is. */
  readonly because: string | null
}

const usualOrder: readonly DeviceKind[] = ['cuda', 'webgpu', 'cpu']

/** @throws PalmError `device-missing`, `native-missing`: what was asked for is not there, or nothing at all */
export async function openDevice(order: DeviceOrder, sources: DeviceSources): Promise<OpenedDevice> {
  if (order.choice !== 'auto') return { device: await sources[order.choice](), because: null }
  const first = order.prefer?.kind
  const kinds = first === undefined ? usualOrder : [first, ...usualOrder.filter((kind) => kind !== first)]
  const passed = order.without.map(({ reason }) => reason)
  const missing: string[] = []
  let software: Device | null = null
  for (const kind of kinds) {
    if (order.without.some((one) => one.kind === kind)) continue
    if (kind === 'cuda' && !sources.nvidia) {
      if (first === 'cuda') passed.push('There is no NVIDIA driver any more, with which the run began.')
      continue
    }
    const found = await tried(() => sources[kind]())
    if (found instanceof PalmError) {
      missing.push(found.message)
      // A machine without a card, or without TensorFlow, is nothing to tell of unless something is missed.
      if (kind === first || (kind === 'cuda' && sources.nvidia)) passed.push(found.message)
      continue
    }
    if (kind === 'webgpu' && found.card?.software === true && !(first === 'webgpu' && order.prefer?.software)) {
      if (first === 'webgpu') passed.push('The card that the run began on is not there any more.')
      software = found
      continue
    }
    return { device: found, because: reasonOf(passed) }
  }
  if (software)
    return {
      device: software,
      because: reasonOf([
        ...passed,
        ...missing.filter((one) => !passed.includes(one)),
        'WebGPU in software computes on the processor, some hundred times slower than TensorFlow does.',
      ]),
    }
  throw new PalmError(
    'native-missing',
    `There is nothing to compute with. ${[...new Set([...passed, ...missing])].join(' ')}`,
  )
}

const reasonOf = (reasons: readonly string[]): string | null => (reasons.length === 0 ? null : reasons.join(' '))

async function tried(open: () => Device | Promise<Device>): Promise<Device | PalmError> {
  try {
    return await open()
  } catch (thrown) {
    if (thrown instanceof PalmError) return thrown
    const { code, message, detail } = toWireError(thrown)
    return new PalmError(code, message, detail)
  }
}

/** TensorFlow's two, in this process. `nvidia`: whether there is an NVIDIA driver. */
export function tensorFlowSources(nvidia: boolean): Pick<DeviceSources, 'cpu' | 'cuda' | 'nvidia'> {
  return {
    nvidia,
    cpu() {
      const device = loadDevice('hidden')
      if (device.kind !== 'cpu')
        throw new PalmError(
          'internal',
          'This process computes on the NVIDIA GPU already: the processor needs another one.',
        )
      return device
    },
    cuda() {
      const device = loadDevice('seen')
      if (device.kind !== 'cuda')
        throw new PalmError(
          'device-missing',
          `TensorFlow finds no NVIDIA GPU that it can use${nvidia ? ', though there is an NVIDIA driver: its CUDA library may not be set up (PALM_DEVICE=cuda npm start)' : ': there is no NVIDIA driver'}. Choose “auto”, or ${kindName('webgpu')}.`,
        )
      return device
    },
  }
}
