// One supervisor a run, also when two programs (the app and the command) share a data folder: a file that names the processes
// of a run under way. A file whose processes are gone is stale and counts for nothing.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** `start` tells a process from a later one with the same number; null where the system does not say. */
const lockSchema = z.array(z.object({ pid: z.number().int().positive(), start: z.string().nullable() }))

export interface RunLock {
  /** Adds a process whose life keeps the lock. */
  hold(pid: number): void
  release(): void
}

/** Takes the lock of `run` for this process, or null when a living process holds it. */
export function takeRunLock(dataFolder: string, run: number): RunLock | null {
  const file = lockFile(dataFolder, run)
  const holders: z.output<typeof lockSchema> = []
  const hold = (pid: number, flag: 'w' | 'wx'): void => {
    writeFileSync(file, JSON.stringify([...holders, { pid, start: startOf(pid) }]), { flag })
    holders.push({ pid, start: startOf(pid) })
  }
  mkdirSync(join(dataFolder, 'sessions'), { recursive: true })
  for (let attempt = 0; holders.length === 0; attempt++) {
    try {
      hold(process.pid, 'wx')
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST') || attempt > 3) throw cause
      if (isRunLocked(dataFolder, run)) return null
      rmSync(file, { force: true })
    }
  }
  return { hold: (pid) => hold(pid, 'w'), release: () => rmSync(file, { force: true }) }
}

/** True when a living process, this one included, holds the run. */
export function isRunLocked(dataFolder: string, run: number): boolean {
  try {
    const holders = lockSchema.parse(JSON.parse(readFileSync(lockFile(dataFolder, run), 'utf8')))
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
