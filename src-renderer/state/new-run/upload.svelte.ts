// Handing files over to the program where a browser gives no path: piece by piece, with progress, until it is over or called off. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError } from '#contract/errors.ts'
import { uploadLimits, uploadPathSchema } from '#contract/inputs/uploads.ts'
import {
  isImageFile,
  isModelFile,
  sortDropped,
  type FileToUpload,
  type SortedDrop,
} from '#renderer/lib/runs/dropped.ts'
import { bytes } from '#renderer/lib/text/format.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

const tableEndings = ['.csv', '.tsv', '.jsonl', '.zip', '.tar', '.tgz', '.gz', '.npy', '.npz', '.json', '.bin']
const wanted = (path: string) =>
  isImageFile(path) || isModelFile(path) || tableEndings.some((ending) => path.toLowerCase().endsWith(ending))
const hidden = (path: string) => path.split('/').some((part) => part.startsWith('.'))

export class Upload {
  /** What is under way; '' = nothing. */
  name = $state('')
  done = $state(0)
  total = $state(0)
  problem = $state('')
  private calledOff = false
  private readonly client: Pick<PalmClient, 'call'>

  constructor(client: Pick<PalmClient, 'call'>) {
    this.client = client
  }

  get busy(): boolean {
    return this.name !== ''
  }

  cancel(): void {
    this.calledOff = true
  }

  /** @returns where images and model lie now; null with the reason in `problem` ('' = called off) */
  async take(files: readonly FileToUpload[]): Promise<SortedDrop | null> {
    if (this.busy) return null
    const text = strings.setup
    this.problem = ''
    const kept = files.filter(({ path }) => wanted(path) && !hidden(path) && uploadPathSchema.safeParse(path).success)
    const size = kept.reduce((sum, file) => sum + file.size, 0)
    if (kept.length === 0) this.problem = text.uploadEmpty
    else if (kept.length > uploadLimits.files) this.problem = text.uploadTooMany(kept.length, uploadLimits.files)
    else if (size > uploadLimits.bytes) this.problem = text.uploadTooMuch(bytes(size), bytes(uploadLimits.bytes))
    if (this.problem !== '') return null
    const tops = [...new Set(kept.map(({ path }) => path.split('/')[0] as string))]
    this.name = tops.length === 1 ? (tops[0] as string) : `${tops[0]} …`
    this.done = 0
    this.total = size
    this.calledOff = false
    let upload: string | null = null
    try {
      upload = (await this.client.call('uploads.begin', { files: kept.length, bytes: size })).upload
      for (const file of kept) if (!(await this.send(upload, file))) break
      if (this.calledOff) {
        await this.client.call('uploads.cancel', { upload })
        return null
      }
      const { path } = await this.client.call('uploads.finish', { upload })
      const sorted = sortDropped(tops.map((top) => `${path}/${top}`))
      return { ...sorted, note: text.uploadNote }
    } catch (thrown) {
      this.problem = toWireError(thrown).message
      if (upload !== null) await this.client.call('uploads.cancel', { upload }).catch(() => undefined) // it ends by itself when nothing more comes
      return null
    } finally {
      this.name = ''
    }
  }

  /** @returns false when it was called off */
  private async send(upload: string, file: FileToUpload): Promise<boolean> {
    for (let at = 0; at === 0 || at < file.size; at += uploadLimits.pieceBytes) {
      if (this.calledOff) return false
      const piece = new Uint8Array(
        await file.slice(at, Math.min(file.size, at + uploadLimits.pieceBytes)).arrayBuffer(),
      )
      await this.client.call('uploads.write', { upload, path: file.path, offset: at, data: base64(piece) })
      this.done += piece.length
    }
    return true
  }
}

function base64(piece: Uint8Array): string {
  let text = ''
  for (let at = 0; at < piece.length; at += 0x8000) text += String.fromCharCode(...piece.subarray(at, at + 0x8000))
  return btoa(text)
}
