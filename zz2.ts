import { openWebGpu } from '#engine/compute/webgpu/open-webgpu.ts'
import { proveDevice } from '#engine/parity/device/device-proof.ts'
import { loadDevice } from '#engine/compute/backend.ts'
const device: any = await openWebGpu()
for (const _ of [0, 1]) { const t = performance.now(); console.log(JSON.stringify(await proveDevice(device), null, 1), (performance.now() - t).toFixed(), 'ms', device.liveTensors(), device.liveBytes()) }
const cpu = loadDevice()
for (const seed of [[3, 4], [-5, 123456789]] as const) { const a = await cpu.read(cpu.randomNormal([3, 333], seed)), b = await device.read(device.randomNormal([3, 333], seed)); let w = 0; for (let i = 0; i < a.length; i++) w = Math.max(w, Math.abs(a[i]! - b[i]!)); console.log('normal', w, a.slice(0, 4), b.slice(0, 4)) }
