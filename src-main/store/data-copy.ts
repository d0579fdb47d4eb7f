// Copies a data folder: every file that is named, then the database as of one moment; checks the copy, and leads the paths in it to the new place. It runs for as
// long as a disk takes, in a process of its own (session/tasks/run-copy.ts). Which files are ours, and what becomes of the copy, is the host's to say.
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import Database from 'better-sqlite3'
import type { CopyOrder, CopyProgress } from '#contract/data/data-place.ts'
import { PalmError } from '#contract/errors.ts'
import { redirectPaths, verifyCopy } from './copied-database.ts'
import { storeError } from './open-database.ts'

export type CopyFile = (from: string, to: string, copied: (bytes: number) => void, signal: AbortSignal) => Promise<void>

/** A few megabytes: a hundredth of a second. */
const pagesAtOnce = 1024
/** Progress is told at most this often, ms. */
const tellEveryMs = 100

const copyPlainly: CopyFile = async (from, to, copied, signal) => {
  let bytes = 0
  const source = createReadStream(from, { highWaterMark: 1 << 20 })
  source.on('data', (chunk) => copied((bytes += chunk.length)))
  await pipeline(source, createWriteStream(to, { flags: 'wx', flush: true }), { signal })
}

/** @throws PalmError `disk-full`, `store-damaged`, `internal`; whatever `signal` was aborted with */
export async function copyData(
  { from, to, database, databaseBytes, files }: CopyOrder,
  told: (progress: CopyProgress) => void,
  signal: AbortSignal,
  copyFile: CopyFile = copyPlainly,
): Promise<void> {
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, databaseBytes)
  const tell = rarely(told)
  const copying = (bytes: number): void =>
    tell({ phase: 'copying', doneBytes: Math.min(totalBytes, bytes), totalBytes })
  let doneBytes = 0
  await mkdir(to, { recursive: true })
  for (const { path, sizeBytes } of files) {
    signal.throwIfAborted()
    await mkdir(dirname(join(to, path)), { recursive: true })
    await copyFile(join(from, path), join(to, path), (bytes) => copying(doneBytes + bytes), signal)
    doneBytes += sizeBytes
    copying(doneBytes)
  }
  await backUp(join(from, database), join(to, database), (share) => {
    signal.throwIfAborted()
    copying(doneBytes + share * databaseBytes)
  })
  told({ phase: 'checking', doneBytes: 0, totalBytes })
  await checkSizes(to, files)
  verifyCopy(join(from, database), join(to, database), (share) =>
    tell({ phase: 'checking', doneBytes: share * totalBytes, totalBytes }),
  )
  signal.throwIfAborted()
  redirectPaths(join(to, database), from, to)
}

/** The whole database as of one moment into a new file, while others go on reading. What `copied` throws ends it. @throws PalmError `disk-full`, `store-damaged` */
export async function backUp(from: string, to: string, copied: (share: number) => void): Promise<void> {
  const db = new Database(from, { fileMustExist: true })
  try {
    await db.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        copied(totalPages > 0 ? 1 - remainingPages / totalPages : 0)
        return pagesAtOnce
      },
    })
  } catch (thrown) {
    throw storeError(thrown, to)
  } finally {
    db.close()
  }
}

/** The log goes on growing meanwhile; everything else must be there to the byte. */
async function checkSizes(folder: string, files: CopyOrder['files']): Promise<void> {
  for (const { path, sizeBytes } of files) {
    const { size } = await stat(join(folder, path))
    if (path.startsWith(`logs${sep}`) ? size < sizeBytes : size !== sizeBytes)
      throw new PalmError(
        'internal',
        `The copy of ${path} has ${size} bytes instead of ${sizeBytes}. Nothing was changed.`,
      )
  }
}

function rarely(told: (progress: CopyProgress) => void): (progress: CopyProgress) => void {
  let toldAt = 0
  return (progress) => {
    const now = performance.now()
    if (now - toldAt < tellEveryMs) return
    toldAt = now
    told(progress)
  }
}
