import { openCard } from '#engine/compute/webgpu/open-webgpu.ts'
import { webGpuDeviceOn } from '#engine/compute/webgpu/device.ts'
import { tileNames } from '#engine/compute/webgpu/kernels/gemm.ts'
const opened = await openCard()
const even = { top: 1, bottom: 1, left: 1, right: 1 }
for (const tile of (process.argv[2]?.split(',') ?? tileNames) as any) {
  const d: any = webGpuDeviceOn(opened, tile)
  for (const C of [16, 64]) {
    const N = 8, S = C === 16 ? 32 : 16
    const x = d.fill([N, S, S, C], 1), w = d.fill([3, 3, C, C], 1)
    const gflop = 2 * N * S * S * C * C * 9 / 1e9
    for (const [name, run] of [['fwd', () => d.conv2d(x, w, { stride: 1, padding: even })], ['in', () => d.conv2dInputGradient(x.shape, w, x, { stride: 1, padding: even })], ['w', () => d.conv2dWeightGradient(x, w.shape, x, { stride: 1, padding: even })]] as const) {
      let y = run(); await d.read(y); const c = process.cpuUsage(); const t1 = performance.now(); y = run(); await d.read(y); const t2 = performance.now(); const e = process.cpuUsage(c)
      console.log(tile, C, name, gflop.toFixed(3), 'GFLOP', (t2 - t1).toFixed(0), 'ms', (gflop / (t2 - t1) * 1000).toFixed(3), 'GFLOP/s; per cpu-s', (gflop / (e.user + e.system) * 1e6).toFixed(3))
    }
  }
}
