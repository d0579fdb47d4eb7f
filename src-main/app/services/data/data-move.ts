// Moves the data folder: looks whether it can be done, copies everything with progress, checks the copy, and only then goes on there. The
// old folder stays as it was until somebody says otherwise; a move that fails or is cancelled leaves nothing behind.
// The caller keeps everything else from writing while it lasts, and does the going on (`switchTo`).
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, realpath, rm, rmdir, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { redirectPaths, verifyCopy } from '#store/copied-database.ts'
import { atRest, isMoving, type DataCheck, type DataInfo, type MoveState } from '#contract/data/data-place.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import { databaseName, isOwnName, isPointer, pointTo } from './data-folder.ts'
import type { Log } from '#app/services/machine/log.ts'
import type { Records } from '#app/services/runs/records.ts'
import type { FeedSink } from '#app/services/runs/run-feed.ts'
import { lockedRuns } from '#app/services/runs/run-lock.ts'

export interface DataMoveParts {
  /** Where the program was started: what says where the data is lies here. */
  readonly place: string
  /** Where the data is. */
  readonly folder: string
  readonly store: Pick<Records, 'settings'> & {
    backup(file: string, copied: (pages: number, all: number) => void): Promise<void>
  }
  readonly log: Pick<Log, 'info' | 'error'>
  /** Why not now; null = nothing is under way. */
  readonly busy: () => string | null
  /** Closes everything and opens it in that folder. Throws when it cannot; everything is in the old folder then. */
  readonly switchTo: (folder: string) => Promise<void>
  /** How a move that ended with this program's parts being made anew came out. */
  readonly before: MoveState | null
  /** Replaced where a disk shall be full. */
  readonly disk?: Disk
}

export interface Disk {
  /** Null where the system does not say. */
  free(folder: string): Promise<number | null>
  copy(from: string, to: string, copied: (bytes: number) => void, signal: AbortSignal): Promise<void>
}

/** The database, and what it grows by until the move is over. */
const spareBytes = 64 << 20
const movedFromKey = 'moved-from'
const movedFromSchema = z.object({ folder: z.string() })
/** Progress is told at most this often, ms. */
const tellEveryMs = 100

interface Found {
  readonly path: string
  readonly sizeBytes: number
}

export class DataMove {
  readonly #parts: DataMoveParts
  readonly #disk: Disk
  readonly #listeners = new Set<(state: MoveState) => void>()
  #state: MoveState
  #abort: AbortController | null = null
  #over: Promise<void> = Promise.resolve()
  #toldAt = 0

  constructor(parts: DataMoveParts) {
    this.#parts = parts
    this.#disk = parts.disk ?? realDisk
    this.#state = parts.before ?? atRest
  }

  get state(): MoveState {
    return this.#state
  }

  get isMoving(): boolean {
    return isMoving(this.#state)
  }

  async info(): Promise<DataInfo> {
    const { folder } = this.#parts
    const old = this.#old()
    return {
      folder,
      sizeBytes: await sizeOf(folder),
      old: old !== null && (await ownFiles(old)).length > 0 ? { folder: old, sizeBytes: await sizeOf(old) } : null,
    }
  }

  async check(wanted: string): Promise<DataCheck> {
    const { folder } = this.#parts
    const neededBytes = (await sizeOf(folder)) + spareBytes
    const refuse = (problem: string): DataCheck => ({ neededBytes, freeBytes: null, problem })
    const busy = this.#parts.busy()
    if (busy !== null) return refuse(busy)
    if (this.#old() !== null)
      return refuse('The folder of the last move is still there: say first whether it shall be deleted or kept.')
    if (!isAbsolute(wanted)) return refuse('Give the whole path of the folder.')
    const target = resolve(wanted)
    const standing = await nearestStanding(target)
    if (standing === null) return refuse('There is no such place.')
    const real = join(await realpath(standing), relative(standing, target))
    const now = await realpath(folder)
    if (real === now) return refuse('That is the data folder already.')
    if (real.startsWith(now + sep)) return refuse('That folder is inside of the data folder. Choose one outside of it.')
    if (now.startsWith(real + sep)) return refuse('The data folder is inside of that folder. Choose an empty folder.')
    if (standing === target) {
      if (!(await stat(target)).isDirectory())
        return refuse('That is a file. Choose an empty folder, or one that does not exist yet.')
      const there = (await readdir(target).catch(() => null))?.filter((name) => !isPointer(name))
      if (!there) return refuse('That folder cannot be read.')
      if (there.length > 0)
        return refuse('That folder is not empty. Choose an empty one, or one that does not exist yet.')
    }
    const writeProblem = await tryWriting(standing)
    if (writeProblem !== null) return refuse(`Nothing can be written in ${standing} (${writeProblem}).`)
    const freeBytes = await this.#disk.free(standing)
    if (freeBytes !== null && freeBytes < neededBytes)
      return {
        neededBytes,
        freeBytes,
        problem: `There is too little room: ${megabytes(neededBytes)} are needed, ${megabytes(freeBytes)} are free.`,
      }
    return { neededBytes, freeBytes, problem: null }
  }

  /** Begins. @throws PalmError `bad-request`, `run-busy` when it cannot be done; what goes wrong later is in the state */
  async start(wanted: string): Promise<void> {
    if (this.isMoving) throw new PalmError('run-busy', 'The data folder is being moved already.')
    const busy = this.#parts.busy()
    if (busy !== null) throw new PalmError('run-busy', busy)
    const folder = resolve(wanted)
    // From here on nothing else writes, so that what is checked is what is copied.
    this.#abort = new AbortController()
    this.#set({ phase: 'copying', folder, doneBytes: 0, totalBytes: 0, error: null })
    const { problem } = await this.check(wanted).catch((thrown: unknown) => ({ problem: toWireError(thrown).message }))
    if (problem !== null) {
      this.#set(atRest)
      throw new PalmError('bad-request', problem)
    }
    this.#over = this.#work(folder, this.#abort.signal)
  }

  /** Ends a copy that is under way, as if it had never begun. Too late once the copy is being switched to. */
  cancel(): void {
    if (this.#state.phase === 'copying' || this.#state.phase === 'checking') this.#abort?.abort()
  }

  /** Resolves when no move is under way. */
  async over(): Promise<void> {
    await this.#over
  }

  /** Of the old folder: deletes what is ours in it, or forgets it. */
  async forget(remove: boolean): Promise<void> {
    const { store, log, place } = this.#parts
    const old = this.#old()
    if (old === null) return
    if (remove) {
      for (const name of await readdir(old).catch(() => []))
        if (isOwnName(name)) await rm(join(old, name), { recursive: true, force: true })
      if (resolve(old) !== resolve(place)) await rmdir(old).catch(() => undefined) // only when nothing else is in it
      log.info('data', 'The old data folder was deleted after the move.')
    }
    store.settings.set(movedFromKey, null)
  }

  follow(sink: FeedSink<MoveState, MoveState>): () => void {
    const listener = (state: MoveState): void => sink.event(state)
    sink.snapshot(this.#state)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #work(target: string, signal: AbortSignal): Promise<void> {
    const { folder, log, store, place } = this.#parts
    const stood = await nearestStanding(target)
    try {
      log.info('data', 'The data folder is being copied to its new place.')
      const files = await ownFiles(folder)
      const database = files.find(({ path }) => path === databaseName)
      const others = files.filter(
        ({ path }) =>
          path !== databaseName && !path.startsWith(`${databaseName}-`) && !path.startsWith(`sessions${sep}`),
      )
      const totalBytes = others.reduce((sum, { sizeBytes }) => sum + sizeBytes, database?.sizeBytes ?? 0)
      let doneBytes = 0
      const tell = (bytes: number): void =>
        this.#progress({
          phase: 'copying',
          folder: target,
          doneBytes: Math.min(totalBytes, bytes),
          totalBytes,
          error: null,
        })
      await mkdir(target, { recursive: true })
      for (const { path, sizeBytes } of others) {
        signal.throwIfAborted()
        await mkdir(dirname(join(target, path)), { recursive: true })
        await this.#disk.copy(join(folder, path), join(target, path), (bytes) => tell(doneBytes + bytes), signal)
        doneBytes += sizeBytes
        tell(doneBytes)
      }
      await store.backup(join(target, databaseName), (pages, all) => {
        signal.throwIfAborted()
        tell(doneBytes + (all > 0 ? (pages / all) * (database?.sizeBytes ?? 0) : 0))
      })
      this.#set({ phase: 'checking', folder: target, doneBytes: totalBytes, totalBytes, error: null })
      // The log goes on growing meanwhile; everything else must be there to the byte.
      for (const { path, sizeBytes } of others) {
        const { size } = await stat(join(target, path))
        if (path.startsWith(`logs${sep}`) ? size < sizeBytes : size !== sizeBytes)
          throw new PalmError(
            'internal',
            `The copy of ${path} has ${size} bytes instead of ${sizeBytes}. Nothing was changed.`,
          )
      }
      verifyCopy(join(folder, databaseName), join(target, databaseName))
      const [elsewhere] = lockedRuns(folder)
      if (elsewhere !== undefined)
        throw new PalmError(
          'run-busy',
          `Run ${elsewhere} was begun by another window or command meanwhile. Nothing was changed: move when it is over.`,
        )
      signal.throwIfAborted()
      redirectPaths(join(target, databaseName), folder, target)
      this.#set({ phase: 'switching', folder: target, doneBytes: totalBytes, totalBytes, error: null })
      pointTo(place, target)
      try {
        await this.#parts.switchTo(target)
      } catch (thrown) {
        pointTo(place, folder)
        throw thrown
      }
      this.#set({ phase: 'moved', folder: target, doneBytes: totalBytes, totalBytes, error: null })
    } catch (thrown) {
      await removeCopy(target, stood)
      const cancelled = signal.aborted
      if (!cancelled) log.error('data', toWireError(thrown))
      else log.info('data', 'The move of the data folder was cancelled.')
      this.#set({
        ...this.#state,
        phase: cancelled ? 'cancelled' : 'failed',
        error: cancelled ? null : toWireError(thrown),
      })
    }
  }

  #old(): string | null {
    const parsed = movedFromSchema.safeParse(this.#parts.store.settings.get(movedFromKey))
    return parsed.success ? parsed.data.folder : null
  }

  #progress(state: MoveState): void {
    const now = performance.now()
    if (now - this.#toldAt < tellEveryMs) this.#state = state
    else this.#set(state)
  }

  #set(state: MoveState): void {
    this.#toldAt = performance.now()
    this.#state = state
    for (const listener of [...this.#listeners]) listener(state)
  }
}

/** In the new folder: where it came from, until somebody says that the old one may go. */
export function rememberOld(store: Pick<Records, 'settings'>, folder: string): void {
  store.settings.set(movedFromKey, { folder })
}

/** How much lies in a data folder. */
export async function sizeOf(folder: string): Promise<number> {
  return (await ownFiles(folder)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

/** Files of ours, by their path inside of the folder. What vanishes while it is looked at is left out. */
async function ownFiles(folder: string): Promise<Found[]> {
  const found: Found[] = []
  const look = async (path: string): Promise<void> => {
    const entry = await stat(join(folder, path)).catch(() => null)
    if (entry?.isFile()) found.push({ path, sizeBytes: entry.size })
    if (!entry?.isDirectory()) return
    for (const name of await readdir(join(folder, path)).catch(() => [])) await look(join(path, name))
  }
  for (const name of await readdir(folder).catch(() => [])) if (isOwnName(name)) await look(name)
  return found
}

/** The nearest folder above (or the path itself) that exists. */
async function nearestStanding(path: string): Promise<string | null> {
  for (let at = path; ; at = dirname(at)) {
    if (await stat(at).catch(() => null)) return at
    if (dirname(at) === at) return null
  }
}

/** Takes away what a move made: the files in `target`, and the folders that did not stand before. */
async function removeCopy(target: string, stood: string | null): Promise<void> {
  for (const name of await readdir(target).catch(() => []))
    if (isOwnName(name)) await rm(join(target, name), { recursive: true, force: true }).catch(() => undefined)
  for (let at = target; stood !== null && at !== stood && at.startsWith(stood); at = dirname(at))
    await rmdir(at).catch(() => undefined)
}

async function tryWriting(folder: string): Promise<string | null> {
  const probe = join(folder, `.palm-writes-${process.pid}`)
  try {
    await writeFile(probe, '', { flag: 'wx' })
    await rm(probe, { force: true })
    return null
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)
  }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`

const realDisk: Disk = {
  async free(folder) {
    try {
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    } catch {
      return null
    }
  },
  async copy(from, to, copied, signal) {
    let bytes = 0
    const source = createReadStream(from, { highWaterMark: 1 << 20 })
    source.on('data', (chunk) => copied((bytes += chunk.length)))
    await pipeline(source, createWriteStream(to, { flags: 'wx', flush: true }), { signal })
  },
}
