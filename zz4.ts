// compile time per kernel: creation, first dispatch, second dispatch; whole network steps
import { openCard } from '#engine/compute/webgpu/open-webgpu.ts'
import { webGpuDeviceOn } from '#engine/compute/webgpu/device.ts'
import { tileNames } from '#engine/compute/webgpu/kernels/gemm.ts'
const opened = await openCard()
let created = 0
const gpu: any = new Proxy(opened.gpu, { get(t, n) { if (n === 'createComputePipeline') return (d: any) => { const s = process.cpuUsage(); const r = t.createComputePipeline(d); const e = process.cpuUsage(s); created += (e.user + e.system) / 1000; return r }; const v: any = Reflect.get(t, n, t); return typeof v === 'function' ? v.bind(t) : v } })
const even = { top: 1, bottom: 1, left: 1, right: 1 }
for (const tile of (process.argv[2]?.split(',') ?? tileNames) as any) {
  const d: any = webGpuDeviceOn({ ...opened, gpu }, tile)
  for (const C of [8, 3]) {
    const M = C === 8 ? 16 : 10
    const x = d.fill([2, 8, 8, C], 1), w = d.fill([3, 3, C, M], 1), dy = d.fill([2, 8, 8, M], 1)
    for (const [name, run] of [['fwd', () => d.conv2d(x, w, { stride: 1, padding: even })], ['in', () => d.conv2dInputGradient(x.shape, w, dy, { stride: 1, padding: even })], ['w', () => d.conv2dWeightGradient(x, w.shape, dy, { stride: 1, padding: even })]] as const) {
      created = 0
      const t0 = performance.now(); const y = run(); await d.read(y); const t1 = performance.now(); const y2 = run(); await d.read(y2); const t2 = performance.now()
      console.log(tile, C, name, 'create', created.toFixed(0), 'first', (t1 - t0).toFixed(0), 'second', (t2 - t1).toFixed(1))
    }
  }
}
