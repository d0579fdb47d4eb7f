// A WebGPU device for tests: this machine's card, else Chromium's software one where that is (Debian's packages chromium and libvulkan1). Tests that need it skip, saying
// so, when there is neither.
import { existsSync } from 'node:fs'
import { webGpuDeviceOn, type OpenedCard } from '#engine/compute/webgpu/device.ts'
import { openCard } from '#engine/compute/webgpu/open-webgpu.ts'

const software = '/usr/lib/chromium/vk_swiftshader_icd.json'
// Vulkan's loader reads it when the first card is looked for.
if (!process.env.VK_DRIVER_FILES && existsSync(software)) process.env.VK_DRIVER_FILES = software

async function tried(): Promise<OpenedCard | null> {
  try {
    return await openCard()
  } catch (thrown) {
    console.log(`skipped: no WebGPU here (${thrown instanceof Error ? thrown.message : String(thrown)})`)
    return null
  }
}

const opened = await tried()
/** Null = none here. All tests of a process share it. */
export const openedCard = opened
export const webGpu = opened && webGpuDeviceOn(opened)

/** A card of its own whose kernels' texts are changed before they are compiled. */
export async function withOtherKernels(change: (code: string, name: string) => string): Promise<OpenedCard> {
  const one = await openCard()
  const gpu = new Proxy(one.gpu, {
    get(target, name) {
      if (name === 'createShaderModule')
        return ({ code, label = '' }: GPUShaderModuleDescriptor) =>
          target.createShaderModule({ code: change(code, label), label })
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return { ...one, gpu }
}
