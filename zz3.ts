import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openWebGpu } from '#engine/compute/webgpu/open-webgpu.ts'
import { runParity } from '#engine/parity/parity.ts'
const opened = await openWebGpu() as any
const device = opened.device ?? opened
for (const folder of process.argv.slice(2)) {
  const t = performance.now()
  const report = await runParity(device, (name) => new Uint8Array(readFileSync(join(folder, name))))
  console.log(folder, report.rows.length, 'rows', report.rows.filter((r) => r.over).length, 'over; ties', report.ties.length, 'missing', report.missing, ((performance.now() - t) / 1000).toFixed(1), 's; live', device.liveTensors(), device.liveBytes(), 'peak', device.takePeakBytes())
  for (const r of report.rows.filter((r) => r.over)) console.log(JSON.stringify(r))
  const worst = report.rows.filter(r=>!r.over && r.limit>0).map(r=>[r.largest/r.limit, r.method, r.mode, r.quantity]).sort((a:any,b:any)=>b[0]-a[0]).slice(0,5); console.log(worst)
}
