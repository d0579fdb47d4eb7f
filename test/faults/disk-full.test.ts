// A disk that is full at any write of the program: each operation is tried with so little room that it fails here or there, on a file system that is really full. It says so with the
// code `disk-full`, loses nothing, and does its work when there is room again. What needs no file system of its own is tested in test/store/disk-full.test.ts everywhere.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DataMove } from '#app/services/data/data-move.ts'
import { copyData } from '#store/data-copy.ts'
import { realDisk } from '#app/services/data/data-files.ts'
import { Uploads } from '#app/services/data/uploads.ts'
import { Log } from '#app/services/machine/log.ts'
import { changeSettings } from '#app/services/machine/settings.ts'
import { openRuns } from '#app/services/runs/runs.ts'
import { modelLibraryOf } from '#app/wiring/models.ts'
import { sourceFolders } from '#app/wiring/program-files.ts'
import { openWorkspaceIn, type Workspace } from '#app/wiring/workspace.ts'
import { fromWireError, toWireError, type WireError } from '#contract/errors.ts'
import { loadDevice } from '#engine/compute/backend.ts'
import { tensorFlowSources } from '#engine/compute/open-device.ts'
import { exportCheckpoint } from '#session/export/export.ts'
import { openStore, type Store } from '#store/store.ts'
import { olderDatabase } from '#test/helpers/older-database.ts'
import { sessionsHere } from '#test/helpers/sessions-here.ts'
import { chance, some, times } from './chance.ts'
import { outcomeOf } from './outcome.ts'
import { needsDisk, smallDisk } from './small-disk.ts'
import { tinyRun } from '#test/helpers/tiny-run.ts'

const disk = smallDisk(12 << 20)
const page = 4096
const here = mkdtempSync(join(tmpdir(), 'palm-full-'))
const before = join(here, 'before')
const options = tinyRun(
  here,
  true,
)({
  limit: 20,
  lanes: [{ id: 'tent', label: 'TENT', options: { method: 'tent' } }],
})
afterAll(() => {
  disk?.remove()
  rmSync(here, { recursive: true, force: true })
})

const sessions = sessionsHere(() => ({
  ...tensorFlowSources(false),
  webgpu: () => Promise.reject(new Error('there is none')),
}))
const runsOf = (store: Store, dataFolder: string) =>
  openRuns({
    program: 'test',
    store,
    dataFolder,
    resourcesFolder: sourceFolders.resources,
    startSession: sessions,
    workers: 1,
    preview: false,
    now: () => 1e12,
  })

/** What is done in a data folder on the small disk. Throws what the program says; whatever it leaves behind must do with `check`. */
interface Operation {
  readonly name: string
  readonly levels: readonly [few: number, all: number]
  /** Before the disk gets full. */
  readonly prepare?: (folder: string) => void
  readonly act: (folder: string) => Promise<void>
  /** When there is room again: what was there before is, and the work is done at last. */
  readonly again?: (folder: string) => Promise<void>
  readonly check?: (folder: string) => void
}

const withStore = async <T>(folder: string, work: (store: Store) => T | Promise<T>): Promise<T> => {
  const store = openStore(join(folder, 'palm.sqlite'))
  try {
    return await work(store)
  } finally {
    store.close()
  }
}

let expected: ReturnType<typeof outcomeOf>
beforeAll(async () => {
  mkdirSync(before)
  await withStore(before, async (store) => {
    const runs = runsOf(store, before)
    const run = runs.sessions.start(options)
    await runs.sessions.over(run)
    expected = outcomeOf(store, run)
    expect(expected.status).toBe('done')
  })
})

/** Another run beside the one that is there. */
async function runOnce(folder: string): Promise<void> {
  await withStore(folder, async (store) => {
    const { sessions: own, feeds } = runsOf(store, folder)
    const run = own.start(options)
    // Told also where it could not be recorded.
    let told: WireError | null = null
    feeds.follow(run, {
      snapshot: () => undefined,
      event: (event) => event.event === 'status' && (told = event.error),
      error: (error) => expect.fail(error.message),
    })
    await own.over(run)
    if (told) throw fromWireError(told)
    expect(store.runs.get(run).status).toBe('done')
  })
}

async function resumeAll(folder: string): Promise<void> {
  await withStore(folder, async (store) => {
    const { sessions: own } = runsOf(store, folder)
    own.recover()
    for (const { id, status } of store.runs.list()) {
      if (status === 'done') continue
      expect(['failed', 'interrupted']).toContain(status)
      own.resume(id)
      await own.over(id)
    }
    for (const { id } of store.runs.list()) expect(outcomeOf(store, id)).toEqual(expected)
  })
}

const workspace = (folder: string): Promise<Workspace> =>
  openWorkspaceIn(folder, { resourcesFolder: '', startSession: sessions, workers: null, preview: false })
const megabyte = Buffer.alloc(1 << 20, 5)
const operations: readonly Operation[] = [
  {
    name: 'opening a new data folder',
    levels: [6, 200],
    prepare: (folder) => rmSync(folder, { recursive: true }),
    act: async (folder) => (await workspace(folder)).store.close(),
  },
  {
    name: 'a run from its start to its end',
    levels: [3, 300],
    act: runOnce,
    again: resumeAll,
  },
  {
    name: 'a setting',
    levels: [6, 60],
    act: (folder) => withStore(folder, (store) => void changeSettings(store, { theme: 'light' })),
  },
  {
    name: 'a note of a run',
    levels: [6, 60],
    act: (folder) =>
      withStore(folder, (store) => store.transaction(() => store.runs.change(1, { note: 'x'.repeat(18_000) }))),
  },
  {
    name: 'a model for the library',
    levels: [6, 60],
    act: async (folder) => {
      const opened = await workspace(folder)
      try {
        await modelLibraryOf({ ...opened, resourcesFolder: sourceFolders.resources }).add(
          join(here, 'tiny.safetensors'),
        )
      } finally {
        opened.store.close()
      }
    },
    check: (folder) => {
      const left = existsSync(join(folder, 'models')) ? readdirSync(join(folder, 'models')).length : 0
      expect(left, 'folders of models that nobody knows').toBe(0)
    },
  },
  {
    name: 'an export',
    levels: [3, 60],
    act: (folder) =>
      withStore(folder, async (store) => {
        mkdirSync(join(folder, 'exports'), { recursive: true })
        const checkpoint = store.checkpoints.list(1).at(-1)?.id ?? 0
        await exportCheckpoint({
          store,
          device: loadDevice(),
          resourcesFolder: sourceFolders.resources,
          request: {
            run: 1,
            checkpoint,
            path: join(folder, 'exports', 'a.safetensors'),
            format: null,
            delta: false,
            statisticsFrom: null,
            usualStatistics: false,
            withPaths: false,
          },
          version: 'test',
          now: () => 0,
        })
      }),
    check: (folder) =>
      expect(existsSync(join(folder, 'exports')) ? readdirSync(join(folder, 'exports')) : []).toEqual([]),
  },
  {
    name: 'shrinking the file',
    levels: [6, 60],
    act: (folder) => withStore(folder, (store) => store.rewriteFile()),
  },
  {
    name: 'bringing an older file up to date',
    levels: [6, 100],
    prepare(folder) {
      const old = olderDatabase(2)
      rmSync(folder, { recursive: true })
      cpSync(old.folder, folder, { recursive: true })
      rmSync(old.folder, { recursive: true })
    },
    act: (folder) => withStore(folder, (store) => expect(store.runs.get(1).name).toBe('old')),
    check: (folder) => expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]),
  },
  {
    name: 'moving the data folder there',
    levels: [6, 100],
    prepare: (folder) => rmSync(folder, { recursive: true }),
    act: async (folder) => {
      const origin = join(here, 'origin')
      rmSync(origin, { recursive: true, force: true })
      cpSync(before, origin, { recursive: true })
      writeFileSync(join(origin, 'palm.sqlite.before-2'), megabyte)
      await withStore(origin, async (store) => {
        const move = new DataMove({
          place: origin,
          folder: origin,
          store,
          log: { info: () => undefined, error: () => undefined },
          busy: () => null,
          before: null,
          copy: (order, told, signal) => copyData(order, told, signal),
          switchTo: async () => undefined,
          disk: { ...realDisk, free: async () => null }, // who asks is told before anything is written
        })
        await move.start(folder)
        await move.over()
        const { phase, error } = move.state
        expect(existsSync(join(origin, 'moved-to.json'))).toBe(phase === 'moved')
        if (phase !== 'moved') throw fromWireError(error ?? { code: 'internal', message: 'It said nothing.' })
      })
    },
    check: (folder) => expect(existsSync(folder)).toBe(false),
  },
]

describe.skipIf(disk === null)(`a disk that is full${needsDisk(disk)}`, () => {
  const folder = join(disk?.folder ?? '', 'data')
  const fresh = ({ prepare }: Operation): void => {
    disk?.free()
    rmSync(folder, { recursive: true, force: true })
    cpSync(before, folder, { recursive: true })
    prepare?.(folder)
  }
  test.each(operations)('during $name is said, and nothing is lost', async (operation) => {
    const { name, levels, act, again = act, check } = operation
    const failsWith = async (pages: number): Promise<boolean> => {
      fresh(operation)
      disk?.leave(pages * page)
      try {
        await act(folder)
        return false
      } catch (thrown) {
        expect({ name, pages, ...toWireError(thrown) }).toMatchObject({
          code: 'disk-full',
          message: expect.stringMatching(/full/),
        })
        check?.(folder)
        return true
      } finally {
        disk?.free()
      }
    }
    // About what it needs: with less it fails here or there.
    let [low, high] = [0, 16]
    for (; await failsWith(high); high *= 2) low = high
    while (high - low > Math.max(1, high / 8)) {
      const middle = (low + high) >> 1
      if (await failsWith(middle)) low = middle
      else high = middle
    }
    let failed = 0
    for (const pages of some(times(...levels), high, chance(20 + operations.indexOf(operation)))) {
      if (!(await failsWith(pages))) continue
      failed += 1
      await again(folder)
      if (existsSync(join(folder, 'palm.sqlite'))) {
        const db = new Database(join(folder, 'palm.sqlite'))
        expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
        db.close()
      }
    }
    console.log(
      `${name}: needs about ${high} pages; ${failed} times too little room: each said, nothing lost, done afterwards`,
    )
    expect(failed).toBeGreaterThan(0)
  })

  test('takes a piece of an upload again when there is room, and none by half', async () => {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    const uploads = new Uploads(folder, 0)
    const levels = some(times(6, 60), megabyte.length / page, chance(19))
    for (const pages of levels) {
      const { upload } = await uploads.begin({ files: 1, bytes: 2 * megabyte.length })
      const piece = (offset: number) => ({ upload, path: 'a/b', offset, data: megabyte.toString('base64') })
      await uploads.write(piece(0))
      disk?.leave(pages * page)
      await expect(uploads.write(piece(megabyte.length))).rejects.toMatchObject({ code: 'disk-full' })
      disk?.free()
      await uploads.write(piece(megabyte.length))
      const { path } = uploads.finish(upload)
      expect(readFileSync(join(path, 'a', 'b')).equals(Buffer.concat([megabyte, megabyte]))).toBe(true)
      rmSync(path, { recursive: true })
    }
    disk?.leave(0)
    await expect(uploads.begin({ files: 1, bytes: 1 })).rejects.toMatchObject({ code: 'disk-full' })
    disk?.free()
    console.log(`a piece of an upload: ${levels.length} times too little room: each said, sent again whole`)
  })

  test('is no fault of the log’s', () => {
    disk?.leave(0)
    const log = new Log(join(folder, 'logs'), () => 0)
    for (let i = 0; i < 100; i++) log.info('test', 'x'.repeat(900))
    expect(log.entries()).toHaveLength(100)
    disk?.free()
    log.info('test', 'room again')
    expect(new Log(join(folder, 'logs'), () => 0).entries().at(-1)?.message).toBe('room again')
  })
})
