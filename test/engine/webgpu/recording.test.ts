// What the recording of a step costs beside its kernels, counted on Dawn's null device, which computes nothing (all reads are zeros) and is everywhere.
import { create } from 'webgpu'
import { expect, test } from 'vitest'
import { laneOptionsSchema } from '#contract/methods/methods.ts'
import { palmPresets } from '#contract/methods/presets.ts'
import { webGpuDeviceOn } from '#engine/compute/webgpu/device.ts'
import { createMethod } from '#engine/methods/registry.ts'
import { randomModel } from '#test/bench/random-model.ts'

const { kappa, alpha, temperature, eta, lambda } = palmPresets.cifar10

test.each([{ method: 'tent' }, { method: 'palm', variant: 'reference', kappa, alpha, temperature, eta, lambda }])(
  'once $method has made some steps on ResNet-20, the next ones make no bind groups',
  async (options) => {
    const library = create(['backend=null']) // must outlive its device
    const gpu = await (await library.requestAdapter())?.requestDevice()
    if (!gpu) throw new Error('Dawn has no null device')
    let made = 0
    const counted = new Proxy(gpu, {
      get(target, name) {
        if (name === 'createBindGroup') made += 1
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
    const card = { name: 'null', driver: '', software: true }
    const device = webGpuDeviceOn({ gpu: counted, card, version: '' })
    const method = createMethod(device, randomModel(device, 'resnet20'), laneOptionsSchema.parse(options), 0)
    const x = device.fromBytes(new Uint8Array(8 * 32 * 32 * 3), [8, 32, 32, 3])
    const madeBy = async (steps: number) => {
      const [groups, launches] = [made, device.counts?.().launches ?? 0]
      for (let i = 0; i < steps; i++) await method.step(x)
      return { groups: made - groups, launches: (device.counts?.().launches ?? 0) - launches }
    }
    const first = await madeBy(10)
    const then = await madeBy(10)
    console.log(
      `${options.method}: ${first.groups} bind groups in the first ten steps, ${then.groups} in the next (${then.launches} launches)`,
    )
    expect(first.groups).toBeGreaterThan(200)
    // What PALM selects changes now and then, and with it what lies where.
    expect(then.groups).toBeLessThan(then.launches / 100)
    expect(library).toBeDefined()
  },
)
