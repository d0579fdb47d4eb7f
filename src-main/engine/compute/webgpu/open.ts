// Finds graphics cards and opens one, through Dawn as npm's `webgpu` has it. The only file that names that package, and it loads it on first use: a process that
// computes on something else never does.
import { PalmError } from '#contract/errors.ts'
import type { Device } from '#engine/compute/device.ts'
import { webGpuDeviceOn } from './device.ts'

/** What is known of a card before it computes. */
export interface WebGpuAdapter {
  /** As its driver calls it, e.g. `NVIDIA H200` or `SwiftShader Device (Subzero)`. */
  readonly name: string
  readonly vendor: string
  readonly architecture: string
  /** The driver's own words, with its version where it tells it. */
  readonly driver: string
  /** No card but a program on the processor that stands in for one: right, and very slow. */
  readonly software: boolean
}

export interface WebGpuOpened {
  readonly device: Device
  readonly adapter: WebGpuAdapter
  /** Once it is lost, with the driver's reason; does not settle before. */
  readonly lost: Promise<string>
}

/** The version of npm's package, which is that of everything in it. */
export const webGpuVersion = 'Dawn 0.6.2'

/** Kept for the life of the process: what it made ends with it. */
let gpu: Promise<GPU> | null = null

async function loadGpu(): Promise<GPU> {
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

async function requestAdapter(): Promise<GPUAdapter | null> {
  const found = await (gpu ??= loadGpu())
  return await found.requestAdapter({ powerPreference: 'high-performance' })
}

const described = ({ info }: GPUAdapter): WebGpuAdapter => ({
  name: info.device || info.description || 'a graphics card',
  vendor: info.vendor,
  architecture: info.architecture,
  driver: info.description,
  software:
    info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${info.device} ${info.description}`),
})

/** The card that would be used, or null where there is none. @throws PalmError `native-missing` when the library does not load */
export async function findWebGpu(): Promise<WebGpuAdapter | null> {
  const adapter = await requestAdapter()
  return adapter && described(adapter)
}

/**
 * A device of its own on the card.
 * @throws PalmError `native-missing` when the library does not load, `device-missing` when there is no card
 */
export async function openWebGpu(): Promise<WebGpuOpened> {
  const adapter = await requestAdapter()
  if (!adapter)
    throw new PalmError(
      'device-missing',
      'No graphics card was found that WebGPU can use. On Linux its Vulkan driver may be missing (vulkaninfo tells).',
    )
  const { limits } = adapter
  const card = await adapter.requestDevice({
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    },
  })
  const about = described(adapter)
  return {
    device: webGpuDeviceOn(card, webGpuVersion),
    adapter: about,
    lost: card.lost.then(({ reason, message }) => `${reason}: ${message}`),
  }
}
