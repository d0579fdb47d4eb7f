// Moving the data folder: real folders and a real database; a full disk and a cancel in the middle are injected where the copying is.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import type { MoveState } from '#contract/data/data-place.ts'
import { followMove, pointTo } from '#app/services/data/data-folder.ts'
import type { Disk } from '#app/services/data/data-files.ts'
import { DataMove, rememberOld } from '#app/services/data/data-move.ts'
import { copyInProcess } from '#app/services/processes/task-process.ts'
import { takeRunLock } from '#app/services/runs/run-lock.ts'
import { forkSessions } from '#app/hosts/node.ts'
import { openWorkspace } from '#app/wiring/workspace.ts'
import { programFile } from '#app/wiring/program-files.ts'
import { openStore, type Store } from '#store/store.ts'
import { redirectPaths, verifyCopy } from '#store/copied-database.ts'
import { backUp, copyData, type CopyFile } from '#store/data-copy.ts'

let root: string
let folder: string
let store: Store
const quiet = { info: () => undefined, error: () => undefined }

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'palm-move-'))
  folder = join(root, 'old')
  mkdirSync(join(folder, 'models', 'abc'), { recursive: true })
  mkdirSync(join(folder, 'logs'))
  writeFileSync(join(folder, 'models', 'abc', 'weights.bin'), Buffer.alloc(3_000_000, 7))
  writeFileSync(join(folder, 'logs', 'palm.log'), 'a line\n')
  writeFileSync(join(folder, 'somebody-elses.txt'), 'not ours')
  store = openStore(join(folder, 'palm.sqlite'))
  const options = runOptionsSchema.parse({
    input: { kind: 'sample' },
    model: { kind: 'file', path: join(folder, 'models', 'abc', 'weights.bin') },
    lanes: [{ id: 'source', label: 'Source', options: { method: 'source' } }],
  })
  store.runs.createRun(options, 1)
  store.runs.change(1, { note: `kept in ${folder}/models, says a note` })
})
afterEach(() => {
  store.close()
  rmSync(root, { recursive: true, force: true })
})

type Parts = ConstructorParameters<typeof DataMove>[0]
/** Copies in this process, with files copied as a test likes. */
const copying =
  (copyFile?: CopyFile): Parts['copy'] =>
  (order, told, signal) =>
    copyData(order, told, signal, copyFile)
const roomy: Disk = { free: async () => null }
const mover = (some: Partial<Parts> = {}): DataMove =>
  new DataMove({
    copy: copying(),
    place: folder,
    folder,
    store,
    log: quiet,
    busy: () => null,
    before: null,
    switchTo: async () => undefined,
    ...some,
  })
const listing = (path: string): string[] =>
  (readdirSync(path, { recursive: true }) as string[]).filter((name) => !/-wal$|-shm$/.test(name)).sort()
const phasesOf = (move: DataMove): MoveState['phase'][] => {
  const phases: MoveState['phase'][] = []
  const note = ({ phase }: MoveState): void => void (phases.at(-1) === phase || phases.push(phase))
  move.follow({ snapshot: note, event: note, error: () => undefined })
  return phases
}
const slow = (copied: () => void): Parts['copy'] =>
  copying(async (from, to, tell, signal) => {
    writeFileSync(to, readFileSync(from).subarray(0, 1000))
    tell(1000)
    copied()
    signal.throwIfAborted()
  })

describe('a move', () => {
  test('copies what is ours, checks it, points to it, leads the paths in it there, and leaves the old folder as it was', async () => {
    const before = listing(folder)
    const target = join(root, 'a', 'new')
    const switched: string[] = []
    const move = mover({ switchTo: async (to) => void switched.push(to) })
    const phases = phasesOf(move)
    await move.start(target)
    await move.over()
    expect(phases).toEqual(['idle', 'copying', 'checking', 'switching', 'moved'])
    expect(switched).toEqual([target])
    expect(listing(target)).toEqual([
      'logs',
      join('logs', 'palm.log'),
      'models',
      join('models', 'abc'),
      join('models', 'abc', 'weights.bin'),
      'palm.sqlite',
    ])
    expect(readFileSync(join(target, 'models', 'abc', 'weights.bin')).equals(Buffer.alloc(3_000_000, 7))).toBe(true)
    expect(listing(folder)).toEqual([...before, 'moved-to.json'].sort())
    expect(followMove(folder)).toBe(target)
    const moved = openStore(join(target, 'palm.sqlite'))
    expect(moved.runs.options(1).model).toMatchObject({ path: join(target, 'models', 'abc', 'weights.bin') })
    expect(moved.runs.get(1).note).toContain(folder)
    moved.close()
  })

  test('whatever opens the old place afterwards, the command too, finds the new one', async () => {
    const target = join(root, 'new')
    const move = mover()
    await move.start(target)
    await move.over()
    const workspace = await openWorkspace({
      data: folder,
      resourcesFolder: '',
      startSession: () => {
        throw new Error('nothing is started here')
      },
      workers: null,
      preview: false,
    })
    expect([workspace.dataFolder, workspace.runs.catalogue.list().length]).toEqual([target, 1])
    workspace.store.close()
  })

  test('afterwards the old folder is told of, and deleting it takes only what is ours', async () => {
    const target = join(root, 'new')
    const move = mover()
    await move.start(target)
    await move.over()
    const there = openStore(join(target, 'palm.sqlite'))
    rememberOld(there, folder)
    const after = new DataMove({
      place: folder,
      folder: target,
      store: there,
      log: quiet,
      busy: () => null,
      before: null,
      copy: copying(),
      switchTo: async () => undefined,
    })
    expect((await after.info()).old).toMatchObject({ folder })
    expect((await after.check(join(root, 'third'))).problem).toMatch(/last move is still there/)
    store.close()
    await after.forget(true)
    expect(listing(folder)).toEqual(['moved-to.json', 'somebody-elses.txt'])
    expect((await after.info()).old).toBeNull()
    expect((await after.check(join(root, 'third'))).problem).toBeNull()
    there.close()
    store = openStore(join(target, 'palm.sqlite'))
  })

  test('cancelled in the middle leaves no trace', async () => {
    const target = join(root, 'deep', 'new')
    const move: DataMove = mover({ copy: slow(() => move.cancel()) })
    await move.start(target)
    await move.over()
    expect(move.state).toMatchObject({ phase: 'cancelled', error: null })
    expect(existsSync(join(root, 'deep'))).toBe(false)
    expect(followMove(folder)).toBe(folder)
    expect(store.runs.list()).toHaveLength(1)
  })

  test('cancelled in a folder that stood before leaves that folder', async () => {
    const target = join(root, 'standing')
    mkdirSync(target)
    const move: DataMove = mover({ copy: slow(() => move.cancel()) })
    await move.start(target)
    await move.over()
    expect(listing(target)).toEqual([])
  })

  test.each([
    [
      'a disk that gets full',
      () =>
        Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', path: '/new' })),
      'disk-full',
    ],
    ['a copy that is cut short', async (_from: string, to: string) => writeFileSync(to, 'short'), 'internal'],
  ] as const)('%s fails the move and leaves all as it was', async (_name, copy, code) => {
    const before = listing(folder)
    const target = join(root, 'new')
    const move = mover({ disk: roomy, copy: copying(copy) })
    await move.start(target)
    await move.over()
    expect(move.state).toMatchObject({ phase: 'failed', error: { code } })
    expect(existsSync(target)).toBe(false)
    expect(listing(folder)).toEqual(before)
  })

  test('a program that cannot go on in the new folder goes on in the old one', async () => {
    const target = join(root, 'new')
    const move = mover({ switchTo: () => Promise.reject(new Error('cannot be opened')) })
    await move.start(target)
    await move.over()
    expect(move.state).toMatchObject({ phase: 'failed', error: { message: 'cannot be opened' } })
    expect(followMove(folder)).toBe(folder)
    expect(existsSync(target)).toBe(false)
  })
})

describe('a move in a process of its own', () => {
  const session = forkSessions(programFile('session'), {})
  const inProcess: Parts['copy'] = (order, told, signal) => copyInProcess(session, order, told, signal)

  test('comes to its end with progress; the paths lead to the new folder', async () => {
    const target = join(root, 'new')
    const move = mover({ copy: inProcess })
    const states: MoveState[] = []
    move.follow({ snapshot: () => undefined, event: (state) => void states.push(state), error: () => undefined })
    await move.start(target)
    await move.over()
    expect(move.state).toMatchObject({ phase: 'moved', error: null })
    expect(states.map(({ phase }) => phase)).toContain('checking')
    expect(states.filter(({ etaMs }) => etaMs !== null && etaMs >= 0).length).toBeGreaterThan(0)
    const moved = openStore(join(target, 'palm.sqlite'))
    expect(moved.runs.options(1).model).toMatchObject({ path: join(target, 'models', 'abc', 'weights.bin') })
    moved.close()
  })

  test('killed in the middle, or called off, it leaves everything as it was and nothing behind', async () => {
    const before = listing(folder)
    for (const way of ['killed', 'cancelled'] as const) {
      const target = join(root, way)
      // Ended when the process is at work: it is told of by the first word of how far it is.
      const move: DataMove = mover({
        copy: (order, told, signal) =>
          copyInProcess(
            (settings) => {
              const process = session(settings)
              process.onMessage((message) => {
                if ((message as { type: string }).type !== 'copying') return
                if (way === 'killed') process.kill()
                else move.cancel()
              })
              return process
            },
            order,
            told,
            signal,
          ),
      })
      await move.start(target)
      await move.over()
      expect(move.state).toMatchObject(
        way === 'killed' ? { phase: 'failed', error: { code: 'session-died' } } : { phase: 'cancelled', error: null },
      )
      if (way === 'killed') expect(move.state.error?.message).toMatch(/Nothing was changed/)
      expect(existsSync(target)).toBe(false)
      expect(listing(folder)).toEqual(before)
      expect(followMove(folder)).toBe(folder)
    }
  })

  test('what a program that was killed itself left there is replaced by the next move; anything else in it is not', async () => {
    const target = join(root, 'new')
    mkdirSync(join(target, 'models', 'abc'), { recursive: true })
    writeFileSync(join(target, 'unfinished-copy'), '')
    writeFileSync(join(target, 'palm.sqlite'), 'half')
    writeFileSync(join(target, 'models', 'abc', 'weights.bin'), 'half')
    writeFileSync(join(target, 'mine.txt'), 'mine')
    const move = mover()
    expect((await move.check(target)).problem).toMatch(/not empty/)
    rmSync(join(target, 'mine.txt'))
    expect((await move.check(target)).problem).toBeNull()
    await move.start(target)
    await move.over()
    expect(move.state.phase).toBe('moved')
    expect(listing(target)).not.toContain('unfinished-copy')
    expect(readFileSync(join(target, 'models', 'abc', 'weights.bin'))).toHaveLength(3_000_000)
  })
})

describe('a move is refused', () => {
  test.each([
    ['during a run', { busy: () => 'Run 3 is under way.' }, () => join(root, 'new'), /under way/],
    ['to a path that is not whole', {}, () => 'somewhere', /full path/],
    ['to where it is', {}, () => folder, /already/],
    ['into itself', {}, () => join(folder, 'models', 'new'), /inside the data folder/],
    ['to a folder around it', {}, () => root, /inside that folder/],
    ['to a file', {}, () => join(root, 'file'), /is a file/],
    ['to a folder that is not empty', {}, () => join(root, 'full'), /not empty/],
    [
      'to a disk that is too small',
      { disk: { free: async () => 1_000_000 } },
      () => join(root, 'new'),
      /too little space/,
    ],
  ])('%s', async (_name, parts, target, problem) => {
    writeFileSync(join(root, 'file'), '')
    mkdirSync(join(root, 'full'))
    writeFileSync(join(root, 'full', 'x'), '')
    const move = mover(parts)
    expect((await move.check(target())).problem).toMatch(problem)
    await expect(move.start(target())).rejects.toThrow(problem)
    expect(move.isMoving).toBe(false)
  })

  test.skipIf(process.getuid?.() === 0)('to a folder that cannot be written', async () => {
    mkdirSync(join(root, 'closed'), { mode: 0o555 })
    expect((await mover().check(join(root, 'closed', 'new'))).problem).toMatch(/Nothing can be written/)
    chmodSync(join(root, 'closed'), 0o755)
  })

  test('to a file system that takes no files', async () => {
    expect((await mover().check('/proc/palm')).problem).toMatch(/Nothing can be written/)
  })

  test('when another program begins a run meanwhile', async () => {
    const target = join(root, 'new')
    const late = mover({
      copy: copying(async (from, to) => {
        takeRunLock(folder, 9)
        writeFileSync(to, readFileSync(from))
      }),
    })
    await late.start(target)
    await late.over()
    expect(late.state).toMatchObject({ phase: 'failed', error: { code: 'run-busy' } })
    expect(existsSync(target)).toBe(false)
  })
})

test('a place whose folder is gone is said, not begun anew; one that cannot be read too', () => {
  pointTo(folder, join(root, 'unplugged'))
  expect(() => followMove(folder)).toThrow(/moved to .*unplugged.*Connect the disk/)
  writeFileSync(join(folder, 'moved-to.json'), '{')
  expect(() => followMove(folder)).toThrow(/cannot be read/)
  pointTo(folder, folder)
  expect(followMove(folder)).toBe(folder)
})

test('a copy that lacks rows or is damaged is found', async () => {
  const copy = join(root, 'copy.sqlite')
  await backUp(join(folder, 'palm.sqlite'), copy, () => undefined)
  verifyCopy(join(folder, 'palm.sqlite'), copy)
  store.runs.createRun(store.runs.options(1), 2)
  expect(() => verifyCopy(join(folder, 'palm.sqlite'), copy)).toThrow(/does not hold all of runs/)
  const bytes = readFileSync(copy)
  bytes.fill(0xab, 4096, 4096 * 6)
  writeFileSync(copy, bytes)
  expect(() => verifyCopy(join(folder, 'palm.sqlite'), copy)).toThrow(/damaged|not a readable database/)
})

test('paths are led to the new folder only where they are inside of the old one', () => {
  const file = join(root, 'copy.sqlite')
  const copy = openStore(file)
  for (const path of [`${folder}/models/a.pth`, `${folder}-other/a.pth`, `/elsewhere${folder}/a.pth`])
    copy.settings.set(path, { path, nested: [{ path }], note: `see ${path}` })
  copy.close()
  expect(redirectPaths(file, folder, '/new')).toBe(1)
  const after = openStore(file)
  expect(after.settings.get(`${folder}/models/a.pth`)).toEqual({
    path: '/new/models/a.pth',
    nested: [{ path: '/new/models/a.pth' }],
    note: `see ${folder}/models/a.pth`,
  })
  expect(after.settings.get(`${folder}-other/a.pth`)).toMatchObject({ path: `${folder}-other/a.pth` })
  after.close()
})
