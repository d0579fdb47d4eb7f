// Moves the data folder: looks whether it can be done, has everything copied and checked with progress, and only then goes on there. The
// old folder stays as it was until somebody says otherwise; a move that fails or is cancelled leaves nothing behind.
// The caller keeps everything else from writing while it lasts, and does the going on (`switchTo`).
import { mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { z } from 'zod'
import type { Log } from '#app/services/machine/log.ts'
import type { FeedSink } from '#app/services/runs/run-feed.ts'
import { lockedRuns } from '#app/services/runs/run-lock.ts'
import type { Records } from '#app/services/runs/records.ts'
import {
  atRest,
  isMoving,
  type CopyOrder,
  type CopyProgress,
  type DataCheck,
  type DataInfo,
  type MoveState,
} from '#contract/data/data-place.ts'
import { PalmError, toWireError } from '#contract/errors.ts'
import { checkMove } from './check-move.ts'
import { isUnfinishedCopy, nearestStanding, ownFiles, realDisk, removeCopy, sizeOf, type Disk } from './data-files.ts'
import { databaseName, isOwnName, pointTo, unfinishedName } from './data-folder.ts'

export interface DataMoveParts {
  /** Where the program was started: what says where the data is lies here. */
  readonly place: string
  /** Where the data is. */
  readonly folder: string
  readonly store: Pick<Records, 'settings'>
  readonly log: Pick<Log, 'info' | 'error'>
  /** Why not now; null = nothing is under way. */
  readonly busy: () => string | null
  /** Closes everything and opens it in that folder. Throws when it cannot; everything is in the old folder then. */
  readonly switchTo: (folder: string) => Promise<void>
  /** How a move that ended with this program's parts being made anew came out. */
  readonly before: MoveState | null
  /** Copies and checks, elsewhere than in this process. Throws `cancelled`, or the signal's reason, when it was aborted. */
  readonly copy: (order: CopyOrder, told: (progress: CopyProgress) => void, signal: AbortSignal) => Promise<void>
  /** Replaced where a disk shall be full. */
  readonly disk?: Disk
}

const movedFromKey = 'moved-from'
const movedFromSchema = z.object({ folder: z.string() })

export class DataMove {
  private readonly parts: DataMoveParts
  private readonly disk: Disk
  private readonly listeners = new Set<(state: MoveState) => void>()
  private current: MoveState
  private abort: AbortController | null = null
  private running: Promise<void> = Promise.resolve()
  /** Of the phase under way. */
  private began = 0

  constructor(parts: DataMoveParts) {
    this.parts = parts
    this.disk = parts.disk ?? realDisk
    this.current = parts.before ?? atRest
  }

  get state(): MoveState {
    return this.current
  }

  get isMoving(): boolean {
    return isMoving(this.current)
  }

  async info(): Promise<DataInfo> {
    const { folder } = this.parts
    const old = this.oldFolder()
    return {
      folder,
      sizeBytes: await sizeOf(folder),
      old: old !== null && (await ownFiles(old)).length > 0 ? { folder: old, sizeBytes: await sizeOf(old) } : null,
    }
  }

  async check(wanted: string): Promise<DataCheck> {
    const remains =
      this.oldFolder() === null
        ? null
        : 'The folder of the last move is still there: first say whether it should be deleted or kept.'
    return checkMove(this.parts.folder, wanted, this.disk, this.parts.busy() ?? remains)
  }

  /** Begins. @throws PalmError `bad-request`, `run-busy` when it cannot be done; what goes wrong later is in the state */
  async start(wanted: string): Promise<void> {
    if (this.isMoving) throw new PalmError('run-busy', 'The data folder is being moved already.')
    const busy = this.parts.busy()
    if (busy !== null) throw new PalmError('run-busy', busy)
    const folder = resolve(wanted)
    // From here on nothing else writes, so that what is checked is what is copied.
    this.abort = new AbortController()
    this.set({ phase: 'copying', folder, doneBytes: 0, totalBytes: 0, etaMs: null, error: null })
    const { problem } = await this.check(wanted).catch((thrown: unknown) => ({ problem: toWireError(thrown).message }))
    if (problem !== null) {
      this.set(atRest)
      throw new PalmError('bad-request', problem)
    }
    this.running = this.work(folder, this.abort.signal)
  }

  /** Ends a copy that is under way, as if it had never begun. Too late once the copy is being switched to. */
  cancel(): void {
    if (this.current.phase === 'copying' || this.current.phase === 'checking') this.abort?.abort()
  }

  /** Resolves when no move is under way. */
  async over(): Promise<void> {
    await this.running
  }

  /** Of the old folder: deletes what is ours in it, or forgets it. */
  async forget(remove: boolean): Promise<void> {
    const { store, log, place } = this.parts
    const old = this.oldFolder()
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
    sink.snapshot(this.current)
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private async work(target: string, signal: AbortSignal): Promise<void> {
    const { log } = this.parts
    const stood = await nearestStanding(target)
    try {
      log.info('data', 'The data folder is being copied to its new place.')
      const totalBytes = await this.copyAll(target, signal)
      await this.goOnThere(target, totalBytes)
    } catch (thrown) {
      await removeCopy(target, stood)
      const cancelled = signal.aborted
      if (!cancelled) log.error('data', toWireError(thrown))
      else log.info('data', 'The move of the data folder was cancelled.')
      this.set({
        ...this.current,
        phase: cancelled ? 'cancelled' : 'failed',
        error: cancelled ? null : toWireError(thrown),
      })
    }
  }

  /** Copies, and checks the copy. @returns bytes in all */
  private async copyAll(target: string, signal: AbortSignal): Promise<number> {
    const { folder, copy } = this.parts
    const all = await ownFiles(folder)
    const databaseBytes = all.find(({ path }) => path === databaseName)?.sizeBytes ?? 0
    const files = all.filter(
      ({ path }) => path !== databaseName && !path.startsWith(`${databaseName}-`) && !path.startsWith(`sessions${sep}`),
    )
    if (await isUnfinishedCopy(target)) await removeCopy(target, null)
    await mkdir(target, { recursive: true })
    await writeFile(join(target, unfinishedName), '')
    signal.throwIfAborted()
    const order = { from: folder, to: target, database: databaseName, databaseBytes, files }
    await copy(order, (progress) => this.progress(target, progress), signal)
    signal.throwIfAborted()
    const [elsewhere] = lockedRuns(folder)
    if (elsewhere !== undefined)
      throw new PalmError(
        'run-busy',
        `Run ${elsewhere} was started by another window or command in the meantime. Nothing was changed: move when it is over.`,
      )
    return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, databaseBytes)
  }

  private async goOnThere(target: string, totalBytes: number): Promise<void> {
    const { folder, place } = this.parts
    this.set({ phase: 'switching', folder: target, doneBytes: totalBytes, totalBytes, etaMs: null, error: null })
    pointTo(place, target)
    await rm(join(target, unfinishedName), { force: true })
    try {
      await this.parts.switchTo(target)
    } catch (thrown) {
      pointTo(place, folder)
      throw thrown
    }
    this.set({ phase: 'moved', folder: target, doneBytes: totalBytes, totalBytes, etaMs: null, error: null })
  }

  private oldFolder(): string | null {
    const parsed = movedFromSchema.safeParse(this.parts.store.settings.get(movedFromKey))
    return parsed.success ? parsed.data.folder : null
  }

  private progress(folder: string, { phase, doneBytes, totalBytes }: CopyProgress): void {
    const now = performance.now()
    if (this.current.phase !== phase || this.began === 0) this.began = now
    const left = doneBytes > 0 ? ((now - this.began) * (totalBytes - doneBytes)) / doneBytes : null
    this.set({ phase, folder, doneBytes, totalBytes, etaMs: left, error: null })
  }

  private set(state: MoveState): void {
    this.current = state
    for (const listener of [...this.listeners]) listener(state)
  }
}

/** In the new folder: where it came from, until somebody says that the old one may go. */
export function rememberOld(store: Pick<Records, 'settings'>, folder: string): void {
  store.settings.set(movedFromKey, { folder })
}
