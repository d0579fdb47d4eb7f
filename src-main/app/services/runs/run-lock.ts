// One supervisor a run, also when two programs (the app and the command) share a data folder: a file that names the processes
// of a run under way. A file whose processes are gone is stale and counts for nothing.
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** `start` tells a process from a later one with the same number; null where the system does not say. */
const lockSchema = z.array(z.object({ pid: z.number().int().positive(), start: z.string().nullable() }))

export interface RunLock {
  /** Adds a process whose life keeps the lock. Where that cannot be written, this process's own life goes on keeping it. */
  hold(pid: number): void
  release(): void
}

/** Takes the lock of `run` for this process, or null when a living process holds it. */
export function takeRunLock(dataFolder: string, run: number): RunLock | null {
  const file = lockFile(dataFolder, run)
  const own = { pid: process.pid, start: startOf(process.pid) }
  mkdirSync(join(dataFolder, 'sessions'), { recursive: true })
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, JSON.stringify([own]), { flag: 'wx' })
      break
    } catch (cause) {
      // A full disk makes the file and takes nothing into it.
      if (!hasCode(cause, 'EEXIST')) rmSync(file, { force: true })
      if (!hasCode(cause, 'EEXIST') || attempt > 3) throw cause
      if (isRunLocked(dataFolder, run)) return null
      rmSync(file, { force: true })
    }
  }
  const hold = (pid: number): void => {
    const draft = `${file}.new`
    try {
      writeFileSync(draft, JSON.stringify([own, { pid, start: startOf(pid) }]))
      renameSync(draft, file)
    } catch {
      rmSync(draft, { force: true })
    }
  }
  return { hold, release: () => rmSync(file, { force: true }) }
}

/** What `work` gives; where it throws, the run (or the device that it holds) is free again. */
export function orUnlock<T>(lock: Pick<RunLock, 'release'>, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    lock.release()
    throw thrown
  }
}

/** True when a living process, this one included, holds the run. */
export const isRunLocked = (dataFolder: string, run: number): boolean => isHeld(lockFile(dataFolder, run))

/** Names this process in a file of its own. */
export const writeHolder = (file: string): void =>
  writeFileSync(file, JSON.stringify([{ pid: process.pid, start: startOf(process.pid) }]))

/** Whether a process that such a file names lives. */
export function isHeld(file: string): boolean {
  try {
    const holders = lockSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    return holders.some((holder) => isAlive(holder.pid) && startOf(holder.pid) === holder.start)
  } catch {
    return false // no file, or one that a crash cut short
  }
}

/** Every run of a data folder that a living process holds. */
export function lockedRuns(dataFolder: string): number[] {
  let names: string[]
  try {
    names = readdirSync(join(dataFolder, 'sessions'))
  } catch {
    return []
  }
  return names
    .map((name) => Number(/^run-(\d+)\.json$/.exec(name)?.[1]))
    .filter((run) => run > 0 && isRunLocked(dataFolder, run))
}

const lockFile = (dataFolder: string, run: number): string => join(dataFolder, 'sessions', `run-${run}.json`)

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return hasCode(cause, 'EPERM')
  }
}

/** When the process began, in clock ticks since the system's start (field 22 of Linux's /proc/PID/stat). */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code
}
