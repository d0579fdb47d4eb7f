// npm run soak [-- --steps 100000 --frames 50000 --every 10000]: a long run of a tiny model in the app with a browser on it, then as many frames of a webcam, and at every
// mark a line of what page, host, session and database hold. What rises from line to line is a leak, or is said to grow; docs/benchmarks.md has the figures. Pictures and network are
// as small as they can be: what is kept of a step is what counts here, not its arithmetic.
// Linux only: it reads /proc.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import WebSocket from 'ws'
import { createClient, type PalmClient } from '#app/rpc/client.ts'
import { openPort } from '#app/rpc/port.ts'
import { NumpyRandom } from '#stream/images/random.ts'
import { chromiumPath, openApp, type RunningApp } from '#test/e2e/app-in-browser.ts'
import { tinyImages, tinyRun } from '#test/helpers/tiny-run.ts'

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '100000' },
    frames: { type: 'string', default: '50000' },
    every: { type: 'string', default: '10000' },
  },
})
const [steps, frames, every] = [values.steps, values.frames, values.every].map(Number) as [number, number, number]
if (![steps, frames, every].every((count) => Number.isInteger(count) && count >= 0) || every < 1) {
  process.stderr.write('npm run soak -- --steps N --frames N --every N: whole numbers\n')
  process.exit(2)
}
const chromium = chromiumPath('browser')
if (chromium === null) process.exit(1)

const batch = 2
const side = 16
const corruptions = ['contrast', 'brightness'] as const
const perDomain = tinyImages
const folder = mkdtempSync(join(tmpdir(), 'palm-soak-'))
const optionsOf = tinyRun(folder, true)
const data = join(folder, 'data')
// A second thread of TensorFlow only waits for the first, with so little to do.
const app = await openApp(chromium, ['--no-demo', '--data', data], { env: { TF_NUM_INTRAOP_THREADS: '1' } })
try {
  const client = await clientOf(app)
  const measure = await measuring(app)
  if (steps > 0) await soakSteps(client, measure)
  if (frames > 0) await soakFrames(client, measure)
  for (const fault of app.faults) tell(`fault in the page: ${fault}`)
  process.exitCode = app.faults.length === 0 ? 0 : 1
  client.close()
} finally {
  await app.close()
  rmSync(folder, { recursive: true, force: true })
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** A second connection beside the page's, let in with the page's own secrets. */
async function clientOf({ address, page }: RunningApp): Promise<PalmClient> {
  const { origin } = new URL(address)
  const cookies = await page.context().cookies(origin)
  await page.locator('nav').first().waitFor() // it has taken the key out of its address
  const key = await page.evaluate(() => localStorage.getItem('palm-key') ?? '')
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`, {
    origin,
    headers: { Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
  })
  const feed = openPort({ send: (message) => socket.send(message), close: () => socket.close() })
  await new Promise<void>((resolve, reject) => {
    socket.on('open', () => socket.send(key))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('The host closed the connection.')))
    socket.on('message', (message: Buffer, isBinary) => {
      if (isBinary) feed.receive(message)
      else if (message.toString() === 'ready') resolve()
      else feed.receive(message.toString())
    })
  })
  socket.on('close', (code, why) => feed.closed(`the host closed it: ${code} ${why.toString()}`))
  return createClient(feed.port)
}

/** Two lanes over two corruptions of 200 pictures, again and again, until so many steps are made; then it is stopped. */
async function soakSteps(client: PalmClient, measure: () => Promise<string>): Promise<void> {
  const cycles = Math.ceil((steps * batch) / (corruptions.length * perDomain))
  const { run } = await client.call('runs.start', {
    ...optionsOf({ name: 'soak: steps', corruptions: [...corruptions] }),
    batchSize: batch,
    cycles,
  })
  const began = performance.now()
  const peaks = new Map<string, number>()
  let told = -1
  let measured: Promise<void> = Promise.resolve()
  await new Promise<void>((resolve, reject) => {
    client.subscribe(
      'run',
      { run },
      {
        snapshot: () => undefined,
        event: (event) => {
          if (event.event === 'status' && event.status === 'failed') reject(new Error(event.error?.message))
          if (event.event === 'status' && ['done', 'stopped'].includes(event.status)) resolve()
          if (event.event !== 'step') return
          for (const { lane, peakBytes } of event.reports) peaks.set(lane, Math.max(peaks.get(lane) ?? 0, peakBytes))
          const { step } = event.progress
          if (Math.floor(step / every) === told) return
          told = Math.floor(step / every)
          const held = [...peaks].map(([lane, bytes]) => `${lane} ${(bytes / 2 ** 20).toFixed(2)}`).join(', ')
          peaks.clear()
          const perStep = (performance.now() - began) / step
          measured = measured.then(async () =>
            tell(
              `step ${step} (${perStep.toFixed(1)} ms each): ${await measure()}; tensors at their peak, MiB: ${held}`,
            ),
          )
          if (step >= steps) void client.call('runs.stop', { run }).catch(() => undefined)
        },
        error: (error) => reject(new Error(error.message)),
      },
    )
  })
  await measured
  await tellSpace(client, run, steps)
}

/** Two hundred pictures of noise one after the other, another corruption every thousand frames; the lane adapts on a window of four. */
async function soakFrames(client: PalmClient, measure: () => Promise<string>): Promise<void> {
  const random = new NumpyRandom(12)
  const pictures = Array.from({ length: tinyImages }, () =>
    Uint8Array.from({ length: side * side * 3 }, () => random.randint(0, 256)),
  )
  const { run } = await client.call('runs.start', {
    name: 'soak: webcam',
    input: { kind: 'webcam', name: 'soak' },
    model: { kind: 'file', path: join(folder, 'tiny.safetensors'), inputSize: side },
    batchSize: 4,
    corruptions: ['contrast'],
    lanes: [
      { id: 'source', label: 'Unadapted', options: { method: 'source' } },
      { id: 'palm', label: 'PALM', options: { method: 'palm' } },
    ],
  })
  const began = performance.now()
  let adapted = 0
  for (let frame = 0; frame <= frames; frame++) {
    if (frame % every === 0)
      tell(
        `frame ${frame} (${(frame === 0 ? 0 : (performance.now() - began) / frame).toFixed(1)} ms each, ${adapted} adaptation steps): ${await measure()}`,
      )
    if (frame % 1000 === 999)
      await client.call('webcam.control', {
        run,
        settings: { corruption: corruptions[Math.floor(frame / 1000) % corruptions.length] ?? null },
      })
    const pixels = Uint8Array.from(pictures[frame % pictures.length] ?? [])
    adapted = (await client.call('webcam.frame', { run, width: side, height: side, pixels })).steps
  }
  await client.call('runs.stop', { run })
  await tellSpace(client, run, adapted)
}

async function tellSpace(client: PalmClient, run: number, of: number): Promise<void> {
  const { runs, file } = await client.call('storage.usage', {})
  const own = runs.find((row) => row.run === run)
  if (!own) throw new Error(`There is no account of run ${run}.`)
  const each = (bytes: number) => `${Math.round(bytes / of)} bytes a step`
  tell(
    `database ${(file.fileBytes / 2 ** 20).toFixed(0)} MiB; run ${run}: numbers and tensor reports ${each(own.stepBytes)}, ${own.checkpoints} checkpoints ${each(own.checkpointBytes)}, predictions and the rest ${each(own.otherBytes)}`,
  )
}

/** Of the page: its heap after a collection, nodes and listeners, tasks over 50 ms since the last call. Of the processes: resident memory, open files, threads. */
async function measuring({ page, pid }: RunningApp): Promise<() => Promise<string>> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  await page.evaluate(`window.long = []
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask', buffered: true })`)
  return async () => {
    await devtools.send('HeapProfiler.collectGarbage')
    const { usedSize } = await devtools.send('Runtime.getHeapUsage')
    const { metrics } = await devtools.send('Performance.getMetrics')
    const metric = (name: string) => metrics.find((found) => found.name === name)?.value ?? 0
    const long = await page.evaluate<number[]>('window.long.splice(0)')
    const database = ['', '-wal'].reduce((sum, end) => sum + sizeOf(join(data, `palm.sqlite${end}`)), 0)
    return [
      `page ${(usedSize / 2 ** 20).toFixed(1)} MiB, ${metric('Nodes')} nodes, ${metric('JSEventListeners')} listeners, longest task ${Math.round(Math.max(0, ...long))} ms`,
      `host ${held(pid)}`,
      ...childrenOf(pid).map((child) => `session ${held(child)}`),
      `database ${(database / 2 ** 20).toFixed(0)} MiB`,
      await shown(page),
    ].join('; ')
  }
}

async function shown(page: Page): Promise<string> {
  const progress = page.locator('.progress')
  const text = (await progress.count()) > 0 ? await progress.first().innerText() : ''
  return `shown: ${/Step [\d,]+ \/ [\d,]+/.exec(text)?.[0] ?? 'no step'}`
}

function held(pid: number): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mebibytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  const threads = /Threads:\s+(\d+)/.exec(status)?.[1] ?? '?'
  return `${mebibytes.toFixed(0)} MiB, ${readdirSync(`/proc/${pid}/fd`).length} handles, ${threads} threads`
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
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
