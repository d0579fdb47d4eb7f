// Files that travel with a lab's queue: models and small inputs, each file known by its SHA-256, so that it is sent and stored once.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { PalmError } from '#contract/errors.ts'
import { filesSchema, type QueuedFiles } from '#contract/sweeps/lab.ts'
import { rowsOf, type QueueDatabase } from './lab-tables.ts'

/** Of one content; a server keeps a file in one row. */
export const largestFilesBytes = 512 * 2 ** 20

export class LabFiles {
  private readonly db: QueueDatabase

  constructor(db: QueueDatabase) {
    this.db = db
  }

  async has(content: string): Promise<boolean> {
    return (
      (
        await rowsOf(this.db, z.object({ content: z.string() }), 'SELECT content FROM palm.files WHERE content = $1', [
          content,
        ])
      ).length > 0
    )
  }

  /** Sends what a content is read from. `files`: the first one is what an option names. */
  async put(content: string, files: readonly { readonly path: string; readonly file: string }[]): Promise<void> {
    const list: QueuedFiles = []
    for (const { path, file } of files) {
      const bytes = await readFile(file)
      const hash = createHash('sha256').update(bytes).digest('hex')
      await this.db.executeSql('INSERT INTO palm.blobs (hash, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        hash,
        bytes,
      ])
      list.push({ path, hash, size: bytes.length })
    }
    await this.db.executeSql('INSERT INTO palm.files (content, list) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      content,
      JSON.stringify(list),
    ])
  }

  /** Whether a content can be fetched. */
  async list(content: string): Promise<QueuedFiles | null> {
    const [row] = await rowsOf(
      this.db,
      z.object({ list: filesSchema }),
      'SELECT list FROM palm.files WHERE content = $1',
      [content],
    )
    return row?.list ?? null
  }

  /** Fetches them into `folder`, whole or not at all; each is held against its hash. @throws PalmError `input-unreadable` for one that is missing or another */
  async fetch(list: QueuedFiles, folder: string): Promise<void> {
    if (existsSync(folder)) return
    if (list.reduce((sum, { size }) => sum + size, 0) > largestFilesBytes)
      throw new PalmError('input-unreadable', 'The queue offers more files than a content may have.')
    const partial = `${folder}.${process.pid}.partial`
    try {
      for (const { path, hash, size } of list) {
        const [row] = await rowsOf(
          this.db,
          z.object({ bytes: z.instanceof(Uint8Array) }),
          'SELECT bytes FROM palm.blobs WHERE hash = $1',
          [hash],
        )
        if (row?.bytes.length !== size || createHash('sha256').update(row.bytes).digest('hex') !== hash)
          throw new PalmError('input-unreadable', `The queue’s copy of ${path} is missing or damaged.`)
        const file = join(partial, path)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, row.bytes)
      }
      await rename(partial, folder).catch((cause: unknown) => {
        // Another worker of this machine was quicker.
        if (!existsSync(folder)) throw cause
      })
    } finally {
      await rm(partial, { recursive: true, force: true })
    }
  }
}
