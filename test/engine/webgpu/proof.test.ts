// WebGPU computes what plain loops, stored numbers and the published methods' traces say, the same bits each time; what is wrong with a kernel or a card is told and
// never read.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { webGpuDeviceOn } from '#engine/compute/webgpu/device.ts'
import { tileNames } from '#engine/compute/webgpu/kernels/gemm.ts'
import { openCard } from '#engine/compute/webgpu/open-webgpu.ts'
import { computeNetwork } from '#engine/parity/device/network.ts'
import { proveDevice } from '#engine/parity/device/device-proof.ts'
import { runParity } from '#engine/parity/parity.ts'
import { sharedPath } from '#test/helpers/shared.ts'
import { openedCard, webGpu, withOtherKernels } from '#test/helpers/webgpu.ts'

const values = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7))

const traces = sharedPath('parity')

/** The folder with the first step of one method; all of them: `npm run parity -- DIR --device webgpu`, minutes on a software card. */
const firstStepOf = (method: string) => (name: string) => {
  const bytes = new Uint8Array(readFileSync(join(traces as string, name)))
  if (!name.endsWith('.json')) return bytes
  const json = JSON.parse(new TextDecoder().decode(bytes)) as { methods: string[]; steps: unknown[] }
  if (name === 'index.json') json.methods = [method]
  else json.steps = json.steps.slice(0, 1)
  return new TextEncoder().encode(JSON.stringify(json))
}

describe.skipIf(!webGpu)('a WebGPU device', () => {
  const device = webGpu as Device

  test('passes every case and the small network, and leaves nothing behind', async () => {
    const before = [device.liveTensors(), device.liveBytes()]
    const proof = await proveDevice(device)
    expect(proof.deviations).toEqual([])
    expect([device.liveTensors(), device.liveBytes()]).toEqual(before)
    console.log(`${device.card?.name}: ${proof.checks} comparisons, largest ${proof.largest.toExponential(1)}`)
  })

  test('passes them too with no more buffers a kernel than every card has', async () => {
    const lesser = webGpuDeviceOn(await openCard({ maxStorageBuffersPerShaderStage: 8 }))
    expect((await proveDevice(lesser)).deviations).toEqual([])
  })

  test('gives the same bits twice', async () => {
    expect(await computeNetwork(device)).toEqual(await computeNetwork(device))
  })

  test('a card proves every size of tile', () => {
    const card = webGpuDeviceOn({ ...openedCard!, card: { name: '', driver: '', software: false } })
    expect(card.variants?.().map(([name]) => name)).toEqual(tileNames.map((name) => `${name} tiles`))
  })

  test.skipIf(!traces)('the first step of TENT is within every limit of its trace', async () => {
    const before = device.liveTensors()
    const report = await runParity(device, firstStepOf('tent'))
    expect(report.rows.filter((row) => row.over)).toEqual([])
    expect(report.rows.map(({ mode, quantity }) => `${mode} ${quantity}`)).toEqual(
      expect.arrayContaining(['step logits', 'step loss', 'chain logits']),
    )
    expect(device.liveTensors()).toBe(before)
  })

  test('one kernel that is wrong by a percent is found and named', async () => {
    const wrong = await withOtherKernels((code, name) =>
      name.startsWith('gradient of the weights of a convolution')
        ? code.replace(
            'fn store(row: u32, column: u32, v: vec4<f32>) {',
            (head) => `${head.replace('v: vec4', 'right: vec4')} let v = right * 1.01;`,
          )
        : code,
    )
    const { deviations } = await proveDevice(webGpuDeviceOn(wrong))
    expect(deviations.map(({ what }) => what)).toContain('conv2dWeightGradient (3x3, stride 1)')
    expect(deviations.every(({ what }) => what.startsWith('conv2dWeightGradient'))).toBe(true)
  })

  test('a kernel that does not compile fails the read, and the device goes on', async () => {
    const broken = webGpuDeviceOn(
      await withOtherKernels((code, name) => (name === 'square' ? code.replace('@compute', 'none') : code)),
    )
    const x = broken.fromArray(values(8), [8])
    const y = broken.square(x)
    await expect(broken.read(y)).rejects.toMatchObject({ code: 'internal', message: /refused/ })
    const z = broken.neg(x)
    expect(await broken.read(z)).toEqual(values(8).map((value) => -value))
    for (const tensor of [x, y, z]) tensor.dispose()
  })

  test('a card that is lost fails the read and all that follows', async () => {
    const { gpu, ...about } = await openCard()
    const lost = webGpuDeviceOn({ gpu, ...about })
    const x = lost.fromArray(values(8), [8])
    const y = lost.exp(x)
    const reading = lost.read(y)
    gpu.destroy()
    await expect(reading.then(() => lost.read(y))).rejects.toMatchObject({ code: 'device-lost' })
    await gpu.lost
    expect(() => lost.exp(x)).toThrow(expect.objectContaining({ code: 'device-lost' }))
  })

  test('a tensor that no buffer holds is refused in words', () => {
    expect(() => device.fill([2 ** 20, 2 ** 12], 0)).toThrow(
      expect.objectContaining({ code: 'out-of-memory', message: expect.stringContaining('larger than') }),
    )
  })

  test('memory is used again as soon as its tensor is disposed, also by an upload while commands wait', async () => {
    const shape = [1000]
    const kept: DeviceTensor[] = []
    // The sum reads `one`, whose memory is free before the sum is computed; what is uploaded then must not come before it.
    for (let round = 0; round < 20; round++) {
      const one = device.fill(shape, round)
      kept.push(device.addScalar(one, 0.5))
      one.dispose()
      device.fromArray(new Float32Array(1000).fill(-1), shape).dispose()
    }
    const all = await device.readMany(kept)
    for (const tensor of kept) tensor.dispose()
    expect(all.map((one) => [one[0], one[999]])).toEqual(all.map((_, round) => [round + 0.5, round + 0.5]))
  })

  test('a tensor is disposed once, and not used afterwards', () => {
    const x = device.fill([4], 1)
    x.dispose()
    expect(() => x.dispose()).toThrow(/twice/)
    expect(() => device.neg(x)).toThrow(/after it was disposed/)
  })
})
