// npm run soak [-- MINUTES]: a long run in the app with a browser on it, and once a minute a line of what the page and the processes hold.
// Numbers that rise from line to line are a leak; docs/benchmarks.md says what was found. Linux only: it reads /proc.
import { readFileSync, readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import WebSocket from 'ws'
import { createClient } from '#app/rpc/client.ts'
import { openPort } from '#app/rpc/port.ts'
import { chromiumPath, openApp, type RunningApp } from '#test/e2e/app-in-browser.ts'

const minutes = Number(process.argv[2] ?? 12)
if (!Number.isInteger(minutes) || minutes < 1) {
  process.stderr.write('npm run soak -- MINUTES: a whole number, at least 1\n')
  process.exit(2)
}
const chromium = chromiumPath('browser')
if (chromium === null) process.exit(1)
const app = await openApp(chromium, ['--no-demo'])
try {
  await startLongRun(app)
  const measure = await measuring(app)
  for (let minute = 0; minute <= minutes; minute++) {
    if (minute > 0) await pause(60_000)
    process.stdout.write(`${minute} min: ${await measure()}\n`)
  }
  for (const fault of app.faults) process.stdout.write(`fault in the page: ${fault}\n`)
  process.exitCode = app.faults.length === 0 ? 0 : 1
} finally {
  await app.close()
}

/** Four lanes over the sample, 40 times over in small batches: 12,000 batches, more than an hour's work. */
async function startLongRun({ address, page }: RunningApp): Promise<void> {
  const { origin } = new URL(address)
  const cookies = await page.context().cookies(origin)
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`, {
    origin,
    headers: { Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
  })
  const feed = openPort({ send: (message) => socket.send(message), close: () => socket.close() })
  socket.on('message', (message: Buffer) => feed.receive(message.toString()))
  await new Promise((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
  const methods = ['source', 'norm', 'tent', 'palm'] as const
  await createClient(feed.port).call('runs.start', {
    name: 'soak',
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    batchSize: 10,
    cycles: 40,
    limit: 200,
    lanes: methods.map((method) => ({ id: method, label: method.toUpperCase(), options: { method } })),
  })
}

/** Of the page: its heap after a collection and its tasks over 50 ms since the last call. Of the processes: their resident memory. */
async function measuring({ page, pid }: RunningApp): Promise<() => Promise<string>> {
  const devtools = await page.context().newCDPSession(page)
  await page.evaluate(`window.long = []
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask', buffered: true })`)
  return async () => {
    await devtools.send('HeapProfiler.collectGarbage')
    const { usedSize } = await devtools.send('Runtime.getHeapUsage')
    const long = await page.evaluate<number[]>('window.long.splice(0)')
    const sessions = childrenOf(pid).map((child) => residentMiB(child).toFixed(0))
    return [
      await stepShown(page),
      `page heap ${(usedSize / 2 ** 20).toFixed(1)} MiB`,
      `host ${residentMiB(pid).toFixed(0)} MiB`,
      `session ${sessions.join(', ') || 'none'} MiB`,
      `longest task ${Math.round(Math.max(0, ...long))} ms, ${long.length} over 50 ms`,
    ].join('; ')
  }
}

async function stepShown(page: Page): Promise<string> {
  const progress = page.locator('.progress')
  const text = (await progress.count()) > 0 ? await progress.first().innerText() : ''
  return /Step [\d,]+ \/ [\d,]+/.exec(text)?.[0] ?? 'no step yet'
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const stat = /^\d+$/.test(name) ? readFileSync(`/proc/${name}/stat`, 'utf8') : ''
      return stat.split(') ')[1]?.split(' ')[1] === String(pid) ? [Number(name)] : []
    } catch {
      return [] // ended meanwhile
    }
  })
}
