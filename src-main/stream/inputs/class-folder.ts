// A folder of images: each folder directly below it is a class, with images in it or deeper. A folder with images but no class folders
// is an input without labels. Lists only; nothing is decoded here.
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { PalmError } from '../../contract/errors.ts'
import { imageExtensions } from '../images/decode.ts'

export interface FolderSample {
  /** Path relative to the input, with `/`: stable across machines, and what the random numbers of its corruption follow from. */
  readonly id: string
  readonly file: string
  /** Index into `classNames`; -1 without a label. */
  readonly classIndex: number
}

export interface FolderListing {
  readonly name: string
  readonly classNames: readonly string[]
  readonly emptyClasses: readonly string[]
  readonly samples: readonly FolderSample[]
}

const extensions: ReadonlySet<string> = new Set(imageExtensions)
const byCodePoint = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Sorted by class, then by path. @throws PalmError `input-unreadable`, `input-empty`, `input-labels` */
export async function listClassFolder(path: string): Promise<FolderListing> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new PalmError('input-unreadable', `The folder ${path} cannot be opened. Does it exist, and may you read it?`, String(cause), { cause })
  })
  if (!info.isDirectory()) throw new PalmError('input-unreadable', `${path} is a file. Give the folder that holds one folder of images per class.`)
  const entries = await list(path)
  const folders = entries.filter((entry) => entry.folder).map((entry) => entry.name)
  const loose = entries.filter((entry) => !entry.folder && isImage(entry.name)).map((entry) => entry.name)
  const name = basename(path)
  const classNames: string[] = []
  const emptyClasses: string[] = []
  const samples: FolderSample[] = []
  for (const folder of folders) {
    const found: string[] = []
    await collect(join(path, folder), folder, found, new Set([await realpath(path)]))
    if (found.length === 0) {
      emptyClasses.push(folder)
      continue
    }
    for (const id of found) samples.push({ id, file: join(path, ...id.split('/')), classIndex: classNames.length })
    classNames.push(folder)
  }
  if (classNames.length === 0 && loose.length > 0) {
    return { name, classNames: [], emptyClasses, samples: loose.map((file) => ({ id: file, file: join(path, file), classIndex: -1 })) }
  }
  if (samples.length === 0) {
    throw new PalmError('input-empty', `There are no images in ${path}. It should hold one folder per class with JPEG, PNG, WebP or BMP files in it.`)
  }
  if (classNames.length === 1) {
    throw new PalmError('input-labels', `${path} has images of one class only (“${classNames[0]}”). An error needs at least two classes: give the folder above it, or one with a folder per class.`)
  }
  return { name, classNames, emptyClasses, samples }
}

const isImage = (name: string) => extensions.has(extname(name).toLowerCase())

async function list(folder: string): Promise<{ name: string; folder: boolean }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new PalmError('input-unreadable', `The folder ${folder} cannot be read. May you open it?`, String(cause), { cause })
  })
  const out: { name: string; folder: boolean }[] = []
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    // A link counts as what it points to; a broken one as nothing.
    const target = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => null) : entry
    if (target?.isDirectory()) out.push({ name: entry.name, folder: true })
    else if (target?.isFile()) out.push({ name: entry.name, folder: false })
  }
  return out.sort((a, b) => byCodePoint(a.name, b.name))
}

/** Images in and below `folder`, as ids. `above` holds the real paths on the way down, against links that lead in a circle. */
async function collect(folder: string, prefix: string, found: string[], above: ReadonlySet<string>): Promise<void> {
  const real = await realpath(folder)
  if (above.has(real)) return
  for (const entry of await list(folder)) {
    const id = `${prefix}/${entry.name}`
    if (entry.folder) await collect(join(folder, entry.name), id, found, new Set([...above, real]))
    else if (isImage(entry.name)) found.push(id)
  }
}
