// Files that a browser hands over: written piece by piece below the data folder's `uploads`, never more than was announced, and gone when the upload is called
// off or no run needs them any more.
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isDiskFull, PalmError } from '#contract/errors.ts'
import type { UploadWrite } from '#contract/inputs/uploads.ts'

interface Under {
  readonly folder: string
  readonly bytes: number
  readonly files: number
  written: number
  readonly sizes: Map<string, number>
}

/** What no run refers to is kept this long: the form may still be open. */
const keptMs = 24 * 3_600_000
/** An upload that nothing more comes of. */
const patienceMs = 10 * 60_000
const spareBytes = 500 * 2 ** 20
/** Under way at once, over all pages. */
const mostUploads = 4

export class Uploads {
  private readonly folder: string
  private readonly spare: number
  private readonly under = new Map<string, Under & { timer: NodeJS.Timeout }>()

  /** `spare`: bytes that stay free for everything else. */
  constructor(dataFolder: string, spare = spareBytes) {
    this.folder = join(dataFolder, 'uploads')
    this.spare = spare
  }

  /** @throws PalmError `disk-full`, counting what other uploads have announced; `bad-request` where too many are under way */
  async begin({ bytes, files }: { readonly bytes: number; readonly files: number }): Promise<{ upload: string }> {
    if (this.under.size >= mostUploads)
      throw new PalmError(
        'bad-request',
        `${mostUploads} uploads are under way already. Wait until one has ended, or call one off.`,
      )
    const upload = randomUUID()
    const folder = join(this.folder, upload)
    // Counted before anything is waited for: two that begin at once do not pass together.
    this.under.set(upload, { folder, bytes, files, written: 0, sizes: new Map(), timer: this.patience(upload) })
    const { bavail, bsize } = await this.room(upload, folder)
    const announced = [...this.under.values()].reduce((sum, { bytes: all, written }) => sum + all - written, 0)
    if (bavail * bsize < announced + this.spare) {
      clearTimeout(this.get(upload).timer)
      this.under.delete(upload)
      await rm(folder, { recursive: true, force: true })
      throw new PalmError(
        'disk-full',
        'There is not enough room on the disk of the data folder for a copy. Type the path instead: the program reads the files in place.',
      )
    }
    return { upload }
  }

  /** @throws PalmError `bad-request` for more than was announced, or out of order; `disk-full` */
  async write({ upload, path, offset, data }: UploadWrite): Promise<void> {
    const under = this.get(upload)
    const bytes = Buffer.from(data, 'base64')
    const have = under.sizes.get(path) ?? 0
    if (offset !== have) throw new PalmError('bad-request', `A piece of ${path} came out of order.`)
    if (under.written + bytes.length > under.bytes || (!under.sizes.has(path) && under.sizes.size >= under.files))
      throw new PalmError('bad-request', 'More data arrived than was announced.')
    // Counted before it is written: two pieces at once cannot pass together.
    under.sizes.set(path, have + bytes.length)
    under.written += bytes.length
    under.timer.refresh()
    try {
      await writeAt(join(under.folder, path), bytes, offset)
    } catch (thrown) {
      // As if it had not come: the same piece may be sent again when there is room.
      if (have > 0) under.sizes.set(path, have)
      else under.sizes.delete(path)
      under.written -= bytes.length
      throw isDiskFull(thrown)
        ? new PalmError(
            'disk-full',
            'The disk of the data folder is full. Free some space and try again, or type the path instead: the program reads the files in place.',
            String(thrown),
            { cause: thrown },
          )
        : thrown
    }
  }

  /** Where it lies now. */
  finish(upload: string): { path: string } {
    const { folder, timer } = this.get(upload)
    clearTimeout(timer)
    this.under.delete(upload)
    return { path: folder }
  }

  /** One that is not there any more is no fault. */
  async cancel(upload: string): Promise<void> {
    const under = this.under.get(upload)
    if (!under) return
    clearTimeout(under.timer)
    this.under.delete(upload)
    await rm(under.folder, { recursive: true, force: true })
  }

  /** Removes what was cut off and what no run refers to. `used`: texts in which a path would stand. */
  async tidy(used: readonly string[]): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => [])) {
      if (this.under.has(name) || used.some((text) => text.includes(name))) continue
      const folder = join(this.folder, name)
      const info = await stat(folder).catch(() => null)
      if (info && Date.now() - info.mtimeMs > keptMs) await rm(folder, { recursive: true, force: true })
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.under.keys()].map((upload) => this.cancel(upload)))
  }

  /** Makes its folder; where that cannot be done the upload has not begun. */
  private async room(upload: string, folder: string): Promise<{ bavail: number; bsize: number }> {
    try {
      await mkdir(folder, { recursive: true })
      return await statfs(folder)
    } catch (thrown) {
      await this.cancel(upload)
      throw thrown
    }
  }

  private get(upload: string): Under & { timer: NodeJS.Timeout } {
    const under = this.under.get(upload)
    if (!under) throw new PalmError('bad-request', 'This upload has ended: start it again.')
    return under
  }

  private patience(upload: string): NodeJS.Timeout {
    return setTimeout(() => void this.cancel(upload), patienceMs).unref()
  }
}

/** All of it: on a disk that is nearly full a write takes a part and says how much. */
async function writeAt(target: string, bytes: Uint8Array, offset: number): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  const file = await open(target, offset === 0 ? 'w' : 'r+')
  try {
    for (let done = 0; done < bytes.length;)
      done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
  } finally {
    await file.close()
  }
}
