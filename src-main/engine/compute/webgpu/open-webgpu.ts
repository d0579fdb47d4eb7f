// Finds graphics cards and opens one, through Dawn as npm's `webgpu` has it. The only file that names that package, and it loads it on first use: a process that
// computes on something else never does.
import { createRequire } from 'node:module'
import { PalmError } from '#contract/errors.ts'
import type { Card, Device } from '#engine/compute/device.ts'
import { webGpuDeviceOn, type OpenedCard } from './device.ts'

/** Kept for the life of the process: what it made ends with it. */
let library: Promise<GPU> | null = null

async function loadLibrary(): Promise<GPU> {
  try {
    const { create } = await import('webgpu')
    return create([])
  } catch (cause) {
    throw new PalmError(
      'native-missing',
      'The library that reaches graphics cards (WebGPU) could not be loaded.',
      cause instanceof Error ? cause.message : String(cause),
      { cause },
    )
  }
}

/** As installed: a card proves itself anew when it is another (session/core/proven-device.ts). */
function libraryVersion(): string {
  const { version } = createRequire(import.meta.url)('webgpu/package.json') as { version: string }
  return version
}

/** Names such as `nvidia-geforce-rtx-4090`, as WebGPU makes them of a driver's, for people. */
const readable = (name: string): string => name.replaceAll('-', ' ').trim()

function cardOf({ info }: GPUAdapter): Card {
  const name = readable(info.device) || readable(`${info.vendor} ${info.architecture}`) || 'a graphics card'
  return {
    name,
    driver: info.description,
    software: info.isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(`${name} ${info.description}`),
  }
}

/**
 * The fastest card, or a program on the processor that stands in for one (`card.software`). `limits`: in place of the card's own, to compute as on a lesser one.
 * @throws PalmError `native-missing` when the library does not load, `device-missing` when there is no card
 */
export async function openCard(limits: Readonly<Record<string, number>> = {}): Promise<OpenedCard> {
  const adapter = await (await (library ??= loadLibrary())).requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter)
    throw new PalmError(
      'device-missing',
      'No graphics card was found that WebGPU can use. On Linux its Vulkan driver may be missing (`vulkaninfo` tells).',
    )
  const { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage } = adapter.limits
  const gpu = await adapter.requestDevice({
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize, maxStorageBuffersPerShaderStage, ...limits },
  })
  return { gpu, card: cardOf(adapter), version: `Dawn of webgpu ${libraryVersion()}` }
}

/** A device on `openCard`'s. @throws PalmError as it */
export async function openWebGpu(): Promise<Device> {
  return webGpuDeviceOn(await openCard())
}
