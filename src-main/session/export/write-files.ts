// Writes files beside where they shall be and renames then: whole or not at all.
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isDiskFull, PalmError } from '#contract/errors.ts'

/** By absolute path; folders of files are made. @throws PalmError `disk-full`, `input-unreadable` naming the file */
export async function writeFiles(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const drafts: { draft: string; path: string }[] = []
  let current = ''
  try {
    for (const [path, bytes] of files) {
      current = path
      const draft = `${path}.${randomBytes(4).toString('hex')}.part`
      drafts.push({ draft, path })
      const file = await open(draft, 'wx')
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
    }
    for (const { draft, path } of drafts) await rename(draft, path)
  } catch (cause) {
    await Promise.all(drafts.map(({ draft }) => rm(draft, { force: true })))
    const code = cause instanceof Error && 'code' in cause ? cause.code : null
    if (isDiskFull(cause))
      throw new PalmError(
        'disk-full',
        `The disk of ${dirname(current)} is full: ${current} was not written.`,
        String(cause),
        { cause },
      )
    if (code === 'ENOENT')
      throw new PalmError(
        'input-unreadable',
        `The folder ${dirname(current)} does not exist: ${current} was not written.`,
        String(cause),
        { cause },
      )
    throw new PalmError(
      'input-unreadable',
      `${current} cannot be written there. Choose another place.`,
      String(cause),
      { cause },
    )
  }
}

/** @throws PalmError `input-unreadable` */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null
    if (code === 'EEXIST') return
    throw new PalmError(
      'input-unreadable',
      `The folder ${path} cannot be made. Does the folder above it exist, and may you write there?`,
      String(cause),
      { cause },
    )
  })
}
