// The host's process (of the window, the web page or the command) is killed at any moment: in the middle of a run's start, of records that are changed, of a move of the data
// folder, an export, a migration. Nothing is lost or half done, and the next start goes on.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { followMove } from '#app/services/data/data-folder.ts'
import { DataMove } from '#app/services/data/data-move.ts'
import { lockedRuns } from '#app/services/runs/run-lock.ts'
import { sourceFolders } from '#app/wiring/program-files.ts'
import { openWorkspaceIn, type Workspace } from '#app/wiring/workspace.ts'
import { tensorFlowSources } from '#engine/compute/open-device.ts'
import { readSafetensors } from '#engine/models/formats/safetensors.ts'
import { copyData } from '#store/data-copy.ts'
import { openStore } from '#store/store.ts'
import { root } from '#test/helpers/markdown.ts'
import { olderDatabase, rowsIn, versionOf } from '#test/helpers/older-database.ts'
import { sessionsHere } from '#test/helpers/sessions-here.ts'
import { bundled } from '#test/helpers/bundled.ts'
import { chance, moment, seed, times } from './chance.ts'
import type { HostOrder } from './host-child.ts'
import { outcomeOf } from './outcome.ts'
import { tinyRun } from '#test/helpers/tiny-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-host-'))
const before = join(folder, 'before')
const options = tinyRun(
  folder,
  true,
)({ limit: 40, lanes: [{ id: 'tent', label: 'TENT', options: { method: 'tent' } }] })
const program = bundled('test/faults/host-child.ts')
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  rmSync(dirname(await program), { recursive: true, force: true })
})

const sessions = sessionsHere(() => ({
  ...tensorFlowSources(false),
  webgpu: () => Promise.reject(new Error('there is none')),
}))
const workspaceIn = (data: string): Promise<Workspace> =>
  openWorkspaceIn(data, {
    resourcesFolder: sourceFolders.resources,
    startSession: sessions,
    workers: 1,
    preview: false,
  })

let expected: ReturnType<typeof outcomeOf>
/** Four runs that are done. */
beforeAll(async () => {
  const { store, runs } = await workspaceIn(before)
  for (let i = 0; i < 4; i++) await runs.sessions.over(runs.sessions.start(options))
  expected = outcomeOf(store, 1)
  expect(expected.status).toBe('done')
  store.close()
})

/** Starts the host on a data folder and kills it so many ms after it is up, or when something has happened. @returns how long it was up, ms: less where it had come to its end before */
async function killed(what: HostOrder['what'], data: string, after: number | (() => Promise<void>)): Promise<number> {
  const order: HostOrder = { what, data, root, options }
  const child = fork(await program, [JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  const said: string[] = []
  const up = new Promise<void>((resolve) =>
    child.on('message', (message) => {
      said.push(JSON.stringify(message))
      resolve()
    }),
  )
  const gone = once(child, 'exit')
  await Promise.race([up, gone])
  const since = performance.now()
  await Promise.race([typeof after === 'number' ? moment(after) : after(), gone])
  child.kill('SIGKILL')
  await gone
  const lived = performance.now() - since
  expect(said.filter((message) => message !== '"up"')).toEqual([])
  return lived
}

function sound(data: string): void {
  const db = new Database(join(data, 'palm.sqlite'))
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(db.pragma('foreign_key_check')).toEqual([])
  db.close()
}

/** Sessions of a host that is gone end after their step. */
async function free(data: string): Promise<void> {
  await expect.poll(() => lockedRuns(data)).toEqual([])
}

let copies = 0
function copy(): string {
  const data = join(folder, `data-${copies++}`)
  cpSync(before, data, { recursive: true })
  return data
}

test('while runs are started and computed: each is there, and is resumed to the numbers of one that was never hurt', async () => {
  const random = chance(60)
  const kills = times(3, 40)
  let resumed = 0
  const data = copy()
  for (let i = 0; i < kills; i++) {
    await killed('runs', data, random.randint(0, 3000))
    await free(data)
    sound(data)
    const { store, runs } = await workspaceIn(data)
    for (const { id, status } of store.runs.list()) {
      if (status === 'done') continue
      expect(['interrupted', 'stopped']).toContain(status)
      runs.sessions.resume(id)
      await runs.sessions.over(id)
      expect(outcomeOf(store, id)).toEqual(expected)
      resumed += 1
    }
    expect(store.runs.list().length).toBeGreaterThanOrEqual(4)
    store.close()
  }
  console.log(
    `host killed ${kills} times in the middle of runs (seed ${seed}): ${resumed} runs cut off, each resumed to the same numbers`,
  )
})

test('while records are changed: all of a change or nothing of it', async () => {
  const random = chance(61)
  const kills = times(4, 60)
  const data = copy()
  for (let i = 0; i < kills; i++) {
    await killed('records', data, random.randint(0, 400))
    sound(data)
    const store = openStore(join(data, 'palm.sqlite'))
    const all = store.runs.list({ deleted: true }).toSorted((a, b) => a.id - b.id)
    expect(all).toHaveLength(4)
    const [one, ...others] = all.slice(0, 3).map(({ deletedAt, archived, tags }) => ({ deletedAt, archived, tags }))
    for (const other of others) expect(other).toEqual(one)
    const { name, note } = all[3] ?? { name: '', note: '' }
    expect(note.replace('note', 'name')).toBe(note === '' ? '' : name)
    for (const { id } of all) expect(outcomeOf(store, id).steps).toEqual(expected.steps)
    store.runs.list({ deleted: true }).forEach(({ id }) => store.runs.setDeleted(id, null))
    store.close()
  }
  console.log(`host killed ${kills} times while records changed: each change whole or not there`)
})

test('while the data folder is moved: everything is in the old place or in the new one, and the move can be done again', async () => {
  const random = chance(62)
  const kills = times(4, 60)
  let [stayed, went] = [0, 0]
  // A move has a process of its own for copying: how long that takes is this machine's business, and the kills shall reach its end.
  const whole = await killed('move', copy(), 600_000)
  for (let i = 0; i < kills; i++) {
    const data = copy()
    await killed('move', data, random.randint(0, Math.ceil(1.2 * whole)))
    const now = followMove(data)
    if (now === data) stayed += 1
    else went += 1
    sound(now)
    const { store } = await workspaceIn(now)
    for (const { id } of store.runs.list()) expect(outcomeOf(store, id)).toEqual(expected)
    expect(store.runs.list()).toHaveLength(4)
    if (now === data) {
      const target = `${data}-a`
      const move = new DataMove({
        place: data,
        folder: data,
        store,
        log: { info: () => undefined, error: () => undefined },
        busy: () => null,
        before: null,
        copy: (order, told, signal) => copyData(order, told, signal),
        switchTo: async () => undefined,
      })
      await move.start(target)
      await move.over()
      expect(move.state).toMatchObject({ phase: 'moved', error: null })
      expect(followMove(data)).toBe(target)
      sound(target)
    }
    store.close()
  }
  console.log(
    `host killed ${kills} times in the middle of a move: ${stayed} times all was in the old place, ${went} times in the new one; each move could be done again`,
  )
})

test('while checkpoints are exported: a file of its name is a whole one', async () => {
  const random = chance(63)
  const kills = times(2, 30)
  let files = 0
  const data = copy()
  // Long enough for some to be written, however long that takes here.
  const first = await killed('export', data, () =>
    expect.poll(() => existsSync(join(data, 'exports', '0.safetensors'))).toBe(true),
  )
  for (let i = 0; i < kills; i++) {
    rmSync(join(data, 'exports'), { recursive: true, force: true })
    await killed('export', data, random.randint(0, Math.ceil(2 * first)))
    sound(data)
    // Its process ends what it is at.
    const names = (): string[] => (existsSync(join(data, 'exports')) ? readdirSync(join(data, 'exports')) : [])
    await expect.poll(() => names().filter((name) => name.endsWith('.part'))).toEqual([])
    for (const name of names().filter((each) => each.endsWith('.safetensors'))) {
      expect(readSafetensors(readFileSync(join(data, 'exports', name)), name).tensors.size).toBeGreaterThan(10)
      files += 1
    }
  }
  console.log(`host killed ${kills} times in the middle of exports: ${files} files there, all of them whole`)
})

test('while an older database is brought up to date: it is the old one or the new one, and its copy is as it was', async () => {
  const random = chance(64)
  const kills = times(6, 60)
  let [old, fresh] = [0, 0]
  for (let i = 0; i < kills; i++) {
    const from = random.randint(1, 6)
    const { folder: data, file, rows } = olderDatabase(from)
    await killed('migrate', data, random.randint(0, 40))
    sound(data)
    if (versionOf(file) === from) old += 1
    else fresh += 1
    const store = openStore(file)
    expect(store.runs.get(1).name).toBe('old')
    store.close()
    expect(rowsIn(`${file}.before-${from + 1}`)).toEqual(rows)
    rmSync(data, { recursive: true })
  }
  console.log(
    `host killed ${kills} times in the middle of a migration: ${old} times it was the old file, ${fresh} times the new one; the copy of the old one is whole each time`,
  )
})
