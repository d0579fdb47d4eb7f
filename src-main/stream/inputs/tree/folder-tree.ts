// The files of a folder and of those below it.
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PalmError } from '#contract/errors.ts'
import { byCodePoint } from '#stream/inputs/listing.ts'
import { notOurs, unreadable, type Tree, type TreeFile } from './tree-file.ts'

/** @throws PalmError `input-unreadable` */
export async function folderTree(root: string): Promise<Tree> {
  const files: TreeFile[] = []
  const emptyFolders: string[] = []
  await walk(root, '', files, emptyFolders, new Set(), { left: maxLinks })
  return {
    name: basename(root),
    root,
    files,
    emptyFolders,
    placeOf: (path) => ({ kind: 'file', path: join(root, ...path.split('/')) }),
  }
}

/** Links to folders that are followed: a few that point at each other make more ways than anyone can walk. */
const maxLinks = 10_000

/** `above` holds the real paths on the way down, against links that lead in a circle. @returns whether there was any file */
async function walk(
  folder: string,
  prefix: string,
  files: TreeFile[],
  emptyFolders: string[],
  above: ReadonlySet<string>,
  links: { left: number },
): Promise<boolean> {
  const real = await realpath(folder).catch((cause: unknown) => {
    throw unreadable(`The folder ${folder}`, 'it may be nested too deeply, or not be open to you', cause)
  })
  if (above.has(real)) return false
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new PalmError('input-unreadable', `The folder ${folder} cannot be read. May you open it?`, String(cause), {
      cause,
    })
  })
  const found: { name: string; folder: boolean; link: boolean }[] = []
  for (const entry of entries) {
    if (entry.name.startsWith('.') || notOurs.has(entry.name)) continue
    // A link counts as what it points to; a broken one as nothing.
    const target = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => null) : entry
    if (target?.isDirectory()) found.push({ name: entry.name, folder: true, link: entry.isSymbolicLink() })
    else if (target?.isFile()) found.push({ name: entry.name, folder: false, link: false })
  }
  found.sort((a, b) => byCodePoint(a.name, b.name))
  let any = false
  for (const { name, folder: deeper, link } of found) {
    if (link && --links.left < 0)
      throw unreadable(`The folder ${folder}`, `there are more than ${maxLinks} links to folders on the way to it`)
    const path = prefix === '' ? name : `${prefix}/${name}`
    if (!deeper) {
      files.push({ path, sizeBytes: null, timeMs: null })
      any = true
    } else if (await walk(join(folder, name), path, files, emptyFolders, new Set([...above, real]), links)) any = true
    else emptyFolders.push(path)
  }
  return any
}
