// What zip and tar archives have in common: which of their entries count, and what they are called.
import { basename } from 'node:path'
import { byCodePoint } from '#stream/inputs/listing.ts'
import { notOurs, type Tree } from './tree-file.ts'

export const maxEntries = 20_000_000

/** A path inside an archive, a folder's with a `/` at its end; null for what is not to be taken: hidden things, ways out of it. */
export function safePath(raw: string): string | null {
  const parts = raw
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
  if (
    parts.length === 0 ||
    parts.some((part) => part === '..' || part.startsWith('.') || notOurs.has(part) || part.includes('\0'))
  )
    return null
  return `${parts.join('/')}${/[\\/]$/.test(raw) ? '/' : ''}`
}

/** Null for what no calendar has: archives may say anything. */
export const knownTime = (ms: number | null): number | null => (ms !== null && Math.abs(ms) <= 8.64e15 ? ms : null)

export interface Part {
  readonly offset: number
  readonly packedBytes: number
  readonly sizeBytes: number
  readonly method: 0 | 8
  readonly timeMs: number | null
}

/** `parts` by their paths; `folders`: those that the archive names, each with a `/` at its end. */
export function archiveTree(
  root: string,
  parts: ReadonlyMap<string, Part>,
  folders: ReadonlySet<string>,
  header: boolean,
): Tree {
  // One folder around everything is the archive's own name, not a class.
  const tops = new Set([...parts.keys()].map((path) => path.split('/', 1)[0]))
  const only = tops.size === 1 && [...parts.keys()].every((path) => path.includes('/')) ? `${[...tops][0]}/` : ''
  const short = (path: string) => path.slice(only.length)
  const files = [...parts]
    .map(([path, { sizeBytes, timeMs }]) => ({ path: short(path), sizeBytes, timeMs }))
    .sort((a, b) => byCodePoint(a.path, b.path))
  return {
    name: basename(root).replace(/\.(zip|tar|npz)$/i, ''),
    root,
    files,
    emptyFolders: emptyAmong(folders, parts.keys())
      .filter((path) => path.startsWith(only) && path !== only)
      .map(short),
    placeOf(path) {
      const part = parts.get(only + path)
      if (!part) throw new RangeError(`There is no ${path} in ${root}`)
      const { offset, packedBytes, sizeBytes, method } = part
      return { kind: 'part', path: root, offset, packedBytes, sizeBytes, method, header }
    },
  }
}

/** Those folders in and below which no file lies, without their `/`. */
function emptyAmong(folders: ReadonlySet<string>, files: Iterable<string>): string[] {
  if (folders.size === 0) return []
  const filled = new Set<string>()
  for (const path of files)
    for (let at = path.lastIndexOf('/'); at > 0 && !filled.has(path.slice(0, at)); at = path.lastIndexOf('/', at - 1))
      filled.add(path.slice(0, at))
  return [...folders]
    .map((path) => path.slice(0, -1))
    .filter((path) => !filled.has(path))
    .sort(byCodePoint)
}

/** What an archive holds, as its entries come. */
export class ArchiveParts {
  readonly parts = new Map<string, Part>()
  readonly folders = new Set<string>()

  /** `part` null = it cannot be read. @returns whether there are more entries than any archive has */
  add(rawPath: string, part: Part | null): boolean {
    const path = safePath(rawPath)
    if (path?.endsWith('/')) this.folders.add(path)
    else if (path && part) this.parts.set(path, part)
    return this.parts.size + this.folders.size > maxEntries
  }
}
