// A page that is reloaded, or a machine that goes to sleep, in the middle of every request and subscription that there is: the host stays up, answers the next page, and keeps nothing
// of the one that went.
import { noKeyStore } from '#app/hosts/web-places.ts'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startWebHost, type WebHost } from '#app/hosts/web.ts'
import { createClient } from '#app/rpc/client.ts'
import { openPort } from '#app/rpc/port.ts'
import type { SessionExit, StartSession } from '#app/services/processes/session-process.ts'
import { othersIn } from '#app/services/data/open-apps.ts'
import { openApp, type OpenedApp } from '#app/wiring/open-app.ts'
import { sourceFolders } from '#app/wiring/program-files.ts'
import { apiMethods, type ApiMethod } from '#contract/api.ts'
import { subscriptions, type SubscriptionName } from '#contract/subscriptions.ts'
import { openStore } from '#store/store.ts'
import { sampleOptions } from '#test/app/rpc/tables.ts'
import { FuzzRandom } from '#test/fuzz/fuzz-random.ts'
import { drawRequest } from '#test/fuzz/messages/draw-request.ts'
import { storeRun } from '#test/helpers/stored-runs.ts'
import { moment, seed, times } from './chance.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-page-'))
const data = join(folder, 'data')
let app: OpenedApp
let host: WebHost
let page: { readonly cookie: string; readonly key: string; readonly origin: string }

/** Processes that say nothing and go: what is asked of them is answered with that. */
const dying: StartSession = () => {
  const exits: ((exit: SessionExit) => void)[] = []
  void moment(20).then(() => exits.forEach((listener) => listener({ code: 3, signal: null, stderrTail: '' })))
  return {
    pid: null,
    send: () => undefined,
    onMessage: () => undefined,
    onExit: (listener) => void exits.push(listener),
    kill: () => undefined,
  }
}

beforeAll(async () => {
  const { prepareDataFolder } = await import('#app/services/data/data-folder.ts')
  await prepareDataFolder(data)
  const store = openStore(join(data, 'palm.sqlite'))
  for (let run = 0; run < 3; run++) storeRun(store)
  store.close()
  app = await openApp({
    version: 'test',
    host: 'web',
    data,
    resourcesFolder: sourceFolders.resources,
    processes: { session: dying, probe: dying },
    native: () => ({ ok: true, settingUp: false, library: null, reason: null }),
    dialogs: null,
    openFolder: null,
    tour: false,
    places: { roots: [folder], remedy: '' },
    updates: 'Not in a test.',
    keys: noKeyStore,
  })
  host = await startWebHost({ staticFolder: folder, port: null, onPort: (port) => app.connect(port) })
  const answer = await fetch(host.address)
  page = {
    cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '',
    key: /#key=([\w-]+)"/.exec(await answer.text())?.[1] ?? '',
    origin: `http://127.0.0.1:${host.port}`,
  }
})
afterAll(async () => {
  await app.close()
  await host.close()
  rmSync(folder, { recursive: true, force: true })
})

async function connect(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}/socket`, {
    headers: { cookie: page.cookie, origin: page.origin },
  })
  socket.on('error', () => undefined)
  await once(socket, 'open')
  socket.send(page.key)
  await once(socket, 'message')
  return socket
}

/** What a person would do; where nothing stands here it is drawn from the contract. None of them leaves the folder of this test. */
const likely: Partial<Record<ApiMethod, unknown>> = {
  'runs.start': sampleOptions,
  'runs.resume': { run: 1 },
  'runs.snapshot': { run: 1 },
  'runs.change': { run: 1, changes: { note: 'a note' } },
  'runs.remove': { runs: [3] },
  'runs.restore': { runs: [3] },
  'runs.curves': { runs: [1, 2], points: 100 },
  'runs.compare': { runs: [1, 2] },
  'runs.estimate': { options: sampleOptions },
  'runs.export': {
    run: 1,
    checkpoint: 1,
    path: join(folder, 'a.safetensors'),
    format: null,
    delta: false,
    statisticsFrom: null,
  },
  'models.add': { path: join(folder, 'no-model.pth') },
  'models.fetch': undefined, // would go to the network
  'inputs.inspect': { input: { kind: 'sample' }, model: { kind: 'sample' } },
  'uploads.begin': { files: 1, bytes: 1000 },
  'storage.shrink': {},
  'data.move': { folder: '' }, // refused: the move has tests of its own
  'data.check': { folder: join(folder, 'elsewhere') },
}

test('a page that goes in the middle of every request leaves the host as it was', async () => {
  writeFileSync(join(folder, 'no-model.pth'), 'no model')
  const resting = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  const before = resting()
  const methods = (Object.keys(apiMethods) as ApiMethod[]).filter((method) => method !== 'models.fetch')
  const topics = Object.keys(subscriptions) as SubscriptionName[]
  let dropped = 0
  for (let round = 0; round < times(1, 20); round++) {
    const random = new FuzzRandom('reload', seed, round)
    // One page for each: it asks, and is gone before it is answered, at once or a moment later.
    for (const method of methods) {
      const request = likely[method] ?? drawRequest(apiMethods[method].request, random)
      const socket = await connect()
      socket.send(JSON.stringify({ type: 'call', id: 1, method, request }))
      if (random.chance(0.5)) await moment(random.below(4))
      socket.terminate()
      dropped += 1
    }
    for (const name of topics) {
      const request = name === 'run' ? { run: 1 } : drawRequest(subscriptions[name].request, random)
      const socket = await connect()
      socket.send(JSON.stringify({ type: 'subscribe', id: 1, name, request }))
      if (random.chance(0.5)) await moment(random.below(4))
      socket.terminate()
      dropped += 1
    }
  }
  await expect.poll(resting).toBeLessThanOrEqual(before)
  const socket = await connect()
  const feed = openPort({ send: (message) => socket.send(message), close: () => socket.close() })
  socket.on('message', (message: Buffer) => feed.receive(message.toString()))
  socket.on('close', () => feed.closed('closed'))
  const client = createClient(feed.port)
  // What a page had under way ends by itself: a run whose session died is told as such.
  await expect.poll(async () => (await client.call('app.info', {})).activeRun).toBeNull()
  expect((await client.call('runs.list', {})).filter(({ status }) => status === 'done').length).toBeGreaterThanOrEqual(
    2,
  )
  expect((await client.call('runs.snapshot', { run: 2 })).run.status).toBe('done')
  // No upload of a page that went counts against the next one's for ever.
  const { upload } = await client.call('uploads.begin', { files: 1, bytes: 10 })
  await client.call('uploads.cancel', { upload })
  client.close()
  await expect.poll(resting).toBeLessThanOrEqual(before)
  console.log(
    `${dropped} pages gone in the middle of a request (${methods.length} methods, ${topics.length} subscriptions): the host answers the next one, no connection stays`,
  )
})

test('a second program over the same data folder is told of the first, and neither moves the folder away under the other', async () => {
  expect(app.alsoOpen).toBeNull()
  expect(othersIn(data)).toEqual([])
  const file = join(data, 'sessions', `app-${process.ppid}.json`)
  // As the other program writes it: our parent's process lives.
  const { readFileSync } = await import('node:fs')
  const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8')
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  writeFileSync(file, JSON.stringify([{ pid: process.ppid, start }]))
  expect(othersIn(data)).toEqual([process.ppid])
  const socket = await connect()
  const feed = openPort({ send: (message) => socket.send(message), close: () => socket.close() })
  socket.on('message', (message: Buffer) => feed.receive(message.toString()))
  const client = createClient(feed.port)
  expect((await client.call('data.check', { folder: join(folder, 'new') })).problem).toMatch(
    /open for this data folder in another program/,
  )
  // One that crashed is cleared away.
  writeFileSync(file, JSON.stringify([{ pid: process.ppid, start: '1' }]))
  expect(othersIn(data)).toEqual([])
  expect((await client.call('data.check', { folder: join(folder, 'new') })).problem).toBeNull()
  client.close()
})
