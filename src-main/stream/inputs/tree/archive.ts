// What zip and tar archives have in common: which of their entries count, and what they are called.
import { basename } from 'node:path'
import { byCodePoint } from '#stream/inputs/listing.ts'
import type { Tree } from './tree-file.ts'

export const maxEntries = 20_000_000

/** A path inside an archive, or null for what is not to be taken: folders, hidden things, ways out of it. */
export function safePath(raw: string): string | null {
  const parts = raw
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
  if (
    raw.endsWith('/') ||
    parts.length === 0 ||
    parts.some((part) => part === '..' || part.startsWith('.') || part === '__MACOSX' || part.includes('\0'))
  )
    return null
  return parts.join('/')
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

export function archiveTree(root: string, parts: ReadonlyMap<string, Part>, header: boolean): Tree {
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
    emptyFolders: [],
    placeOf(path) {
      const part = parts.get(only + path)
      if (!part) throw new RangeError(`There is no ${path} in ${root}`)
      const { offset, packedBytes, sizeBytes, method } = part
      return { kind: 'part', path: root, offset, packedBytes, sizeBytes, method, header }
    },
  }
}
