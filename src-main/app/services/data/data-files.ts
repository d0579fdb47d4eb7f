// Files of a data folder: which are ours, how large they are, and where a copy may go.
import { readdir, rm, rmdir, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isOwnName, unfinishedName } from './data-folder.ts'

export interface Disk {
  /** Null where the system does not say. */
  free(folder: string): Promise<number | null>
}

export interface OwnFile {
  readonly path: string
  readonly sizeBytes: number
}

/** How much lies in a data folder. */
export async function sizeOf(folder: string): Promise<number> {
  return (await ownFiles(folder)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

/** Files of ours, by their path inside of the folder. What vanishes while it is looked at is left out. */
export async function ownFiles(folder: string): Promise<OwnFile[]> {
  const found: OwnFile[] = []
  const look = async (path: string): Promise<void> => {
    const entry = await stat(join(folder, path)).catch(() => null)
    if (entry?.isFile()) found.push({ path, sizeBytes: entry.size })
    if (!entry?.isDirectory()) return
    for (const name of await readdir(join(folder, path)).catch(() => [])) await look(join(path, name))
  }
  for (const name of await readdir(folder).catch(() => []))
    if (isOwnName(name) && name !== unfinishedName) await look(name)
  return found
}

/** Whether a copy was begun there that never came to its end (this program was killed), and nothing else lies beside it. */
export async function isUnfinishedCopy(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => [])
  return names.includes(unfinishedName) && names.every(isOwnName)
}

/** The nearest folder above (or the path itself) that exists. */
export async function nearestStanding(path: string): Promise<string | null> {
  for (let at = path; ; at = dirname(at)) {
    if (await stat(at).catch(() => null)) return at
    if (dirname(at) === at) return null
  }
}

/** Takes away what a move made: the files in `target`, and the folders that did not stand before. */
export async function removeCopy(target: string, stood: string | null): Promise<void> {
  for (const name of await readdir(target).catch(() => []))
    if (isOwnName(name)) await rm(join(target, name), { recursive: true, force: true }).catch(() => undefined)
  await rm(join(target, unfinishedName), { force: true }).catch(() => undefined) // last: until then it can be seen what this is
  for (let at = target; stood !== null && at !== stood && at.startsWith(stood); at = dirname(at))
    await rmdir(at).catch(() => undefined)
}

/** Why nothing can be written in `folder`; null = it can. */
export async function tryWriting(folder: string): Promise<string | null> {
  const probe = join(folder, `.palm-writes-${process.pid}`)
  try {
    await writeFile(probe, '', { flag: 'wx' })
    await rm(probe, { force: true })
    return null
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)
  }
}

export const realDisk: Disk = {
  async free(folder) {
    try {
      const { bavail, bsize } = await statfs(folder)
      return bavail * bsize
    } catch {
      return null
    }
  },
}
