// Whether the data folder can be moved to a place, and if not, why.
import { readdir, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { DataCheck } from '#contract/data/data-place.ts'
import { nearestStanding, sizeOf, tryWriting, type Disk } from './data-files.ts'
import { isOwnName, isPointer, unfinishedName } from './data-folder.ts'

/** The database, and what it grows by until the move is over. */
const spareBytes = 64 << 20

/** `obstacle`: what stands against any move just now; null = nothing. */
export async function checkMove(
  folder: string,
  wanted: string,
  disk: Disk,
  obstacle: string | null,
): Promise<DataCheck> {
  const neededBytes = (await sizeOf(folder)) + spareBytes
  const refuse = (problem: string, freeBytes: number | null = null): DataCheck => ({ neededBytes, freeBytes, problem })
  if (obstacle !== null) return refuse(obstacle)
  if (!isAbsolute(wanted)) return refuse('Give the full path of the folder.')
  const target = resolve(wanted)
  const standing = await nearestStanding(target)
  if (standing === null) return refuse('That place does not exist.')
  const real = join(await realpath(standing), relative(standing, target))
  const now = await realpath(folder)
  if (real === now) return refuse('That is the data folder already.')
  if (real.startsWith(now + sep)) return refuse('That folder is inside the data folder. Choose one outside of it.')
  if (now.startsWith(real + sep)) return refuse('The data folder is inside that folder. Choose an empty folder.')
  if (standing === target) {
    if (!(await stat(target)).isDirectory())
      return refuse('That is a file. Choose an empty folder, or one that does not exist yet.')
    const there = (await readdir(target).catch(() => null))?.filter((name) => !isPointer(name))
    if (!there) return refuse('That folder cannot be read.')
    // What a move left that was cut off (a crash, a power cut) is cleared away by the next one.
    const leftOver = there.includes(unfinishedName) && there.every((name) => name === unfinishedName || isOwnName(name))
    if (there.length > 0 && !leftOver)
      return refuse('That folder is not empty. Choose an empty one, or one that does not exist yet.')
  }
  const writeProblem = await tryWriting(standing)
  if (writeProblem !== null) return refuse(`Nothing can be written in ${standing} (${writeProblem}).`)
  const freeBytes = await disk.free(standing)
  if (freeBytes !== null && freeBytes < neededBytes)
    return refuse(
      `There is too little space: ${megabytes(neededBytes)} is needed, ${megabytes(freeBytes)} is free.`,
      freeBytes,
    )
  return { neededBytes, freeBytes, problem: null }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`
