// The lab's queue on a real PostgreSQL server: every cell is computed, counted once and never lost, whatever dies.
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { labAddress } from '#app/services/lab/lab-address.ts'
import { LabQueue, type TakenCell } from '#app/services/lab/lab-queue.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import type { QueuedCell, QueuedContents } from '#contract/sweeps/lab.ts'
import { bundled } from '#test/helpers/bundled.ts'
import { noPostgres, startPostgres, type TestServer } from '#test/helpers/postgres.ts'

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const contents: QueuedContents = {
  program: '1',
  revision: 1,
  input: { name: 'photos', content: hash('i'), print: hash('p'), options: { kind: 'sample' } },
  model: { name: 'net', content: hash('m'), print: hash('n'), options: { kind: 'sample' } },
  source: null,
}
const cells = (n: number, salt = ''): QueuedCell[] =>
  Array.from({ length: n }, (_, i) => ({
    key: hash(`${salt}${i}`),
    stream: hash('stream'),
    label: `cell ${i}`,
    options: { method: 'source' },
  }))

describe('an address', () => {
  const of = (text: string | null, environment: NodeJS.ProcessEnv = {}) => labAddress(text, environment)

  test('takes its password from the environment, and none from a command', () => {
    expect(of('postgres://me@localhost:5433/lab', { PGPASSWORD: 'secret' })).toMatchObject({
      url: 'postgres://me@localhost:5433/lab',
      password: 'secret',
      shown: 'localhost:5433/lab',
    })
    expect(of(null, { PALM_QUEUE: 'postgres://me:p%40ss@localhost/lab' })).toMatchObject({
      url: 'postgres://me@localhost/lab',
      password: 'p@ss',
    })
    expect(() => of('postgres://me:secret@localhost/lab')).toThrow(/read by other users/)
    expect(JSON.stringify(of(null, { PALM_QUEUE: 'postgres://me:secret@localhost/lab' }).shown)).not.toContain('secret')
  })

  test('is encrypted and verified unless the server is this machine, or it is said', () => {
    expect(of('postgres://me@lab.example/db').ssl).toEqual({ rejectUnauthorized: true })
    expect(of('postgres://me@lab.example/db?sslmode=require').ssl).toEqual({ rejectUnauthorized: true })
    for (const here of ['localhost', '127.0.0.1', '[::1]']) expect(of(`postgres://me@${here}/db`).ssl).toBe(false)
    const open = of('postgres://me@lab.example/db?sslmode=disable')
    expect(open.ssl).toBe(false)
    expect(open.warning).toMatch(/not encrypted/)
  })

  test('that is none is said', () => {
    for (const text of ['', 'lab', 'redis://x/y', 'postgres://x/y?sslmode=no-verify', 'postgres://x/y?options=-c'])
      expect(() => of(text)).toThrow(/A queue is given as postgres/)
  })
})

describe.skipIf(noPostgres() !== null)(`on a server${noPostgres() ? ` (${noPostgres()})` : ''}`, () => {
  let server: TestServer
  const open: LabQueue[] = []
  beforeAll(async () => {
    server = await startPostgres()
  })
  // One that is open asks the server every second.
  afterEach(() => Promise.all(open.splice(0).map((queue) => queue.close())))
  afterAll(() => server.stop())
  const queueAt = async (url: string, worker: string | null = null, heartbeatSeconds = 10) => {
    const queue = await LabQueue.open(labAddress(url), { worker, superviseSeconds: 1, heartbeatSeconds })
    open.push(queue)
    return queue
  }
  const must = (taken: TakenCell | null): TakenCell => {
    if (taken === null) throw new Error('There was a cell.')
    return taken
  }

  test('a cell is in it once, and done once, by whomever', async () => {
    const url = server.database('once')
    const queue = await queueAt(url, 'a')
    const name = await queue.queueOf(contents)
    expect(await queue.put(name, cells(3))).toBe(3)
    expect(await queue.put(name, cells(4))).toBe(1)
    const first = must(await queue.take(name))
    await queue.finish(first, Buffer.from('one'))
    await queue.finish(first, Buffer.from('another'))
    expect(Buffer.from((await queue.results.one(first.cell.key))?.bytes ?? []).toString()).toBe('one')
    expect(await queue.put(name, cells(4))).toBe(0)
    expect(await queue.results.after(0, 10)).toHaveLength(1)
    expect((await queue.state()).done).toBe(1)
    // Computed elsewhere meanwhile: it is not begun again.
    const second = must(await queue.take(name))
    server.sql(
      url,
      `INSERT INTO palm.results (key, bytes, worker) SELECT data->>'key', 'x', 'b' FROM palm_queue.job WHERE state = 'created'`,
    )
    expect(await queue.take(name)).toBeNull()
    await queue.giveBack(second)
    expect(must(await queue.take(name)).cell.key).toBe(second.cell.key)
  })

  test('a cell that fails three times is set aside with its error, and tried again when it is asked for again', async () => {
    const queue = await queueAt(server.database('poison'), 'a')
    const name = await queue.queueOf(contents)
    await queue.put(name, cells(1))
    for (const tries of [1, 2, 3]) {
      const aside = await queue.failed(must(await queue.take(name)), { code: 'internal', message: `no ${tries}` })
      expect(aside).toBe(tries === 3)
    }
    expect(await queue.take(name)).toBeNull()
    const key = hash('0')
    expect([...(await queue.results.aside([key, hash('1')]))]).toEqual([[key, { code: 'internal', message: 'no 3' }]])
    expect(await queue.put(name, cells(1))).toBe(1)
    expect((await queue.results.aside([key])).size).toBe(0)
    expect(must(await queue.take(name)).cell.key).toBe(key)
  })

  test('what somebody wrote into it by hand is set aside or refused, never taken', async () => {
    const url = server.database('hostile')
    const queue = await queueAt(url, 'a')
    const name = await queue.queueOf(contents)
    await queue.put(name, cells(3))
    server.sql(
      url,
      `UPDATE palm_queue.job SET data = jsonb_set(data, '{options}', '{"method": "rm -rf"}') WHERE data->>'label' = 'cell 0';
       UPDATE palm_queue.job SET data = jsonb_set(data, '{key}', to_jsonb('${hash('other')}'::text)) WHERE data->>'label' = 'cell 1'`,
    )
    expect(must(await queue.take(name)).cell.label).toBe('cell 2')
    expect(await queue.take(name)).toBeNull()
    // Whoever waits for them is told, and has them again by putting the sweep in once more.
    const asked = cells(3)
    const aside = await queue.results.aside(asked.map(({ key }) => key))
    expect([...aside].map(([key, { message }]) => [asked.findIndex((cell) => cell.key === key), message])).toEqual([
      [0, expect.stringContaining('put it in again')],
      [1, expect.stringContaining('put it in again')],
    ])
    expect(await queue.put(name, asked)).toBe(2)
    expect((await queue.results.aside(asked.map(({ key }) => key))).size).toBe(0)
    server.sql(url, `UPDATE palm.queues SET contents = '{"program": 7}'`)
    await expect(queue.queues()).rejects.toThrow(/does not understand/)
    const id = await queue.putStream({ run: streamOf() })
    expect((await queue.stream(id)).run.batchSize).toBe(streamOf().batchSize)
    await expect(queue.stream('x')).rejects.toThrow(/does not say/)
    server.sql(url, 'UPDATE palm.meta SET version = 99')
    await expect(queueAt(url)).rejects.toThrow(/of version 99, this program knows 1/)
    await expect(queueAt('postgres://palm@127.0.0.1:1/x')).rejects.toThrow(/cannot be used.*Does the server run/)
  })

  test('files travel whole, are held against their hashes, and lie nowhere but in their folder', async () => {
    const url = server.database('files')
    const queue = await queueAt(url)
    const folder = mkdtempSync(join(tmpdir(), 'palm-lab-files-'))
    try {
      writeFileSync(join(folder, 'a'), 'hello')
      await queue.files.put(hash('c'), [{ path: 'photos/x/a.png', file: join(folder, 'a') }])
      const list = await queue.files.list(hash('c'))
      await queue.files.fetch(list ?? [], join(folder, 'got'))
      expect(readFileSync(join(folder, 'got', 'photos', 'x', 'a.png'), 'utf8')).toBe('hello')
      server.sql(url, `UPDATE palm.blobs SET bytes = 'evil!'`)
      await expect(queue.files.fetch(list ?? [], join(folder, 'again'))).rejects.toThrow(/missing or damaged/)
      for (const path of ['../a', '/etc/a', 'a/../../b', 'a//b', 'C:\\a', '.', 'a\\..\\b']) {
        server.sql(url, `UPDATE palm.files SET list = '${JSON.stringify([{ path, hash: hash('c'), size: 5 }])}'`)
        await expect(queue.files.list(hash('c'))).rejects.toThrow(/does not understand/)
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('a machine that slept through its cell changes nothing when it wakes', async () => {
    const url = server.database('asleep')
    const sleeper = await queueAt(url, 'sleeper')
    const other = await queueAt(url, 'other')
    const name = await sleeper.queueOf(contents)
    await sleeper.put(name, cells(1))
    const held = must(await sleeper.take(name))
    expect(await sleeper.keep(held)).toBe(true)
    expect(await other.take(name)).toBeNull()
    // An hour passes without a sign of life.
    server.sql(
      url,
      `UPDATE palm_queue.job SET heartbeat_on = now() - interval '1 hour', started_on = now() - interval '1 hour'`,
    )
    const again = must(await waitFor(() => other.take(name)))
    expect(await sleeper.keep(held)).toBe(false)
    await sleeper.finish(held, Buffer.from('late'))
    expect((await other.results.after(0, 10)).length).toBe(1)
    await other.finish(again, Buffer.from('on time'))
    expect((await other.results.after(0, 10)).length).toBe(1)
    expect(await waitFor(async () => ((await other.state()).active === 0 ? true : null))).toBe(true)
    expect(await other.take(name)).toBeNull()
  })

  const seed = Number(process.env['PALM_SEED'] ?? 1)
  test(`4 workers, 200 cells, 100 random kills and a restart of the server: each cell counts once (seed ${seed})`, async () => {
    const url = server.database('kills')
    const asker = await queueAt(url)
    const name = await asker.queueOf(contents)
    const all = cells(200, 'kills')
    await asker.put(name, all)
    const child = await bundled('test/app/services/lab-child.ts', { beside: [], packages: /^(?!pg-native)/ })
    const begin = (i: number) => spawn(process.execPath, [child, url, `worker ${i}`, name], { stdio: 'ignore' })
    const workers: ChildProcess[] = [0, 1, 2, 3].map(begin)
    let state = seed
    const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
    let kills = 0
    let restarted = false
    try {
      const timer = setInterval(() => {
        if (kills >= 100) return
        const victim = Math.floor(random() * 4)
        workers[victim]?.kill('SIGKILL')
        workers[victim] = begin(victim)
        kills += 1
        if (kills === 50) {
          server.restart()
          restarted = true
        }
      }, 200)
      const finished = await waitFor(async () => {
        if (kills < 100) return null
        const done = await asker.results.have(all.map(({ key }) => key)).catch(() => [])
        return done.length === all.length ? done : null
      })
      clearInterval(timer)
      expect(new Set(finished).size).toBe(200)
      expect(restarted).toBe(true)
      expect(await asker.results.after(0, 1000)).toHaveLength(200)
      for (const { key } of all) expect(Buffer.from((await asker.results.one(key))?.bytes ?? []).toString()).toBe(key)
      console.log(`4 workers, 200 cells, ${kills} kills, 1 restart of the server: 200 results, 0 lost, 0 twice`)
    } finally {
      for (const worker of workers) worker.kill('SIGKILL')
      rmSync(dirname(child), { recursive: true, force: true })
    }
  })
})

const streamOf = () => {
  const {
    lanes: _lanes,
    input: _input,
    model: _model,
    source: _source,
    ...run
  } = runOptionsSchema.parse({
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    lanes: [{ id: 'source', label: 'Source', options: { method: 'source' } }],
  })
  return run
}

async function waitFor<T>(look: () => Promise<T | null>): Promise<T> {
  let found: T | null = null
  await expect.poll(async () => (found = await look()), { interval: 100, timeout: 200_000 }).not.toBeNull()
  if (found === null) throw new Error('It was there.')
  return found
}
