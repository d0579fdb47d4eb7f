// A host that does one thing again and again in its data folder until it is killed. For host-killed.test.ts.
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { forkSessions } from '#app/hosts/node.ts'
import { createClient, type PalmClient } from '#app/rpc/client.ts'
import { portPair } from '#app/rpc/port.ts'
import { followMove } from '#app/services/data/data-folder.ts'
import { noKeyStore } from '#app/hosts/web-places.ts'
import { openApp } from '#app/wiring/open-app.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { environmentOf, processEnvironment } from '#engine/compute/environment.ts'
import { openStore } from '#store/store.ts'

export interface HostOrder {
  readonly what: 'runs' | 'records' | 'move' | 'export' | 'migrate'
  readonly data: string
  /** The checkout, for its resources and its session process. */
  readonly root: string
  readonly options: RunOptions
}

const text = process.argv[2] ?? '{}'
const order = JSON.parse(text) as HostOrder
const resourcesFolder = join(order.root, 'resources')
const built = process.env['PALM_BUILT'] // this file is a bundle itself, without the session beside it
const sessionFile = built ? join(built, 'session.js') : join(order.root, 'src-main/entry/session.ts')
const session = forkSessions(sessionFile, processEnvironment, environmentOf)

async function clientOf(): Promise<PalmClient> {
  const app = await openApp({
    version: 'test',
    host: 'web',
    data: order.data,
    resourcesFolder,
    processes: { session, probe: session },
    native: () => ({ ok: false, settingUp: false, reason: null, library: null }),
    dialogs: null,
    openFolder: null,
    tour: false,
    places: { roots: [dirname(order.data), order.root], remedy: '' },
    updates: 'Not in a test.',
    keys: noKeyStore,
  })
  const [here, there] = portPair()
  app.connect(there)
  return createClient(here)
}

const over = (client: PalmClient, run: number): Promise<void> =>
  new Promise((resolve, reject) =>
    client.subscribe(
      'run',
      { run },
      {
        snapshot: () => undefined,
        event: (event) =>
          event.event === 'status' && ['done', 'failed', 'interrupted'].includes(event.status) && resolve(),
        error: (error) => reject(new Error(error.message)),
      },
    ),
  )

const moved = (client: PalmClient): Promise<void> =>
  new Promise((resolve, reject) =>
    client.subscribe(
      'data',
      {},
      {
        snapshot: () => undefined,
        event: ({ phase, error }) => {
          if (phase === 'moved') resolve()
          if (phase === 'failed') reject(new Error(error?.message))
        },
        error: () => resolve(), // the page is connected anew
      },
    ),
  )

async function work(): Promise<void> {
  if (order.what === 'migrate') {
    process.send?.('up')
    openStore(join(order.data, 'palm.sqlite')).close()
    return
  }
  let client = await clientOf()
  process.send?.('up')
  for (let round = 0; ; round++) {
    if (order.what === 'runs') await over(client, (await client.call('runs.start', order.options)).run)
    else if (order.what === 'records') {
      const runs = [1, 2, 3]
      await client.call('runs.tag', { runs, add: [`round-${round}`], remove: [`round-${round - 1}`] })
      await client.call('runs.remove', { runs })
      await client.call('runs.change', { run: 4, changes: { note: `note ${round}`, name: `name ${round}` } })
      await client.call('settings.change', { changes: { theme: round % 2 === 0 ? 'dark' : 'light' } })
      await client.call('runs.restore', { runs })
      await client.call('runs.archive', { runs, archived: round % 2 === 0 })
    } else if (order.what === 'export') {
      const path = join(order.data, 'exports', `${round}.safetensors`)
      mkdirSync(join(order.data, 'exports'), { recursive: true })
      await client.call('runs.export', {
        run: 1,
        checkpoint: 1,
        path,
        format: null,
        delta: false,
        statisticsFrom: null,
      })
    } else {
      const now = followMove(order.data)
      const end = moved(client)
      await client.call('data.move', { folder: now.endsWith('-a') ? `${order.data}-b` : `${order.data}-a` })
      await end
      process.exit(0) // the old copy must be spoken of before the next move: whoever starts this does
    }
  }
}

process.on('disconnect', () => process.exit(0))
void work().then(
  () => process.exit(0),
  (thrown: unknown) => {
    process.send?.(String(thrown instanceof Error ? thrown.stack : thrown))
    process.exit(1)
  },
)
