// A lab whose workers compute with the engine, and are killed at any moment; and one whose network is cut. More of it by hand:
// PALM_LAB_CELLS=60 PALM_LAB_KILLS=40 PALM_SEED=2.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeBmp } from '#test/helpers/bmp.ts'
import { CutNetwork } from '#test/helpers/cut-network.ts'
import { palmIn } from '#test/helpers/palm-here.ts'
import { noPostgres, startPostgres, type TestServer } from '#test/helpers/postgres.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'palm-lab-survives-'))
const here = (...path: string[]) => join(folder, ...path)
const palm = (data: string) => palmIn(here(data))
const wanted = Number(process.env['PALM_LAB_CELLS'] ?? 12)
const kills = Number(process.env['PALM_LAB_KILLS'] ?? 6)
const seed = Number(process.env['PALM_SEED'] ?? 1)

interface WorkerEvent {
  readonly event: string
  readonly label?: string
}

describe.skipIf(noPostgres() !== null)(`a lab that computes${noPostgres() ? ` (${noPostgres()})` : ''}`, () => {
  let server: TestServer
  const running = new Set<ChildProcess>()
  beforeAll(async () => {
    server = await startPostgres()
    for (const [i, name] of ['Forest', 'River'].entries())
      for (let at = 0; at < 8; at++)
        writeBmp(here('photos', name, `${at}.bmp`), 16, 16, (x, y) => {
          const value = (x * (at + 3) + y * (i + 2) * 5) % 256
          return [value, (value * 3) % 256, 255 - value]
        })
    const definition = {
      name: 'small',
      inputs: [{ kind: 'folder', path: here('photos') }],
      models: [{ kind: 'sample' }],
      preset: 'sample',
      methods: ['norm', 'tent'],
      corruptions: ['fog', 'contrast'],
      seeds: Array.from({ length: wanted / 2 }, (_, i) => i),
      batchSize: 8,
    }
    writeFileSync(here('small.json'), JSON.stringify(definition))
    expect((await palm('whole')('sweep', here('small.json'))).code).toBe(0)
  })
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL')
    server.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const put = async (data: string, url: string) => {
    expect(await palm(data)('sweep', here('small.json'), '--queue', url, '--detach')).toMatchObject({ code: 0 })
    // A killed worker's cell goes to another one after pg-boss's shortest silence.
    server.sql(
      url,
      'UPDATE palm_queue.queue SET heartbeat_seconds = 10; UPDATE palm_queue.job SET heartbeat_seconds = 10',
    )
  }
  const begin = (name: string, url: string, told: (event: WorkerEvent) => void = () => undefined) => {
    const child = spawn(
      process.execPath,
      [
        ...[join(root, 'src-main/entry/cli.ts'), 'worker', '--queue', url, '--name', name, '--json'],
        ...['--data', here(`of ${name}`), '--device', 'cpu', '--workers', '1'],
      ],
      { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] },
    )
    running.add(child)
    child.once('exit', () => running.delete(child))
    createInterface({ input: child.stdout }).on('line', (line) => told(JSON.parse(line) as WorkerEvent))
    return child
  }
  const results = (url: string) => Number(server.sql(url, 'SELECT count(*) FROM palm.results'))
  const sameTable = async (data: string, url: string) => {
    expect(await palm(data)('sweep', here('small.json'), '--queue', url)).toMatchObject({ code: 0 })
    const table = async (of: string) => (await palm(of)('table', 'small', '--format', 'csv')).out
    expect(await table('whole')).toContain('TENT')
    expect(await table(data)).toBe(await table('whole'))
  }
  const stopAll = () => {
    const gone = [...running].map((child) => new Promise((resolve) => child.once('exit', resolve)))
    for (const child of running) child.kill('SIGTERM')
    return Promise.all(gone)
  }

  test(`4 workers, ${wanted} cells, ${kills} random kills: each cell counts once, and the table is that of one machine (seed ${seed})`, async () => {
    const url = server.database('kills')
    await put('desk', url)
    const names = ['one', 'two', 'three', 'four']
    let state = seed
    const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
    let killed = 0
    let begun = 0
    const workers = new Map<string, ChildProcess>()
    const busy = new Set<ChildProcess>()
    const start = (name: string) => {
      const child = begin(name, url, ({ event }) => {
        if (event === 'cell') begun += 1
        if (event === 'cell') busy.add(child)
        else busy.delete(child)
      })
      workers.set(name, child)
      child.once('exit', (_code, signal) => {
        if (signal === 'SIGKILL' && workers.get(name) === child) start(name)
      })
    }
    names.forEach(start)
    // In the middle of a cell, at a moment that nobody chose.
    const timer = setInterval(() => {
      const victim = [...busy][Math.floor(random() * busy.size)]
      if (!victim || killed >= kills || random() < 0.4) return
      busy.delete(victim)
      killed += 1
      victim.kill('SIGKILL')
    }, 100)
    await expect.poll(() => results(url), { interval: 500, timeout: 600_000 }).toBe(wanted)
    clearInterval(timer)
    workers.clear()
    await stopAll()
    expect(killed).toBe(kills)
    expect(begun).toBeGreaterThanOrEqual(wanted)
    expect(server.sql(url, 'SELECT count(DISTINCT key) FROM palm.results')).toBe(String(wanted))
    expect(server.sql(url, 'SELECT count(*) FROM palm.failures')).toBe('0')
    console.log(`4 workers with the engine, ${wanted} cells, ${killed} kills: ${begun} begun, ${wanted} results`)
    await sameTable('desk', url)
  })

  test('the network is cut and comes back: everybody goes on, and each cell is computed once', async () => {
    const url = server.database('cut')
    await put('desk-2', url)
    const network = await CutNetwork.to(Number(new URL(url).port))
    const through = url.replace(/:\d+\//, `:${network.port}/`)
    const done: string[] = []
    const waits = new Set<string>()
    for (const name of ['near', 'far'])
      begin(name, through, ({ event }) => {
        if (event === 'done') done.push(name)
        if (event === 'waiting') waits.add(name)
      })
    for (const cells of [2, 5]) {
      await expect.poll(() => results(url), { interval: 100 }).toBeGreaterThanOrEqual(cells)
      waits.clear()
      await network.cut()
      await expect.poll(() => [...waits].sort()).toEqual(['far', 'near'])
      await network.mend()
    }
    await expect.poll(() => results(url)).toBe(wanted)
    await expect.poll(() => done.length).toBe(wanted)
    await stopAll()
    await network.cut()
    expect(done.length).toBe(wanted)
    expect(server.sql(url, 'SELECT count(*) FROM palm.failures')).toBe('0')
    await sameTable('desk-2', url)
  })
})
