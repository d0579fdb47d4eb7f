import { openApp } from '#test/e2e/app-in-browser.ts'
import { findChromium } from '#build/setup/chromium.mjs'
import { createClient } from '#app/rpc/client.ts'
import { openPort } from '#app/rpc/port.ts'
import WebSocket from 'ws'
import { readFileSync, readdirSync } from 'node:fs'
const app = await openApp(findChromium(), ['--no-demo'])
const socket = new WebSocket(app.address.replace('http', 'ws').replace(/\/$/, '') + '/socket', {
  origin: app.address.replace(/\/$/, ''),
})
const feed = openPort({ send: (m) => socket.send(m), close: () => socket.close() })
socket.on('message', (m) => feed.receive(String(m)))
await new Promise((r, j) => {
  socket.on('open', r)
  socket.on('error', j)
})
const client = createClient(feed.port)
const lane = (id, options) => ({ id, label: id.toUpperCase(), options })
const { run } = await client.call('runs.start', {
  name: 'soak',
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  batchSize: 10,
  cycles: 40,
  limit: 200,
  lanes: [
    lane('source', { method: 'source' }),
    lane('norm', { method: 'norm' }),
    lane('tent', { method: 'tent' }),
    lane('palm', { method: 'palm' }),
  ],
})
console.log('run', run)
const rss = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
const childrenOf = (pid) =>
  readdirSync('/proc')
    .filter((d) => /^\d+$/.test(d))
    .filter((d) => {
      try {
        return readFileSync(`/proc/${d}/stat`, 'utf8').split(') ')[1].split(' ')[1] === String(pid)
      } catch {
        return false
      }
    })
    .map(Number)
const cdp = await app.page.context().newCDPSession(app.page)
await app.page.evaluate(
  `new PerformanceObserver((list) => { for (const e of list.getEntries()) { window.longest = Math.max(window.longest ?? 0, e.duration); window.longs = (window.longs ?? 0) + 1 } }).observe({ type: 'longtask', buffered: true })`,
)
const minutes = Number(process.argv[2] ?? 12)
for (let i = 0; i <= minutes; i++) {
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  const text = await app.page
    .locator('.progress')
    .innerText()
    .catch(() => '')
  const kids = childrenOf(app.pid)
  console.log(
    `${i} min: ${/Step [\d,]+ \/ [\d,]+/.exec(text)?.[0]}; page heap ${(usedSize / 2 ** 20).toFixed(1)} MiB; host ${rss(app.pid).toFixed(0)} MiB; session ${kids.map((k) => rss(k).toFixed(0)).join(', ')} MiB; longest task ${await app.page.evaluate('Math.round(window.longest ?? 0)')} ms, ${await app.page.evaluate('window.longs ?? 0')} over 50 ms`,
  )
  await app.page.evaluate('window.longest = 0; window.longs = 0')
  await new Promise((r) => setTimeout(r, 60_000))
}
console.log('faults', app.faults)
await app.close()
process.exit(0)
