// Which programs with a window or a page have a data folder open: each leaves a file while it lives. Two of them may share a folder, but neither may move it away under the other.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isHeld, writeHolder } from '#app/services/runs/run-lock.ts'

/** Where the sessions' locks are, which no move copies. */
const folderOf = (dataFolder: string): string => join(dataFolder, 'sessions')
const fileOf = (dataFolder: string, pid: number): string => join(folderOf(dataFolder), `app-${pid}.json`)

/** Says that this program has the folder open. Where that cannot be written (a full disk) it goes on without. @returns what takes it back */
export function enter(dataFolder: string): () => void {
  const file = fileOf(dataFolder, process.pid)
  try {
    mkdirSync(folderOf(dataFolder), { recursive: true })
    writeHolder(file)
  } catch {
    // Nobody is kept from working by it.
  }
  return () => rmSync(file, { force: true })
}

/** Numbers of the other processes that have it open now. What a crash left is cleared away. */
export function othersIn(dataFolder: string): number[] {
  let names: string[]
  try {
    names = readdirSync(folderOf(dataFolder))
  } catch {
    return []
  }
  const others = names.map((name) => Number(/^app-(\d+)\.json$/.exec(name)?.[1])).filter((pid) => pid > 0)
  return others.filter((pid) => {
    if (pid === process.pid) return false
    const file = fileOf(dataFolder, pid)
    const held = isHeld(file)
    if (!held) rmSync(file, { force: true })
    return held
  })
}
