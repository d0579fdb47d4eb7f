// What was dropped on the window: paths where the host gives them (Electron's preload), else the files themselves, folders walked through. Knows no form.
import type { FileToUpload } from '#renderer/lib/runs/dropped.ts'

interface PreloadFiles {
  pathOf(file: File): string
}

/** Null where the host gives no paths. */
export function pathsOf(files: Iterable<File>): string[] | null {
  const preload = (window as { palmFiles?: PreloadFiles }).palmFiles
  return preload ? [...files].map((file) => preload.pathOf(file)).filter((path) => path !== '') : null
}

/** Whether something with files in it is dragged, not a piece of text. */
export const hasFiles = (transfer: DataTransfer | null): boolean => transfer?.types.includes('Files') ?? false

/** More is not walked through: the limit says no to it anyway. */
const mostWalked = 50_000

/** Entries must be asked for while the event is handled; they are read after. */
export function filesOf(transfer: DataTransfer): Promise<FileToUpload[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  return entries.length > 0 ? walk(entries) : Promise.resolve(filesOfField(transfer.files))
}

/** Of a file field, `webkitdirectory` or not. */
export const filesOfField = (files: Iterable<File>): FileToUpload[] =>
  [...files].map((file) => named(file, file.webkitRelativePath || file.name))

async function walk(entries: readonly FileSystemEntry[]): Promise<FileToUpload[]> {
  const found: FileToUpload[] = []
  const waiting = [...entries]
  while (waiting.length > 0 && found.length < mostWalked) {
    const entry = waiting.shift() as FileSystemEntry
    const path = entry.fullPath.replace(/^\//, '')
    if (entry.isFile)
      found.push(
        named(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)), path),
      )
    else {
      const reader = (entry as FileSystemDirectoryEntry).createReader()
      for (;;) {
        // A reader gives a hundred at a time, and none at the end.
        const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
        if (some.length === 0) break
        waiting.push(...some)
      }
    }
  }
  return found
}

const named = (file: File, path: string): FileToUpload => ({
  path,
  size: file.size,
  slice: (from, to) => file.slice(from, to),
})
